"""Small batches: what the networks are, and what must happen with two examples and with one."""

from dataclasses import replace

import torch
from torch.nn.functional import cross_entropy

from normviz.nn.network import batch_statistics
from normviz.nn.norms.renorm import BatchRenorm
from normviz.reproduce import smallbatch
from normviz.reproduce.running import run
from normviz.reproduce.training import digits
from tests.reproduce.test_figures import keys_shown


def test_averages_look_back_over_as_many_examples_at_every_batch_size():
    models = [smallbatch.network("renorm", b, 4000 // b, 0) for b in (32, 2)]
    norms = [next(m for m in model.modules() if isinstance(m, BatchRenorm)) for model in models]
    assert [norm.momentum for norm in norms] == [0.1, 0.1 / 16]
    assert [norm.warmup for norm in norms] == [15, 250]


def test_one_example_with_batchnorm_says_nothing_about_it():
    model = smallbatch.network("batch", 1, 4000, seed=0)
    with torch.no_grad(), batch_statistics(model):
        first, second = (model(x[None]) for x in torch.randn(2, 784))
    assert torch.allclose(first, second, atol=1e-6)


def test_one_example_with_batch_renorm_teaches_hidden_weights_nothing():
    model = smallbatch.network("renorm", 1, 8, seed=0)
    for _ in range(4):
        model(torch.randn(1, 784))
    cross_entropy(model(torch.randn(1, 784)), torch.tensor([3])).backward()
    *hidden, output = (layer.weight.grad for layer in model.linears())
    assert all(grad is not None and not grad.any() for grad in hidden)
    assert output is not None
    assert output.any()


def test_batchnorm_falls_off_and_layernorm_does_not(monkeypatch):
    data = digits("zscore")
    quarter = replace(data, x=data.x[::4], y=data.y[::4])
    monkeypatch.setattr(smallbatch, "digits", lambda preprocessing: quarter)
    monkeypatch.setattr(smallbatch, "BATCHES", (32, 2))
    numbers = smallbatch.measure("batch", 0) | smallbatch.measure("layer", 0)
    lost = {name: numbers[f"{name}.32"] - numbers[f"{name}.2"] for name in ("batch", "layer")}
    bands = {row.key: row.band for row in smallbatch.FIGURE.rows}
    for name, value in lost.items():
        band = bands[f"{name}.lost"]
        assert band is not None
        assert band.holds([value])


def test_every_number_shown_is_measured(monkeypatch):
    data = digits("zscore")
    few = replace(
        data, x=data.x[:32], y=data.y[:32], heldout_x=data.heldout_x[:5], heldout_y=data.y[:5]
    )
    monkeypatch.setattr(smallbatch, "digits", lambda preprocessing: few)
    assert keys_shown("smallbatch") <= run("smallbatch", [0]).samples[0].keys()
