"""The Lab page: controls at the left, the live view at the right, the configuration in the link."""

import streamlit as st

from normviz.ui import controls, link, live

#: On wide screens the page's header floats above the view, so that the view starts at the top of the window.
_STYLE = """<style>
[data-testid="stMainBlockContainer"] { padding: 4rem 0.75rem 0.5rem; }
[data-testid="stSidebarHeader"] { height: 2.5rem; margin-bottom: 0; padding-top: 0.4rem; padding-bottom: 0; }
[data-testid="stSidebarUserContent"] { padding-top: 0; padding-bottom: 2rem; }
[data-testid="stSidebar"] [data-testid="stVerticalBlock"] { gap: 0.6rem; }
[data-testid="stSidebar"] h3 { padding: 0.4rem 0; }
[data-testid="stSidebar"] [data-testid="stCaptionContainer"] { margin-top: -0.4rem; line-height: 1.35; }
@media (min-width: 1100px) {
  [data-testid="stHeader"] { background: transparent; pointer-events: none; }
  [data-testid="stHeader"] button { pointer-events: auto; }
  [data-testid="stMainBlockContainer"] { padding: 0.6rem 1rem 0.5rem; }
  .stApp:has([data-testid="stExpandSidebarButton"]) [data-testid="stMainBlockContainer"] { padding-top: 3.2rem; }
}
</style>"""


def page() -> None:
    """Draw the page."""
    st.html(_STYLE)
    link.restore(st.session_state, st.query_params)
    with st.sidebar:
        controls.draw()
    config = link.current(st.session_state)
    link.write(config, st.query_params)
    if problems := link.problems(st.session_state):
        lines = (
            f"- {_verbatim(p.field)} is {_verbatim(p.value)}; allowed: {p.allowed}"
            for p in problems
        )
        st.error(
            "\n".join(["The link is not one of ours, so this is the default network.", "", *lines])
        )
    live.view(config)


def _verbatim(text: str) -> str:
    """Show text from outside as it is, without its Markdown taking effect."""
    return "`" + text.replace("`", "'") + "`"
