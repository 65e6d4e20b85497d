"""A short run, recorded, for the tests of its receipt."""

import json
from dataclasses import dataclass
from functools import cache
from typing import Any

from normviz.config import RunConfig, parse
from normviz.frames import Schema, encode
from normviz.receipt import facts, recording
from normviz.train.trainer import Trainer


@dataclass(frozen=True)
class Recorded:
    """A run: its configuration, its schema as it is sent, and its frames."""

    config: RunConfig
    schema: Schema
    sent: dict[str, Any]
    frames: tuple[bytes, ...]

    def facts(self) -> dict[str, Any]:
        return facts.gather("r-1", self.config, "finished", self.schema, self.frames)

    def packed(self) -> bytes:
        return b"".join(recording.write(self.facts(), None, self.sent, self.frames))


@cache
def recorded() -> Recorded:
    """Two small lanes, twelve steps."""
    lane = {"dataset": "digits", "depth": 3, "width": 8, "batch_size": 50, "device": "cpu"}
    config = parse({"lane": lane, "others": [{"norm": "batch"}], "steps": 12})
    trainer = Trainer(config)
    frames = [encode(trainer.schema, trainer.frame(), 0, 1.0)]
    while not trainer.finished:
        if frame := trainer.step(True):
            frames.append(encode(trainer.schema, frame, len(frames), 1.0 + len(frames)))
    sent = json.loads(json.dumps(trainer.schema.to_json()))
    return Recorded(config, trainer.schema, sent, tuple(frames))
