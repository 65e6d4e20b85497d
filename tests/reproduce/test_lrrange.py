"""The range of learning rates: at two of them, and the formula behind it."""

import pytest

from normviz.reproduce import lrrange
from normviz.reproduce.running import run
from tests.reproduce.test_figures import keys_shown


def test_gradient_shrinks_as_weights_grow():
    (band,) = (row.band for row in lrrange.FIGURE.rows if row.key == "scaling")
    assert band is not None
    assert band.holds([lrrange.scaling(0)["scaling"]])


@pytest.mark.parametrize("activation", lrrange.ACTIVATIONS)
def test_a_high_rate_trains_with_batchnorm_only(activation, monkeypatch):
    monkeypatch.setattr(lrrange, "QUARTERS", (-4, 0))
    monkeypatch.setattr(lrrange, "RATES", [0.1, 1.0])
    without, normed = (lrrange.sweep(activation, norm, 0) for norm in ("none", "batch"))
    assert (without[f"{activation}.none.decades"], without[f"{activation}.none.top"]) == (0.25, 0.1)
    assert (normed[f"{activation}.batch.decades"], normed[f"{activation}.batch.top"]) == (0.5, 1.0)


def test_every_number_shown_is_measured(monkeypatch):
    monkeypatch.setattr(lrrange, "STEPS", 0)
    monkeypatch.setattr(lrrange, "WIDTH", 10)
    assert keys_shown("lrrange") <= run("lrrange", [0]).samples[0].keys()
