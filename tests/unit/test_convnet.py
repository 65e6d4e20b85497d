"""The ConvNet against torch's own modules, and convolutions with normalized weights against torch's."""

from functools import partial

import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils import parametrizations

from normviz import catalog
from normviz.config import LaneConfig, RunConfig, parse
from normviz.nn.convnet import ConvNet
from normviz.nn.initializers import fans
from normviz.nn.linear import ExpWeightNormLinear, Linear, SpectralNormLinear, WeightNormLinear
from normviz.nn.tape import Tape
from normviz.train.trainer import Trainer

MODULES = {
    "none": lambda channels: nn.Identity(),
    "batch": nn.BatchNorm2d,
    "instance": partial(nn.InstanceNorm2d, affine=True),
    "layer": partial(nn.GroupNorm, 1),
    "group": partial(nn.GroupNorm, 2),
}


def images(rows: int = 6, side: int = 12, channels: int = 1) -> Tensor:
    size = channels * side * side
    return torch.rand((rows, size), generator=torch.Generator().manual_seed(0))


def run(**lane: object) -> RunConfig:
    return parse({"lane": lane})


def config(**changes: object) -> LaneConfig:
    return LaneConfig.model_validate(
        {
            "model": "convnet",
            "blocks": 3,
            "channels": 4,
            "activation": "tanh",
            "groups": 2,
            **changes,
        }
    )


def torchs(setting: LaneConfig, ours: ConvNet) -> nn.Sequential:
    """The same network, 12 x 12 to 6 x 6 to 3 x 3 to 3 x 3, of torch's own modules."""
    layers: list[nn.Module] = []
    for index, (block, stride) in enumerate(zip(ours.blocks, (2, 2, 1), strict=True)):
        conv = nn.Conv2d(4 if index else ours.shape[0], 4, 3, stride, 1)
        conv.load_state_dict(block.linear.state_dict())  # pyright: ignore
        norm = MODULES[setting.norm](4)
        layers += [conv, norm, nn.Tanh()] if setting.place == "before" else [conv, nn.Tanh(), norm]
    output = nn.Linear(4, 10)
    output.load_state_dict(ours.output.state_dict())
    return nn.Sequential(*layers, nn.AvgPool2d(3), nn.Flatten(), output)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("place", catalog.PLACES)
@pytest.mark.parametrize("norm", MODULES)
def test_it_equals_torchs_modules(norm: str, place: str, channels: int):
    setting = config(norm=norm, place=place)
    ours = ConvNet(setting, (channels, 12, 12), 10)
    theirs, x = torchs(setting, ours), images(channels=channels)
    pictures = x.view(-1, channels, 12, 12)
    for training in (True, False):
        logits = ours.train(training)(x), theirs.train(training)(pictures)
        torch.testing.assert_close(logits[0], logits[1], rtol=1e-5, atol=1e-6)
    ours.train()(x).square().sum().backward()
    theirs.train()(pictures).square().sum().backward()
    convolutions = [module for module in theirs if isinstance(module, nn.Conv2d)]
    for block, conv in zip(ours.blocks, convolutions, strict=True):
        torch.testing.assert_close(
            block.linear.weight.grad,  # pyright: ignore
            conv.weight.grad,
            rtol=1e-4,
            atol=1e-5,
        )


def test_the_tape_holds_every_blocks_maps_and_weights():
    model, tape = ConvNet(config(blocks=6), (1, 28, 28), 10), Tape()
    logits = model(images(side=28), tape)
    assert model.layers == 6
    assert [tuple(z.shape) for z in tape.pre] == [
        *((6, 4, side, side) for side in (14, 7, 4, 2, 2, 2)),
    ]
    assert [tuple(weight.shape) for weight in tape.weights] == [
        (4, 1, 3, 3),
        *[(4, 4, 3, 3)] * 5,
        (10, 4),
    ]
    torch.testing.assert_close(logits, model.output(tape.out[-1].mean((2, 3))))


@pytest.mark.parametrize(
    ("shape", "seen"), [((7,), (1, 1, 7)), ((5, 4), (1, 5, 4)), ((3, 8, 8), (3, 8, 8))]
)
def test_an_example_of_any_shape_is_a_picture(shape: tuple[int, ...], seen: tuple[int, ...]):
    model = ConvNet(config(), shape, 2)
    assert model.shape == seen
    features = torch.rand(5, int(torch.tensor(shape).prod()))
    assert model(features).shape == (5, 2)


