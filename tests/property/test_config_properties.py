"""Links and keys of all configurations, and what happens to anything else."""

import json
from collections.abc import Callable
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from normviz.config import ConfigError, LaneConfig, Problem, RunConfig, from_link, parse, to_link
from tests.property.strategies import LETTERS, any_text, configs, json_like, setting


@given(configs())
def test_a_link_gives_the_configuration_back(config: RunConfig):
    link = to_link(config)
    assert all(isinstance(value, str) for value in link.values())
    assert from_link(link) == config
    assert from_link(link).key() == config.key()


@given(configs())
def test_canonical_json_gives_the_configuration_back(config: RunConfig):
    assert parse(json.loads(config.canonical())) == config


@given(configs(), st.randoms())
def test_equal_configurations_have_equal_keys(config: RunConfig, random: Any):
    fields = list(config.lane.model_dump().items())
    random.shuffle(fields)
    again = parse(
        {
            "steps": config.steps,
            "others": config.changes(),
            "interventions": [each.model_dump(exclude_none=True) for each in config.interventions],
            "lane": dict(fields),
        }
    )
    assert again == config
    assert again.key() == config.key()
    assert again.canonical() == config.canonical()
    assert len(config.key()) == 16
    assert int(config.key(), 16) >= 0


@given(configs(), st.sampled_from(list(LaneConfig.model_fields)), st.data())
def test_any_changed_field_changes_the_key(config: RunConfig, field: str, data: st.DataObject):
    value = data.draw(setting(field))
    assume(value != getattr(config.lane, field))
    lane = config.lane.model_copy(update={field: value})
    assert config.model_copy(update={"lane": lane}).key() != config.key()


@given(configs(), st.integers(1, 100_000))
def test_other_steps_or_fewer_lanes_change_the_key(config: RunConfig, steps: int):
    assume(steps != config.steps)
    assert config.model_copy(update={"steps": steps}).key() != config.key()
    for n in range(len(config.others)):
        assert config.model_copy(update={"others": config.others[:n]}).key() != config.key()


names = st.sampled_from(
    ["steps", *(f"{lane}{f}" for f in LaneConfig.model_fields for lane in ("", "b.", "c.", "d."))]
)
words = any_text() | st.integers().map(str) | st.floats().map(str) | st.sampled_from(list(LETTERS))


def problems(read: Callable[[Any], RunConfig], data: Any) -> tuple[Problem, ...] | None:
    """What is wrong with the data; None where they are a configuration."""
    try:
        read(data)
    except ConfigError as error:
        return error.problems
    return None


def check_refusal(read: Callable[[Any], RunConfig], data: Any) -> None:
    found = problems(read, data)
    assert found is None or len(found) > 0
    assert all(p.field and p.value and p.allowed for p in found or ())


@given(st.dictionaries(names | any_text(), words, max_size=6))
def test_any_link_is_read_or_refused_with_reasons(query: dict[str, str]):
    check_refusal(from_link, query)


@given(
    json_like
    | st.fixed_dictionaries(
        {}, optional={"lane": json_like, "others": st.lists(json_like), "steps": json_like}
    )
)
def test_any_data_is_read_or_refused_with_reasons(data: Any):
    check_refusal(parse, data)
