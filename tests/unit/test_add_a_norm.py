"""docs/add-a-norm.md, followed: its blocks, as they stand, make a normalization that trains and can be taken away."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from normviz.catalog import NORMS
from normviz.catalog.choice import Choice
from normviz.config import from_link, to_link
from normviz.lessons import family_cards
from normviz.receipt import script
from normviz.receipt.script import norms as script_norms
from tests.unit.test_receipt_script import config, losses, run_here

PAGE = Path(__file__).resolve().parents[2] / "docs" / "add-a-norm.md"
BLOCKS = dict(
    re.findall(
        r'^```\w+ title="([^"]+)"\n(.*?)^```$',
        PAGE.read_text(encoding="utf-8"),
        re.MULTILINE | re.DOTALL,
    )
)


def executed(path: str, given: dict[str, Any]) -> dict[str, Any]:
    """Return what a block of the page defines."""
    exec(compile(BLOCKS[path], path, "exec"), given)
    return given


def entry(path: str, given: dict[str, Any]) -> Any:
    """Return the one entry of a table that a block of the page is."""
    ((key, value),) = eval(f"{{{BLOCKS[path]}}}", given).items()
    assert key == "scale"
    return value


@pytest.fixture
def followed(monkeypatch: pytest.MonkeyPatch) -> Iterator[type]:
    """Do what the page says."""
    module = ModuleType("normviz.nn.norms.scale")
    executed("normviz/nn/norms/scale.py", module.__dict__)
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setattr(sys.modules["normviz.nn.norms"], "scale", module, raising=False)
    monkeypatch.setitem(NORMS, "scale", entry("normviz/catalog/norms.py", {"Choice": Choice}))
    given = executed("normviz/receipt/script/norms.py", {})
    monkeypatch.setattr(script_norms.Norms, "_scale", given["Norms"]._scale, raising=False)
    return module.__dict__["ScaleNorm"]


def test_it_names_six_places():
    assert [*BLOCKS] == [
        "normviz/nn/norms/scale.py",
        "normviz/catalog/norms.py",
        "docs/controls.md",
        "normviz/lessons/family_cards.py",
        "normviz/receipt/script/norms.py",
        "tests/unit/test_more_norms.py",
    ]


def test_its_oracle_agrees(followed: type, monkeypatch: pytest.MonkeyPatch):
    given = executed(
        "tests/unit/test_more_norms.py",
        {"np": np, "Tensor": Tensor, "C": 12, "ScaleNorm": followed},
    )
    generator = torch.Generator().manual_seed(0)
    vectors = torch.randn(7, 12, dtype=torch.float64, generator=generator)
    images = torch.randn(7, 12, 4, 3, dtype=torch.float64, generator=generator)
    given["test_scale_norm_is_the_formula"](vectors, images)
    monkeypatch.setattr(followed, "forward", lambda self, x: 2 * x)
    with pytest.raises(AssertionError):
        given["test_scale_norm_is_the_formula"](vectors, images)


@pytest.mark.parametrize("affine", [True, False])
@pytest.mark.parametrize("model", ["mlp", "convnet"])
@pytest.mark.usefixtures("followed")
def test_it_has_a_link_trains_and_its_script_repeats_it(model: str, affine: bool):
    run = config(4, norm="scale", model=model, affine=affine)
    assert from_link(to_link(run)) == run
    found, wanted = run_here(script.write(run)), losses(run)
    assert np.isfinite(wanted).all()
    np.testing.assert_array_equal(np.array(found), np.array(wanted))


@pytest.mark.usefixtures("followed")
def test_its_row_and_its_card_are_what_the_tests_want():
    choice = NORMS["scale"]
    label, key, formula, about = [
        cell.strip() for cell in BLOCKS["docs/controls.md"].strip().strip("|").split("|")
    ]
    assert (label, key, formula) == (choice.label, "`scale`", f"${choice.formula}$")
    assert about
    card = entry("normviz/lessons/family_cards.py", vars(family_cards).copy())
    assert isinstance(card, family_cards.Facts)
