"""Functions that a script takes over from this package as they stand, without their types."""

import ast
from collections.abc import Iterable
from importlib.resources import files
from typing import TypeGuard


def functions(name: str, leave_out: Iterable[str] = ()) -> str:
    """Return the functions and constants of a module of :mod:`normviz.data` as text.

    Imports, types and decorated functions, which load data sets, are dropped.
    """
    tree = ast.parse(files("normviz.data").joinpath(name).read_text(encoding="utf-8"))
    kept = list[str]()
    for node in tree.body:
        if _is_plain(node) and node.name not in leave_out:
            kept.append("\n\n" + ast.unparse(ast.fix_missing_locations(_Untyped().visit(node))))
        elif isinstance(node, ast.Assign) and not isinstance(node.value, ast.Subscript):
            kept.append(ast.unparse(node))
    return "\n\n" + "\n".join(kept) + "\n"


def _is_plain(node: ast.stmt) -> TypeGuard[ast.FunctionDef]:
    return isinstance(node, ast.FunctionDef) and not node.decorator_list


class _Untyped(ast.NodeTransformer):
    """Takes the types out."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.returns = None
        self.generic_visit(node)
        return node

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.annotation = None
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        assert node.value is not None
        return ast.copy_location(ast.Assign([node.target], node.value), node)
