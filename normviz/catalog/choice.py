"""What an entry of a table is."""

from dataclasses import dataclass
from pkgutil import resolve_name
from typing import Any

from normviz.language import N_, _


@dataclass(frozen=True)
class Choice:
    """One entry of a table. Its words are English and marked; they are looked up where they are shown.

    Attributes:
        label: what the control shows.
        formula: one line of LaTeX without dollar signs; empty when there is nothing to write.
        about: one plain sentence.
        target: where the implementation is, ``"package.module:attribute"``.
        uses: further fields of a lane's configuration that the implementation takes, by keyword. A field that some
            choice names here has no effect with the others, and its control is shown with those that name it.
        shows: further fields that have an effect with it and that somebody else takes; their controls are shown too.
        here: ``"package.module:attribute"`` of a function ``() -> bool`` that tells, quickly and without torch, whether
            this machine has what the implementation needs; empty when nothing is needed.
        download: ``"package.module:attribute"`` of the :class:`normviz.data.idx.Source` that can be downloaded when it
            is not here; empty when there is none.
        found: ``"package.module:attribute"`` of a function ``() -> str`` that says in a sentence, without torch, what
            of it this machine has; empty when there is nothing to say.
        private: whether it is a visitor's own, of which nothing is kept.
        missing: what its control says where it is not available; empty when there is nothing to say.
    """

    label: str
    formula: str
    about: str
    target: str
    uses: tuple[str, ...] = ()
    shows: tuple[str, ...] = ()
    here: str = ""
    download: str = ""
    found: str = ""
    private: bool = False
    missing: str = N_("not on this server")

    def load(self) -> Any:  # noqa: ANN401 - each table documents what its targets are
        """Import and return the implementation."""
        return resolve_name(self.target)

    def available(self) -> bool:
        """Tell whether it can be used on this machine."""
        return not self.here or resolve_name(self.here)()

    def touches(self, field: str) -> bool:
        """Tell whether a field is one of those that have an effect with this choice because of it."""
        return field in self.uses or field in self.shows

    def remote(self) -> Any:  # noqa: ANN401 - a Source, which this layer does not know
        """Return what can be downloaded."""
        return resolve_name(self.download)

    def explanation(self) -> str:
        """Return what it is, and what of it this machine has, in the language that is spoken here."""
        return f"{_(self.about)} {resolve_name(self.found)()}" if self.found else _(self.about)

    def settings(self, config: object) -> dict[str, Any]:
        """Return the fields of a lane's configuration that the implementation takes."""
        return {field: getattr(config, field) for field in self.uses}


Catalog = dict[str, Choice]
