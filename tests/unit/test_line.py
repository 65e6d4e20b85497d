"""Who trains, who waits, and what those who wait are told."""

from typing import Any

import pytest

from normviz.config import parse
from normviz.engine.line import Line, LineFull
from normviz.engine.record import Record
from normviz.engine.run import Run


class Clock:
    """Seconds that pass only when told."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


def run(name: str, **state: Any) -> Run:
    """A run of 100 steps."""
    made = Run(name, parse({"steps": 100}), Record(16))
    for field, value in state.items():
        setattr(made, field, value)
    return made


def test_first_come_first_served():
    a, b, c, d = (run(name) for name in "abcd")
    line = Line(2, 2, 60.0, Clock())
    assert [line.enter(each) for each in (a, b, c, d)] == [True, True, False, False]
    assert line.enter(a) and not line.enter(c)  # again changes nothing
    assert (line.training, line.waiting) == (2, (c, d))
    assert line.leave(a) == [c]
    assert line.leave(d) == []
    assert line.waiting == () and line.training == 2


def test_a_line_is_not_endless():
    line = Line(1, 1, 60.0, Clock())
    line.enter(run("a"))
    line.enter(run("b"))
    with pytest.raises(LineFull, match="Runs that train: 1 of 1; that wait: 1 of 1"):
        line.enter(run("c"))
    assert len(line.waiting) == 1


def test_estimates_come_from_what_is_left_to_train():
    clock = Clock()
    line = Line(2, 5, 60.0, clock)
    line.enter(run("a", step=50, rate=10.0))  # 5 s left of 10
    line.enter(run("b", step=80, rate=1.0))  # 20 s left; 60 at most of 100
    for name in "cde":
        line.enter(run(name))
    # c after a: 5; d after b or c, whichever ends first: b at 20; e: c at 5 + 35
    assert [(place.place, place.of, place.seconds) for _, place in line.places()] == [
        (1, 3, 5.0),
        (2, 3, 20.0),
        (3, 3, 40.0),
    ]
    clock.now += 45  # b may train no longer than 60 s
    assert [place.seconds for _, place in line.places()][:2] == [5.0, 15.0]


def test_nobody_trains_longer_than_allowed():
    clock = Clock()
    line = Line(2, 5, 60.0, clock)
    a, b = run("a"), run("b")
    line.enter(a)
    clock.now += 30
    line.enter(b)
    clock.now += 30
    assert line.overdue() == [a]
    line.leave(a)
    assert line.overdue() == []
