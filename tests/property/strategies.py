"""What property tests draw from."""

from typing import Any

from hypothesis import strategies as st

from normviz.config import CHOICES, TURNABLE, LaneConfig, RunConfig, bounds, parse

LETTERS = "bcd"


def setting(field: str) -> st.SearchStrategy[Any]:
    """Any value that a field takes."""
    if field in CHOICES:
        return st.sampled_from(sorted(CHOICES[field]))
    kind = LaneConfig.model_fields[field].annotation
    if kind is bool:
        return st.booleans()
    if kind is str:
        return st.sampled_from(["", "0123456789abcdef"])
    low, high = bounds(field)
    return st.floats(low, high) if kind is float else st.integers(int(low or 0), int(high or 0))


def lane(**fixed: st.SearchStrategy[Any]) -> st.SearchStrategy[LaneConfig]:
    """Any lane, with the fields in ``fixed`` drawn from there."""
    return st.builds(LaneConfig, **{f: fixed.get(f, setting(f)) for f in LaneConfig.model_fields})


changes = st.fixed_dictionaries(
    {}, optional={f: setting(f) for f in LaneConfig.model_fields}
).filter(len)


interventions = st.fixed_dictionaries(
    {
        "lane": st.integers(0, len(LETTERS)),
        "at": st.integers(1, 99_999),
        "changes": st.fixed_dictionaries({}, optional={f: setting(f) for f in TURNABLE}),
    }
)


@st.composite
def configs(draw: st.DrawFn) -> RunConfig:
    """Any valid configuration of one to four lanes, with changes on the way."""
    data = {
        "lane": draw(lane()).model_dump(),
        "others": draw(st.lists(changes, max_size=len(LETTERS))),
        "interventions": draw(st.lists(interventions, max_size=3)),
        "steps": draw(st.integers(1, 100_000)),
    }
    return parse(data)


def any_text() -> st.SearchStrategy[str]:
    """Any text, half surrogate pairs included: what a hand-edited link may hold."""
    return st.text(st.characters(), max_size=20)


json_like = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | any_text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(any_text(), inner, max_size=4),
    max_leaves=12,
)
