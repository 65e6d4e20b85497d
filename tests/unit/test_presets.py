"""Every preset is a link of ours that trains."""

import pytest

from normviz.config import RunConfig, from_link, to_link
from normviz.config.presets import PRESETS
from normviz.train.trainer import Trainer


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_says_only_what_differs_from_the_default(name: str):
    config, plain = from_link(PRESETS[name].link), to_link(RunConfig())
    assert from_link(to_link(config)) == config
    link = PRESETS[name].link
    compared = {key.partition(".")[2].partition("@")[0] for key in link}
    assert {key for key, value in link.items() if plain.get(key) == value} <= compared


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_trains(name: str):
    trainer = Trainer(from_link(PRESETS[name].link))
    frame = trainer.frame()
    for _ in range(2):
        frame = trainer.step(True)
    assert frame is not None
    assert len(trainer.lanes) == len(trainer.config.lanes()) > 1
