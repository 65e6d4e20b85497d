"""The network this project grew from: ten hidden sigmoid layers, with and without BatchNorm, through the engine.

The published table is that of a blog of 2015: spectral norms of the eleven weight gradients, first to last layer, at
iterations 10 and 50. Its numbers are given to two or three digits. Iteration k is the pass of the k-th minibatch, which
belongs to the frame of step k - 1.
"""

from functools import cache

import numpy as np
import pytest

from normviz.config import parse
from normviz.reproduce.table2015 import PUBLISHED
from tests.engine.driving import start, with_engine

SEEDS = (0, 1, 2)
EPOCH = 20


@cache
def trained(norm: str) -> tuple[list[dict[int, np.ndarray]], list[dict[int, float]]]:
    """Train ten epochs for every seed; return gradient norms by iteration and held-out accuracy by step."""

    async def main(engine):
        norms, accuracies = [], []
        for seed in SEEDS:
            audience = await start(
                engine, parse({"lane": {"norm": norm, "seed": seed}, "steps": 10 * EPOCH})
            )
            await audience.steps(49)
            await audience.play_to_the_end()
            lanes = {step: audience.read(step).frame.lanes[0] for step in audience.frames}
            norms.append({k: lanes[k - 1]["dw_spectral"].astype(float) for k in (10, 50)})
            heldout = {step: float(lane["heldout_accuracy"]) for step, lane in lanes.items()}
            accuracies.append(
                {step: accuracy for step, accuracy in heldout.items() if np.isfinite(accuracy)}
            )
            audience.leave()
        return norms, accuracies

    return with_engine(main)


def slope(norms: np.ndarray) -> float:
    """Decades per layer from the second to the tenth weight gradient."""
    return float(np.log10(norms[9] / norms[1]) / 8)


@pytest.mark.parametrize("iteration", [10, 50])
def test_without_normalization_gradients_shrink_by_a_constant_factor_a_layer(iteration):
    assert all(0.58 <= slope(norms[iteration]) <= 0.70 for norms in trained("none")[0])


@pytest.mark.parametrize("iteration", [10, 50])
def test_with_batchnorm_gradients_are_level(iteration):
    assert all(abs(slope(norms[iteration])) <= 0.10 for norms in trained("batch")[0])
    assert all(
        norms[iteration][:10].max() / norms[iteration][:10].min() <= 4
        for norms in trained("batch")[0]
    )


def test_first_layer_is_six_orders_of_magnitude_below_the_last_without_and_beside_it_with_batchnorm():
    for norms in trained("none")[0]:
        assert 1e-7 <= norms[50][0] / norms[50][-1] <= 1e-5
    for norms in trained("batch")[0]:
        assert 0.1 <= norms[50][0] / norms[50][-1] <= 10


@pytest.mark.parametrize(("norm", "bound"), [("none", 0.35), ("batch", 0.12)])
def test_the_published_table_comes_out(norm, bound):
    errors = []
    for iteration in (10, 50):
        ours = np.mean([np.log10(norms[iteration]) for norms in trained(norm)[0]], axis=0)
        errors.append(np.abs(ours - np.log10(PUBLISHED[norm, iteration])))
    assert np.mean(errors) <= bound


def test_without_normalization_it_stays_at_chance_and_with_batchnorm_it_learns():
    for accuracies in trained("none")[1]:
        assert accuracies[10 * EPOCH] <= 0.15
    for accuracies in trained("batch")[1]:
        assert min(accuracy for step, accuracy in accuracies.items() if step >= 2 * EPOCH) >= 0.78


def test_running_averages_lag_behind_batch_statistics_at_first():
    for accuracies in trained("batch")[1]:
        assert accuracies[EPOCH] < 0.3
