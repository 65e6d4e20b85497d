"""A published figure beside ours: what its source says, and a run of it that a visitor may start."""

from normviz.language import language, told
from normviz.reproduce import FIGURES
from normviz.ui.component import component, supplied


def draw(figure: str) -> None:
    """Show a figure; its component starts, follows and cancels a run of it over its own WebSocket.

    Raises:
        KeyError: there is no figure of that name.
    """
    entry = FIGURES[figure]
    component("study")(
        key=f"study.{figure}",
        data={
            "figure": figure,
            "title": told(entry.title),
            "source": told(entry.source),
            "language": language(),
            **supplied("study"),
        },
    )
