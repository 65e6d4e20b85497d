"""The same configuration gives the same bytes, in any process."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

from normviz.config import RunConfig, parse
from normviz.frames import encode
from normviz.train.trainer import Trainer

ROOT = Path(__file__).resolve().parents[2]
STEPS = 25
LANE = {"dataset": "digits", "depth": 4, "width": 40, "norm": "batch", "optimizer": "adam"}
CONFIG = {
    "lane": LANE,
    "others": [{"norm": "layer", "place": "after", "activation": "relu"}],
}


def digest(run: RunConfig, every: int) -> dict[int, str]:
    """Hash the frames that come when every ``every``-th step is asked for."""
    trainer = Trainer(run)
    frames = [trainer.frame()]
    frames += [f for s in range(1, STEPS + 1) if (f := trainer.step(s % every == 0)) is not None]
    found = (encode(trainer.schema, frame) for frame in frames)
    return {f.step: hashlib.sha256(data).hexdigest() for f, data in zip(frames, found, strict=True)}


SCRIPT = """
import sys, json, torch
torch.set_num_threads(1)
from normviz.config import parse
from tests.unit.test_determinism import digest
print(json.dumps(digest(parse(json.loads(sys.argv[1])), 1)))
"""


def digest_elsewhere() -> dict[str, str]:
    command = [sys.executable, "-c", SCRIPT, json.dumps(CONFIG)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def test_two_processes_give_the_same_frames():
    here, elsewhere = digest(parse(CONFIG), 1), digest_elsewhere()
    assert len(set(here.values())) == STEPS + 1
    assert elsewhere == {str(step): found for step, found in here.items()}


@pytest.mark.parametrize("every", [2, 7, 1000])
def test_frames_do_not_depend_on_which_others_are_asked_for(every: int):
    often, rare = digest(parse(CONFIG), 1), digest(parse(CONFIG), every)
    assert len(rare) < len(often)
    assert rare == {step: often[step] for step in rare}


def test_another_seed_gives_other_frames():
    other = parse({**CONFIG, "lane": {**LANE, "seed": 1}})
    assert not set(digest(other, 5).values()) & set(digest(parse(CONFIG), 5).values())
