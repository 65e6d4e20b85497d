"""What trains here: the versions of all that computes, by which numbers are told to be the same as earlier ones."""

import hashlib
import platform
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PACKAGES = ("torch", "numpy", "streamlit", "mlxtend")


@cache
def versions() -> dict[str, str]:
    """Return the versions of Python, of what computes, and of normviz's own code."""
    return {
        "python": platform.python_version(),
        "normviz": own(),
        **{name: _installed(name) for name in PACKAGES},
    }


def _installed(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


@cache
def own() -> str:
    """Return what tells one normviz from another: a digest of all its Python files."""
    root = Path(__file__).parents[1]
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*.py")):
        digest.update(path.relative_to(root).as_posix().encode() + path.read_bytes())
    return f"code {digest.hexdigest()[:12]}"


@cache
def build() -> str:
    """Return all that a run's numbers depend on beside its configuration, in one line."""
    return ", ".join(f"{name} {text}" for name, text in (*versions().items(), _architecture()))


def _architecture() -> tuple[str, str]:
    return "machine", platform.machine()
