"""Figures of lessons in words and numbers."""

import math

import numpy as np
import plotly.graph_objects as go
import pytest
from plotly.subplots import make_subplots

from normviz.charts.lessons import chaos, family, initialization, saturation, vanishing
from normviz.charts.lessons.reading import MOST_ROWS, Table, keep, tables, words, written
from normviz.charts.lessons.style import figure
from normviz.lessons import family_cube
from normviz.lessons.initialization_signal import through
from normviz.ui.lessons.plot import html


def course(*pairs: tuple[list, list, str]) -> go.Figure:
    made = figure("step", "loss (nats)")
    for x, y, name in pairs:
        made.add_scatter(x=x, y=y, name=name)
    return made


def test_a_line_is_told_by_its_ends_and_by_where_it_is_highest_and_lowest():
    told = words(course(([0, 10, 20, 30], [2.0, 0.5, 5.0, 1.0], "run <b>A</b>")))
    assert told == ["run A, by step: from 2 at 0 to 1 at 30; highest 5 at 20, lowest 0.5 at 10."]


def test_gaps_are_left_out_and_a_line_without_numbers_says_nothing():
    told = words(course(([0, 1, 2], [None, 3.0, math.nan], "a"), ([0, 1], [None, None], "b")))
    assert told == ["a: 3 at 1 (step)."]


def test_lines_on_the_same_axes_share_a_table_and_missing_places_are_empty():
    [made] = tables(course(([0, 1], [1.0, 2.0], "a"), ([1, 2], [3.0, -4.0], "b")))
    assert made.caption == "loss (nats), by step" and made.columns == ("a", "b")
    assert made.rows == (("0", "1", ""), ("1", "2", "3"), ("2", "", "−4"))


def test_of_many_places_some_are_shown_the_first_and_the_last_among_them():
    [made] = tables(course((list(range(1000)), [1.0] * 1000, "a")))
    assert len(made.rows) == MOST_ROWS
    assert [made.rows[0][0], made.rows[-1][0]] == ["0", "999"]


def test_bars_have_names_and_axes_side_by_side_have_tables_of_their_own():
    made = make_subplots(1, 2)
    made.add_bar(x=["A<br>one", "B"], y=[0.5, 0.25], name="right", row=1, col=1)
    made.add_scatter(x=[1, 2], y=[3, 4], name="mean", row=1, col=2)
    made.update_xaxes(title="lane", row=1, col=1)
    made.update_xaxes(title="step", row=1, col=2)
    first, second = tables(made)
    assert first.head == "lane" and first.rows == (("A one", "0.5"), ("B", "0.25"))
    assert second.head == "step" and second.rows == (("1", "3"), ("2", "4"))


def test_points_in_the_plane_are_summed_up():
    made = figure("x₁", "x₂")
    made.add_scatter(x=[1, -1, 3], y=[0, 2, 4], mode="markers", name="pixels")
    [found] = tables(made)
    assert found.rows == (("pixels", "3", "1 (−1 … 3)", "2 (0 … 4)"),)
    assert words(made) == ["pixels: 3 points around 1 and 2 (x₁, x₂)."]


def test_a_histogram_is_told_as_shares():
    made = figure("output", "")
    made.add_histogram(x=[0.0] * 3 + [1.0], name="draws")
    [found] = tables(made)
    assert found.rows[0] == ("0.05", "0.75") and found.rows[-1] == ("0.95", "0.25")


def test_a_figure_with_tables_of_its_own_shows_these():
    own = Table("c", "h", ("one",), (("row", "1"),))
    made = keep(course(([0], [1.0], "a")), own)
    assert tables(made) == [own] and words(made) == []


@pytest.mark.parametrize("kind", family_cube.KINDS.values(), ids=family_cube.KINDS)
def test_the_sets_of_a_cube_hold_every_value_at_least_once(kind):
    x = np.arange(
        math.prod((*family.SIZES[:2], family_cube.HEIGHT, family_cube.WIDTH)), dtype=float
    )
    x = x.reshape(*family.SIZES[:2], family_cube.HEIGHT, family_cube.WIDTH)
    [found] = tables(family.cube(kind, x, 0, 0, 2))
    assert sum(int(size) for _name, size, *_rest in found.rows) == x.size


def test_figures_that_draw_outlines_say_what_they_are_of():
    signal = through("tanh", 1.0)
    [ridges] = tables(initialization.forward(signal, "tanh"))
    assert len(ridges.rows) == 10 and ridges.rows[0][2] == written(float(np.std(signal.forward[0])))
    slopes, networks = tables(chaos.phases([(1.5, 0.1, "mine")]))
    assert len(slopes.rows) == 6 and networks.rows == (("mine", "1.5", "0.1"),)


@pytest.mark.parametrize("made", [saturation.curve(0.0, 1.0), vanishing.powers(0.25, 10)])
def test_figures_of_lines_have_words_and_numbers(made):
    assert words(made) and all(each.rows for each in tables(made))


def test_markup_names_its_heads_and_takes_texts_literally():
    made = html(Table("a < b", "step", ("<loss>",), (("1", "2 & 3"),)))
    assert '<th scope="col">&lt;loss&gt;</th>' in made and '<th scope="row">1</th>' in made
    assert "<caption>a &lt; b</caption>" in made and "2 &amp; 3" in made


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (9.54e-7, "9.54·10⁻⁷"),
        (-1.5e20, "−1.5·10²⁰"),
        (0.25, "0.25"),
        (1e-10, "1·10⁻¹⁰"),
        (math.inf, "∞"),
        ("A", "A"),
    ],
)
def test_very_small_and_very_large_numbers_are_written_as_powers(value, text: str):
    assert written(value) == text
