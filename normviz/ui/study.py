"""A published figure beside ours: what its source says, and a run of it that a visitor may start."""

from normviz.language import _
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
            "title": _(entry.title),
            "source": _(entry.source),
            **supplied("study"),
        },
    )
