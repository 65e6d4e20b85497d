"""What holds of every lesson."""

import json
from pathlib import Path

import pytest

from normviz.config import LANES, LaneConfig
from normviz.lessons import LESSONS, Choice, Claim, Lesson, Sketch
from normviz.reproduce import FIGURES

ROOT = Path(__file__).parents[2]
CHARTS = (
    "histograms",
    "moments",
    "gradients",
    "saturation",
    "learning",
    "shift",
    "surface",
    "curve",
)
ORDER = (
    *(
        "preprocessing",
        "initialization",
        "vanishing",
        "saturation",
        "bn_steps",
        "gamma_beta",
        "inference",
    ),
    *(
        "family",
        "break_bn",
        "two_domains",
        "covariate_shift",
        "chaos",
        "spectral_gan",
        "learning_rate",
    ),
)


#: Every run of every lesson.
RUNS = [
    pytest.param(run, id=f"{name} {number}")
    for name, lesson in LESSONS.items()
    for number, run in enumerate((lesson, *lesson.further), 1)
]


def test_they_are_in_reading_order():
    assert list(LESSONS) == [name for name in ORDER if name in LESSONS]


@pytest.mark.parametrize("name", list(LESSONS))
def test_a_lesson_is_whole(name):
    lesson = LESSONS[name]
    assert lesson.title and lesson.question.endswith("?") and lesson.about.count(".") >= 3
    assert lesson.formula and lesson.reading and set(lesson.figure.split()) <= set(FIGURES)
    assert lesson.figure or lesson.checks, "something stands beside what was published"
    assert (ROOT / f"pages/{name}.py").exists() and (
        ROOT / f"tests/lessons/test_{name}.py"
    ).exists()


@pytest.mark.parametrize("name", list(LESSONS))
def test_what_is_checked_instead_holds(name):
    if checks := LESSONS[name].checks:
        assert checks() and all(claim.holds and claim.source for claim in checks()), checks()
        assert LESSONS[name].published


@pytest.mark.parametrize("name", [name for name in LESSONS if LESSONS[name].further])
def test_further_runs_can_be_told_apart(name):
    lesson = LESSONS[name]
    titles = [lesson.first, *(each.title for each in lesson.further)]
    assert all(titles) and len(set(titles)) == len(titles)
    assert len({each.config().key() for each in (lesson, *lesson.further)}) == len(titles)
    for each in lesson.further:
        assert each.question.endswith("?") and each.about and not each.further
        assert not (each.figure or each.checks or each.reading), "these are the page's"


def test_there_are_lessons_with_one_run_and_with_several():
    assert {bool(lesson.further) for lesson in LESSONS.values()} == {True, False}


@pytest.mark.parametrize("lesson", RUNS)
def test_its_run_comes_to_where_it_is_judged(lesson: Lesson):
    assert set(lesson.charts) <= set(CHARTS)
    config = lesson.config()
    assert config.steps >= lesson.until
    json.loads(config.canonical())
    for control in lesson.controls:
        letter, dot, field = control.rpartition(".")
        assert field in LaneConfig.model_fields
        assert not dot or LANES.index(letter) < len(config.lanes())


@pytest.mark.parametrize("lesson", RUNS)
def test_its_guess_can_be_made(lesson: Lesson):
    guess = lesson.guess
    if isinstance(guess, Choice):
        assert len(guess.options) > 1 and len(set(guess.options)) == len(guess.options)
    else:
        assert isinstance(guess, Sketch)
        assert list(guess.at) == sorted(set(guess.at)) and len(guess.at) > 1
        assert guess.low < guess.high and (guess.low > 0 or not guess.log)


def test_a_claim_holds_inside_its_band_only():
    assert Claim("", 1.0, 1.0, 2.0).holds and Claim("", 2.0, 1.0, 2.0).holds
    assert not Claim("", 2.1, 1.0, 2.0).holds and not Claim("", float("nan"), 1.0, 2.0).holds
