"""Any link that a person may have edited by hand, opened in the Lab and in a lesson."""

from urllib.parse import urlencode

from hypothesis import given
from hypothesis import strategies as st

from normviz.config import LaneConfig
from normviz.lessons import LESSONS
from tests.fuzz import texts
from tests.property.strategies import any_text

LETTERS = ("", "b.", "c.", "d.", "e.", "2.", "3.")
fields = st.sampled_from([*LaneConfig.model_fields, "steps", "guess", "run", "recording", "view"])
names = st.builds(
    lambda letter, field, at: f"{letter}{field}{at}",
    st.sampled_from(LETTERS),
    fields,
    st.sampled_from(["", "@5", "@0", "@99999999999", "@x"]),
)
numbers = st.integers().map(str) | st.floats().map(str)
words = st.sampled_from(["batch", "true", "skipped", "0.1_0.2_0.3", "1e999", ""])
links = st.dictionaries(names | any_text(), numbers | words | any_text(), max_size=6).map(
    lambda query: urlencode(query, errors="replace").encode()
)


@given(links)
def test_the_lab_opens_by_any_link(link: bytes):
    texts.read_page(link)


@given(st.integers(0, len(LESSONS) - 1), links)
def test_every_lesson_opens_by_any_link(number: int, link: bytes):
    texts.read_lesson(bytes([number]) + link)