def test_fans_are_torchs():
    for shape in ((5, 7), (5, 7, 3, 3)):
        assert fans(torch.empty(shape)) == nn.init._calculate_fan_in_and_fan_out(torch.empty(shape))


@pytest.mark.parametrize("init", catalog.INITIALIZERS)
def test_every_initialization_fills_a_convolution(init: str):
    model = ConvNet(config(init=init, channels=32), (16, 8, 8), 10)
    weight = model.linears()[1].weight.detach()
    assert torch.isfinite(weight).all()
    expected = {
        "xavier": (2 / (2 * 32 * 9)) ** 0.5,
        "he": (2 / (32 * 9)) ** 0.5,
        "lecun": (1 / (32 * 9)) ** 0.5,
        "he_uniform": (2 / (32 * 9)) ** 0.5,
    }
    if init in expected:
        assert weight.std().item() == pytest.approx(expected[init], rel=0.03)


def convolution(kind: type[Linear]) -> Linear:
    layer = kind((5, 3, 3, 3), partial(nn.functional.conv2d, padding=1)).double()
    for tensor in (layer.weight, layer.bias):
        nn.init.normal_(tensor, generator=torch.Generator().manual_seed(4))
    layer.settle()
    return layer


def maps() -> Tensor:
    return torch.randn((2, 3, 4, 4), generator=torch.Generator().manual_seed(1)).double()


def twin(layer: Linear) -> nn.Conv2d:
    conv = nn.Conv2d(3, 5, 3, padding=1).double()
    conv.load_state_dict({"weight": layer.weight, "bias": layer.bias})
    return conv


def test_a_convolutions_weight_norm_is_torchs():
    ours = convolution(WeightNormLinear)
    theirs = parametrizations.weight_norm(twin(ours))
    torch.testing.assert_close(ours(maps()), theirs(maps()))
    ours(maps()).sin().sum().backward()
    theirs(maps()).sin().sum().backward()
    length, direction = (
        parameter.grad for name, parameter in theirs.named_parameters() if "original" in name
    )
    torch.testing.assert_close(ours.g.grad, length)
    torch.testing.assert_close(ours.weight.grad, direction)


def test_exponential_lengths_start_at_the_same_weights():
    plain, layer = convolution(WeightNormLinear), convolution(ExpWeightNormLinear)
    torch.testing.assert_close(layer(maps()), plain(maps()))


def test_a_convolutions_spectral_norm_is_torchs():
    """Both are close to the exact singular value after some passes."""
    ours = convolution(SpectralNormLinear)
    theirs = parametrizations.spectral_norm(twin(ours))
    for _ in range(60):
        ours(maps())
        theirs(maps())
    a, b = ours(maps()), theirs(maps())
    torch.testing.assert_close(a, b, rtol=1e-6, atol=1e-8)
    sigma = torch.linalg.matrix_norm(ours.weight.flatten(1), 2)
    torch.testing.assert_close(ours.effective(), ours.weight / sigma, rtol=1e-6, atol=1e-8)


def test_power_iterations_come_closer_in_one_pass():
    def error(power_iterations: int) -> float:
        layer = SpectralNormLinear((40, 30), power_iterations=power_iterations)
        generator = torch.Generator().manual_seed(0)
        nn.init.normal_(layer.weight, generator=generator)
        layer.effective()
        return abs(torch.linalg.matrix_norm(layer.effective(), 2).item() - 1)

    assert error(10) < error(1) / 2


@pytest.mark.parametrize("norm", catalog.NORMS)
def test_it_trains_with_every_normalization(norm: str):
    trainer = Trainer(
        run(model="convnet", blocks=3, channels=4, activation="relu", init="he", norm=norm)
    )
    frames = [trainer.frame(), *(trainer.step(True) for _ in range(3))]
    for frame in frames:
        assert frame is not None
        assert all(value.shape[0] == 3 for value in (frame.lanes[0]["pre_std"],))
    assert not trainer.divergences


def test_two_lanes_of_one_seed_agree_where_shapes_do():
    first, second = (ConvNet(config(blocks=blocks), (1, 12, 12), 10) for blocks in (2, 3))
    for a, b in zip(first.blocks, second.blocks, strict=False):
        assert torch.equal(a.linear.weight, b.linear.weight)  # pyright: ignore
