"""What an entry of a table is."""

from dataclasses import dataclass
from pkgutil import resolve_name
from typing import Any


@dataclass(frozen=True)
class Choice:
    """One entry of a table.

    Attributes:
        label: what the control shows.
        formula: one line of LaTeX without dollar signs; empty when there is nothing to write.
        about: one plain sentence.
        target: where the implementation is, ``"package.module:attribute"``.
        uses: further fields of a lane's configuration that the implementation takes, by keyword. A field that some
            choice names here has no effect with the others, and its control is shown with those that name it.
        here: ``"package.module:attribute"`` of a function ``() -> bool`` that tells, quickly and without torch, whether
            this machine has what the implementation needs; empty when nothing is needed.
    """

    label: str
    formula: str
    about: str
    target: str
    uses: tuple[str, ...] = ()
    here: str = ""

    def load(self) -> Any:  # noqa: ANN401 - each table documents what its targets are
        """Import and return the implementation."""
        return resolve_name(self.target)

    def available(self) -> bool:
        """Tell whether it can be used on this machine."""
        return not self.here or resolve_name(self.here)()

    def settings(self, config: object) -> dict[str, Any]:
        """Return the fields of a lane's configuration that the implementation takes."""
        return {field: getattr(config, field) for field in self.uses}


Catalog = dict[str, Choice]
