"""How the lessons' figures look: type that a back row can read, and no ground of their own."""

import plotly.graph_objects as go

#: Two colours that colour-blind people tell apart too, and that stand out on white and on black.
FIRST, SECOND = "#0072b2", "#d55e00"
THIRD, FOURTH = "#009e73", "#cc79a7"
PALE = "#8a95a0"


def figure(x: str, y: str, height: int = 380) -> go.Figure:
    """Return an empty figure; ``x`` and ``y`` name the axes, with their units."""
    made = go.Figure()
    made.update_layout(
        height=height,
        margin={"l": 70, "r": 20, "t": 50, "b": 60},
        font={"size": 15},
        legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "font": {"size": 15}},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        hovermode="closest",
    )
    made.update_xaxes(title={"text": x, "font": {"size": 16}}, tickfont={"size": 14})
    made.update_yaxes(title={"text": y, "font": {"size": 16}}, tickfont={"size": 14})
    return made


def logarithmic(made: go.Figure) -> go.Figure:
    """Make the vertical axis decimal-logarithmic, with powers of ten as its numbers."""
    made.update_yaxes(type="log", exponentformat="power", dtick=None)
    return made
