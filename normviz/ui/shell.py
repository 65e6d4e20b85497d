"""The script that Streamlit runs for every visitor: page frame and navigation."""

from pathlib import Path

import streamlit as st

from normviz.lessons import LESSONS

PAGES = Path(__file__).parents[2] / "pages"

st.set_page_config(
    page_title="normviz", page_icon=str(Path(__file__).with_name("icon.svg")), layout="wide"
)
lessons = [
    st.Page(PAGES / f"{name}.py", title=f"{number}. {lesson.title}", url_path=name)
    for number, (name, lesson) in enumerate(LESSONS.items(), 1)
]
st.navigation(
    {"": [st.Page(PAGES / "lab.py", title="Lab", default=True)], "Lessons": lessons},
    position="top",
).run()
