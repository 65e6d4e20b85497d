"""Steps taken at a stretch give the same bits as one after another."""

import pytest

from normviz import frames
from normviz.config import parse
from normviz.train.trainer import Trainer

SMALL = {"depth": 2, "width": 8, "batch_size": 16, "dataset": "digits"}
RUNS = {
    "one lane": {"lane": SMALL, "steps": 60},
    "lanes": {"lane": SMALL, "others": [{"norm": "batch"}, {"activation": "tanh"}], "steps": 60},
    "one parts at step 23": {
        "lane": SMALL,
        "others": [{}, {"norm": "layer"}],
        "interventions": [{"at": 23, "lane": 1, "changes": {"lr": 0.5}}],
        "steps": 60,
    },
    "one diverges": {"lane": SMALL, "others": [{"lr": 30, "activation": "linear"}], "steps": 60},
    "all diverge": {
        "lane": {**SMALL, "lr": 30, "activation": "linear"},
        "others": [{"lr": 20}],
        "steps": 60,
    },
}


def shown(trainer: Trainer, frame: frames.Frame | None) -> bytes | None:
    """Return the frame's bytes but for its number and time."""
    return frame and frames.encode(trainer.schema, frame, 0, 0.0)


@pytest.mark.parametrize("name", RUNS)
@pytest.mark.parametrize("stretch", [3, 7, 100])
def test_the_same_bits(name: str, stretch: int):
    single, many = Trainer(parse(RUNS[name])), Trainer(parse(RUNS[name]))
    alone = dict[int, bytes | None]()
    while not single.finished:
        frame = single.step(False)
        alone[single.step_count] = shown(single, frame)
    seen = dict[int, bytes | None]()
    while not many.finished:
        frame = many.advance(stretch, False)
        seen[many.step_count] = shown(many, frame)
    assert many.step_count == single.step_count
    assert many.divergences == single.divergences
    assert bool(single.divergences) == ("diverge" in name)
    assert {s: f for s, f in seen.items() if f} == {s: f for s, f in alone.items() if f}
    assert len(seen) < len(alone) or name == "all diverge"


def test_a_stretch_ends_before_a_lane_parts_and_at_a_step_that_is_always_shown():
    trainer, ends = Trainer(parse(RUNS["one parts at step 23"])), list[int]()
    while not trainer.finished:
        trainer.advance(1000, False)
        ends.append(trainer.step_count)
    assert {10, 20, 22, 30, 60} <= set(ends)
