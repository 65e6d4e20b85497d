"""What makes Streamlit's own parts of the page fit every pair of eyes: contrast, stillness, type on huge screens."""

import streamlit as st

#: Captions are 7:1 on their ground, Streamlit's 4.4:1. On the dark theme's light primary colour stands dark text (5:1),
#: Streamlit's is white (3.5:1); what is chosen is lighter there (7:1, not 4:1). Where a window is as wide as a wall,
#: type grows with it.
_STYLE = """<style>
.stApp [data-testid="stCaptionContainer"][data-testid] { opacity: 0.8; }
.stApp [data-testid="stBaseButton-primary"][data-testid]:enabled { color: light-dark(#ffffff, #0f1519); }
.stApp [data-testid="stMultiSelect"] span[title], .stApp [data-testid="stMultiSelect"] span[title] ~ * {
  color: light-dark(#ffffff, #0f1519);
}
.stApp :is([data-testid$="Active"], [role="radio"][aria-checked="true"]) p { color: light-dark(#005b8f, #7cc6f0); }
@media (min-width: 2800px) {
  html:root { font-size: 28px; }
  [data-testid="stSidebar"][data-collapsed="false"] { min-width: 24rem; }
}
@media (prefers-reduced-motion: reduce) {
  .stApp *, .stApp *::before, .stApp *::after {
    animation-duration: 0.01ms !important; animation-iteration-count: 1 !important;
    transition-duration: 0.01ms !important; scroll-behavior: auto !important;
  }
}
</style>"""


def draw() -> None:
    """Set the style that all pages have."""
    st.html(_STYLE)
