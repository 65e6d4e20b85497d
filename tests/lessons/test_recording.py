"""A recorded run as arrays, against the frames that the trainer emitted."""

import numpy as np
import pytest

from normviz.config import from_link
from normviz.frames import encode
from normviz.lessons import Recording
from normviz.train.trainer import Trainer

RUN = {"dataset": "digits", "depth": "2", "width": "8", "batch_size": "10", "b.norm": "batch"}


def trained(**changes):
    config = from_link({**RUN, "steps": "12", **changes})
    trainer = Trainer(config)
    frames = [trainer.frame()]
    while not trainer.finished:
        if frame := trainer.step(measure=trainer.step_count % 5 == 4):
            frames.append(frame)
    data = [encode(trainer.schema, frame, seq) for seq, frame in enumerate(frames)]
    return config, trainer, frames, Recording.of(config, trainer.schema.to_json(), data)


def test_every_field_of_every_frame_is_there():
    config, trainer, frames, recording = trained()
    assert recording.config == config and recording.lanes == 2
    assert recording.steps == tuple(frame.step for frame in frames)
    for placed in trainer.schema.fields:
        name, lane = placed.field.name, placed.lane
        steps, values = recording.series(name, lane)
        assert values.shape == (len(frames), *placed.shape) and tuple(steps) == recording.steps
        expected = np.stack([frame.lanes[lane][name] for frame in frames])
        atol = 1 / 65535 if placed.field.dtype == "u2" else 0
        np.testing.assert_allclose(values, expected, rtol=1e-6, atol=atol)
        assert recording.field(name, lane) == placed.field


def test_a_value_is_the_last_that_was_measured_before():
    _, _, frames, recording = trained()
    assert recording.value("loss", 1) == pytest.approx(float(frames[-1].lanes[1]["loss"]))
    at = {frame.step: float(frame.lanes[0]["loss"]) for frame in frames}
    assert 11 not in at
    assert recording.value("loss", 0, 11) == pytest.approx(at[10])
    assert recording.value("loss", 0, -1) == pytest.approx(at[0])


def test_a_lane_that_diverges_is_not_alive():
    _, _, _, recording = trained(**{"b.lr": "100", "b.norm": "none", "activation": "relu"})
    assert recording.alive(0)
    assert recording.alive(1, 0)
    if not recording.alive(1):
        assert np.isfinite(recording.value("pre_mean", 1)).all()


def test_a_field_that_is_not_there_and_a_run_without_frames():
    config, trainer, _, recording = trained()
    with pytest.raises(KeyError):
        recording.field("nothing")
    with pytest.raises(ValueError, match="at least one frame"):
        Recording.of(config, trainer.schema.to_json(), [])
