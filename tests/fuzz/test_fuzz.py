"""A short run of every target; `make fuzz` has the long one."""

import pytest

from tests.fuzz.mutating import inputs
from tests.fuzz.targets import TARGETS

INPUTS = 250


@pytest.mark.parametrize("name", TARGETS)
def test_seeds_are_read(name: str):
    for seed in TARGETS[name].seeds():
        assert TARGETS[name].feed(seed), seed


@pytest.mark.parametrize("name", TARGETS)
def test_spoiled_inputs_are_read_or_refused(name: str):
    for data in inputs(TARGETS[name], INPUTS, seed=1):
        try:
            TARGETS[name].feed(data)
        except Exception as error:
            error.add_note(f"{name}: {data!r}")
            raise
