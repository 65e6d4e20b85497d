"""The plain PyTorch script of a run prints the losses of the run, bit for bit, and nothing of normviz is in it."""

import ast
import contextlib
import io
import subprocess
import sys
from itertools import cycle
from typing import Any

import numpy as np
import pytest

from normviz import catalog
from normviz.config import RunConfig, parse
from normviz.receipt import script
from normviz.train.trainer import Trainer

SMALL = {
    "dataset": "digits",
    "depth": 3,
    "width": 16,
    "channels": 4,
    "batch_size": 50,
    "device": "cpu",
}


#: Choices of which there is no script, only a message that says so.
UNWRITTEN = {("dataset", "svhn"), ("dataset", "own")}


def config(steps: int = 6, **lane: Any) -> RunConfig:
    return parse({"lane": {**SMALL, **lane}, "steps": steps})


def losses(run: RunConfig, lane: int = 0, until: int | None = None) -> list[np.float32]:
    """The losses of all steps as normviz trains it."""
    trainer = Trainer(run)
    found = [np.float32(trainer.lanes[lane].pass_loss)]
    while not trainer.finished:
        trainer.step(False)
        found.append(np.float32(trainer.lanes[lane].pass_loss))
    return found[:until]


def printed(output: str) -> list[np.float32]:
    """The losses that a script has printed."""
    head, *lines = output.splitlines()
    assert head == "step,loss"
    rows = [line.split(",") for line in lines if not line.startswith("#")]
    assert [int(step) for step, _ in rows] == list(range(len(rows)))
    return [np.float32(float(loss)) for _, loss in rows]


