"""A lesson's own run, trained in the test as the worker trains it."""

import json
from functools import lru_cache

from normviz.config import parse
from normviz.frames import encode
from normviz.lessons import Lesson, Recording
from normviz.train.trainer import Trainer


def recorded(lesson: Lesson, seed: int, **changes: str) -> Recording:
    """Train a lesson's run with a seed until it is judged; ``changes`` are query parameters.

    Frames come at every step up to 50, then at every 10th and those that are always measured.
    """
    config = lesson.config(**{"seed": str(seed), **changes})
    return _trained(config.canonical(), lesson.until)


@lru_cache(maxsize=8)
def _trained(canonical: str, until: int) -> Recording:
    """Tests only look at a recording, so those of one run may share it."""
    config = parse(json.loads(canonical))
    trainer = Trainer(config)
    frames = [encode(trainer.schema, trainer.frame())]
    while trainer.step_count < until and not trainer.finished:
        step = trainer.step_count + 1
        wanted = step <= 50 or step % 10 == 0 or step == until
        if (frame := trainer.step(wanted)) is not None:
            frames.append(encode(trainer.schema, frame))
    return Recording.of(config, trainer.schema.to_json(), frames)
