"""A lesson's figure, and below it what it shows, in words and as tables."""

from html import escape
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from normviz.charts.lessons import reading
from normviz.charts.lessons.reading import Table
from normviz.language import _

_LIGHT, _DARK = "#49525b", "#c3ccd3"
_STYLE = """<style>
.numbers-of-plot { overflow-x: auto; }
.numbers-of-plot:focus-visible { outline: 3px solid var(--st-primary-color, #005b8f); outline-offset: 2px; }
.numbers-of-plot table { border-collapse: collapse; margin: 0 0 1rem; font-variant-numeric: tabular-nums; }
.numbers-of-plot caption { text-align: left; font-weight: 600; padding-bottom: 0.3rem; }
.numbers-of-plot :is(th, td) { text-align: right; padding: 0.2rem 0.7rem; border-bottom: 1px solid #8a95a0; }
.numbers-of-plot tr > th:first-child { text-align: left; }
</style>"""


def draw(figure: go.Figure, key: str, place: Any = st, **more: Any) -> None:  # noqa: ANN401 - Streamlit's containers
    """Draw a figure in ``place``, with what it shows in words and numbers behind a line that opens.

    ``more`` goes to ``st.plotly_chart``.
    """
    place.plotly_chart(_readable(figure), key=key, **more)
    said, tables = reading.words(figure), reading.tables(figure)
    if not said and not tables:
        return
    with place.expander(_("This figure in words and numbers"), icon=":material/table_rows:"):
        if said:
            st.markdown("\n".join(f"- {_safe(each)}" for each in said))
        st.html(_STYLE + "".join(html(each) for each in tables))


def _readable(figure: go.Figure) -> go.Figure:
    """Write names and numbers of axes in a colour of 7:1 on the theme's ground; Plotly's own has 3.7:1 in Streamlit."""
    color = _DARK if st.context.theme.type == "dark" else _LIGHT
    for update in (figure.update_xaxes, figure.update_yaxes):
        update(title_font_color=color, tickfont_color=color)
    bar = {"tickfont": {"color": color}, "title": {"font": {"color": color}}}
    figure.update_traces({"colorbar": bar}, selector={"type": "heatmap"})
    return figure.update_layout(legend_font_color=color)


def _safe(text: str) -> str:
    """Return a text with what Markdown would read as markup taken literally."""
    for sign in "\\`*_$~[]<>|:":
        text = text.replace(sign, "\\" + sign)
    return text


def html(table: Table) -> str:
    """Return a table as markup: a caption, a head for each column and one for each row."""
    heads = "".join(f'<th scope="col">{escape(each)}</th>' for each in (table.head, *table.columns))
    rows = "".join(
        f'<tr><th scope="row">{escape(name)}</th>{"".join(f"<td>{escape(each)}</td>" for each in cells)}</tr>'
        for name, *cells in table.rows
    )
    caption = escape(table.caption)
    return (
        f'<div class="numbers-of-plot" tabindex="0" role="region" aria-label="{caption}"><table>'
        f"<caption>{caption}</caption><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>"
    )
