"""Numbers in the sentences of lessons."""

import math

import pytest

from normviz.lessons.words import number


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0.0, "0"),
        (0.123, "0.12"),
        (-4.2, "-4.2"),
        (417.0, "420"),
        (1e-3, "0.001"),
        (6.94e-7, "$6.9 \\cdot 10^{-7}$"),
        (-1.4e5, "$-1.4 \\cdot 10^{5}$"),
        (math.nan, "not a number"),
        (-math.inf, "−∞"),
    ],
)
def test_a_number_is_written_so_that_it_can_be_read(value, written):
    assert number(value) == written
