"""What the pages of the lessons have in common: lines that can be read, and room for the charts."""

import streamlit as st

_STYLE = """<style>
[data-testid="stMainBlockContainer"] { padding: 1.2rem 1.5rem 3rem; max-width: 84rem; }
[data-testid="stMainBlockContainer"] [data-testid="stMarkdownContainer"] > :is(p, ul, ol) { max-width: 46rem; }
[data-testid="stMainBlockContainer"] h1 { padding-top: 0; }
[data-testid="stMain"] [data-testid="stButtonGroup"] [role="radiogroup"] { flex-wrap: wrap; overflow: visible; }
[data-testid="stHeader"] { background: transparent; pointer-events: none; }
[data-testid="stHeader"] div { pointer-events: none; }
[data-testid="stHeader"] button { pointer-events: auto; }
.stApp:has([data-testid="stExpandSidebarButton"]) [data-testid="stMainBlockContainer"] { padding-top: 3.2rem; }
@media (max-width: 700px) { [data-testid="stMainBlockContainer"] { padding: 3.2rem 0.9rem 2rem; } }
</style>"""


def draw() -> None:
    """Set the page's style."""
    st.html(_STYLE)