def run_here(text: str) -> list[np.float32]:
    """Run a script in this process, which has torch already."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(text, "script.py", "exec"), {"__name__": "__main__"})
    return printed(out.getvalue())


def assert_same(found: list[np.float32], wanted: list[np.float32]) -> None:
    np.testing.assert_array_equal(np.array(found), np.array(wanted))
    assert len(set(wanted)) > 1, "a run whose loss never moves shows nothing"


@pytest.mark.parametrize(
    "run",
    [
        parse({"lane": {"device": "cpu"}, "steps": 20}),
        parse(
            {
                "lane": {"norm": "batch", "activation": "relu", "init": "he", "device": "cpu"},
                "steps": 20,
            }
        ),
        config(
            model="rnn",
            dataset="recall",
            norm="batch",
            init="orthogonal",
            activation="tanh",
            clip=0.5,
        ),
    ],
    ids=["default", "batch", "recurrent"],
)
def test_a_script_in_a_process_of_its_own_prints_the_losses_of_the_run(run: RunConfig, tmp_path):
    path = tmp_path / "script.py"
    path.write_text(script.write(run), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, path], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert_same(printed(done.stdout), losses(run))


def cases() -> list[dict[str, Any]]:
    """Every choice of every table at least once, and every normalization in all three networks."""
    found: list[dict[str, Any]] = []
    models, places, affine = (
        cycle(catalog.MODELS),
        cycle(catalog.PLACES),
        cycle([True, True, False]),
    )
    for norm in catalog.NORMS:
        common = {"norm": norm, "activation": "tanh", "warmup": 2, "groups": 4}
        found += [
            {**common, "model": model, "place": next(places), "affine": next(affine)}
            for model in catalog.MODELS
        ]
        found.append({**common, "model": "rnn", "dataset": "recall", "clip": 1.0})
    with_weights = ("none", "batch", "renorm", "noisy", "weight_exp", "spectral")
    lone = {"init": "lsuv", "gain": 0.7, "batch_size": 1}
    found += [{"norm": norm, **lone, "model": next(models)} for norm in with_weights]
    found += [{"activation": name, "norm": "batch"} for name in catalog.ACTIVATIONS]
    found += [
        {"init": name, "gain": 1.3, "model": next(models), "init_std": 0.3}
        for name in catalog.INITIALIZERS
    ]
    schedules, decays = cycle(catalog.SCHEDULES), cycle([0.0, 0.01, 0.0])
    found += [
        {"optimizer": name, "lr": 0.01, "schedule": next(schedules), "weight_decay": next(decays)}
        for name in catalog.OPTIMIZERS
    ]
    orders, kinds = cycle(catalog.ORDERS), cycle(catalog.PREPROCESSINGS)
    data = {"model": "mlp", "blocks": 2, "depth": 2}
    found += [
        {**data, "dataset": name, "order": next(orders), "preprocessing": next(kinds)}
        for name, choice in catalog.DATASETS.items()
        if not choice.here and name != "coloured"
    ]
    plane = ("circle", "xor", "gauss", "spiral", "moons")
    found += [{**data, "dataset": name, "noise": 0.2} for name in plane]
    found += [{"dataset": "coloured", "model": model} for model in ("convnet", "rnn")]
    return found


def written_cases() -> list[dict[str, Any]]:
    """Those of which there is a script."""
    return [lane for lane in cases() if not UNWRITTEN & set(lane.items())]


@pytest.mark.parametrize(
    "lane", written_cases(), ids=lambda lane: "-".join(map(str, lane.values()))
)
def test_every_choice_is_repeated_bit_for_bit(lane: dict[str, Any]):
    run = config(4, **lane)
    found, wanted = run_here(script.write(run)), losses(run)
    np.testing.assert_array_equal(np.array(found), np.array(wanted))


def test_every_lane_has_a_script():
    run = parse({"lane": SMALL, "others": [{"norm": "batch"}, {"seed": 5, "depth": 4}], "steps": 4})
    found = [run_here(script.write(run, lane)) for lane in range(3)]
    for lane in range(3):
        assert_same(found[lane], losses(run, lane))
    assert "Lane B (Normalization: Batch" in script.write(run, 1)


def turned(*changes: tuple[int, dict[str, Any]], **lane: Any) -> RunConfig:
    turns = [{"lane": 0, "at": at, "changes": values} for at, values in changes]
    return parse({"lane": {**SMALL, **lane}, "interventions": turns, "steps": 8})


@pytest.mark.parametrize(
    "run",
    [
        turned((3, {"lr": 0.5}), (5, {"clip": 0.1})),
        turned(
            (3, {"lr": 0.05, "weight_decay": 0.1}), schedule="cosine", optimizer="adam", clip=0.2
        ),
        turned((2, {"clip": 0.0}), clip=0.01, lr=1.0),
    ],
)
def test_a_changed_learning_rate_decay_or_clipping_is_repeated(run: RunConfig):
    assert_same(run_here(script.write(run)), losses(run))


def test_it_ends_before_a_change_that_it_cannot_repeat_and_says_so():
    run = turned((3, {"lr": 0.5}), (5, {"norm": "batch"}))
    text = script.write(run)
    assert "Note: after 5 updates the run changed: Normalization: Batch" in text
    assert_same(run_here(text), losses(run, until=5))


def test_a_run_that_diverges_ends_where_it_diverged():
    run = config(20, activation="relu", init="unit", lr=100.0, optimizer="momentum", depth=6)
    wanted = losses(run)
    assert not np.isfinite(wanted[-1]) and len(wanted) < 21
    assert_same(run_here(script.write(run)), wanted)


@pytest.mark.parametrize(
    ("lane", "what"),
    [
        *(({field: name}, f"{field} = {name}") for field, name in sorted(UNWRITTEN)),
        ({"dataset": "own", "own": "0" * 16}, "own = 0000000000000000"),
    ],
)
def test_what_cannot_be_written_is_said_and_the_script_ends(lane: dict[str, Any], what: str):
    text = script.write(config(**lane))
    head = str(ast.get_docstring(ast.parse(text)))
    assert f"{what} cannot be written as a plain script" in head
    with pytest.raises(SystemExit, match=what):
        exec(compile(text, "script.py", "exec"), {})


def test_a_choice_that_the_script_does_not_know_is_said(monkeypatch):
    known = catalog.Choice("Dummy", "", "", "normviz.nn.norms.none:NoNorm")
    monkeypatch.setitem(catalog.NORMS, "dummy", known)
    assert "norm = dummy cannot be written" in script.write(config(norm="dummy"))


def test_files_of_a_data_set_are_read_from_a_folder(tmp_path, monkeypatch):
    rng = np.random.default_rng(0)
    for name, count in (("train", 60000), ("t10k", 10000)):
        images = rng.integers(0, 256, (count, 28, 28), np.uint8)
        labels = (np.arange(count) % 10).astype(np.uint8)
        head = b"\0\0\x08\x03" + np.array(images.shape, ">u4").tobytes()
        (tmp_path / f"{name}-images-idx3-ubyte").write_bytes(head + images.tobytes())
        head = b"\0\0\x08\x01" + np.array(labels.shape, ">u4").tobytes()
        (tmp_path / f"{name}-labels-idx1-ubyte").write_bytes(head + labels.tobytes())
    monkeypatch.setattr(sys, "argv", ["script.py", str(tmp_path)])
    text = script.write(config(1, dataset="fashion"))
    assert "Note: give the folder" in text
    assert len(run_here(text)) == 2


def test_it_reads_like_a_script_and_has_only_what_is_needed():
    text = script.write(RunConfig())
    tree = ast.parse(text)
    assert "import normviz" not in text and "from normviz" not in text
    for word in ("conv", "norm(", "schedule", "clip", "lsuv", "cuda", "domain"):
        assert word not in text.split('"""', 2)[2].lower(), word
    functions = [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
    assert functions == ["generator", "fixed", "split", "minibatches", "draw", "linear"]
    assert "\n\n\n\n" not in text and max(map(len, text.splitlines())) <= 120


@pytest.mark.parametrize("device", ['"""\nimport os', "A\\", "NVIDIA H200", 'x"""+f()+"""'])
def test_what_a_recording_says_of_its_device_cannot_become_code(device: str):
    tree = ast.parse(script.write(config(), 0, device))
    plain = ast.parse(script.write(config(), 0, "NVIDIA H200"))
    assert ast.dump(ast.Module(tree.body[1:], [])) == ast.dump(ast.Module(plain.body[1:], []))
    assert "GPU" in str(ast.get_docstring(tree))


@pytest.mark.parametrize(
    "lane", [{"norm": "noisy"}, {"init": "lsuv", "order": "sorted"}, {"model": "rnn"}], ids=str
)
def test_the_script_of_a_run_on_a_gpu_runs_without_one(lane: dict[str, Any]):
    run = config(**lane)
    text = script.write(run, 0, "NVIDIA H200")
    assert "trained on a GPU (NVIDIA H200)" in text and "allow_tf32 = False" in text
    assert_same(run_here(text), losses(run))
