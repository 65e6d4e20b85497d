"""What the pages of the lessons have in common: lines that can be read, and room for the charts."""

import streamlit as st

_STYLE = """<style>
[data-testid="stMainBlockContainer"] { padding: 1.2rem 1.5rem 3rem; max-width: 84rem; }
[data-testid="stMainBlockContainer"] [data-testid="stMarkdownContainer"] > :is(p, ul, ol) { max-width: 46rem; }
[data-testid="stMainBlockContainer"] h1 { padding-top: 0; }
[data-testid="stMain"] [data-testid="stButtonGroup"] [role="radiogroup"] { flex-wrap: wrap; overflow: visible; }
[data-testid="stHeader"] { pointer-events: none; }
[data-testid="stHeader"] div { pointer-events: none; }
[data-testid="stHeader"] button { pointer-events: auto; }
.stApp:has([data-testid="stExpandSidebarButton"]) [data-testid="stMainBlockContainer"] { padding-top: 3.2rem; }
[data-testid="stMarkdownContainer"] table :is(td:last-child, .katex, .katex *) { white-space: nowrap; }
[data-testid="stMarkdownContainer"] .katex-display { padding: 0.35rem 0; }
@media (hover: none) { [data-testid="stMain"] .modebar-container { display: none; } }
@media (min-width: 701px) { [data-testid="stHeader"] { background: transparent; } }
@media (max-width: 700px) {
  .stApp [data-testid="stMainBlockContainer"][data-testid] { padding: 4.5rem 0.9rem 2rem; }
  [data-testid="stMarkdownContainer"] table { font-size: 0.9rem; line-height: 1.35; }
  [data-testid="stMarkdownContainer"] table :is(th, td) { padding: 0.35rem 0.4rem; }
  [data-testid="stMarkdownContainer"] table .katex { font-size: 0.9em; }
}
</style>"""


def draw() -> None:
    """Set the page's style."""
    st.html(_STYLE)
