"""The part of a script that makes the network."""

import math

from normviz.receipt.script import weights
from normviz.receipt.script.norms import Norms
from normviz.receipt.script.pieces import Inexpressible, Pieces, look_up
from normviz.receipt.script.sets import CLASSES, FORMS

_ACTIVATIONS = {
    "sigmoid": "nn.Sigmoid()",
    "tanh": "nn.Tanh()",
    "relu": "nn.ReLU()",
    "leaky_relu": "nn.LeakyReLU(0.01)",
    "elu": "nn.ELU()",
    "gelu": "nn.GELU()",
    "silu": "nn.SiLU()",
    "softsign": "nn.Softsign()",
    "hard_tanh": "nn.Hardtanh()",
    "linear": "",
}

_LINEAR = '''

def linear(fan_in, fan_out, index):
    """A linear layer with drawn weights and a bias of 0."""
    layer = nn.Linear(fan_in, fan_out)
    draw(layer.weight, index)
    nn.init.zeros_(layer.bias)
    return layer
'''
_CONVOLUTION = '''

def convolution(fan_in, fan_out, stride, index):
    """A convolution of 3 x 3 with drawn weights and a bias of 0."""
    layer = nn.Conv2d(fan_in, fan_out, 3, stride, padding=1)
    draw(layer.weight, index)
    nn.init.zeros_(layer.bias)
    return layer
'''
_PARTS = '''

def draw_parts(weight):
    """The weights of the input and those of the state are drawn apart; they lie side by side."""
    for index, part in enumerate(weight.data.split([{features}, {width}], 1)):
        drawn = torch.empty(part.shape)
        draw(drawn, index)
        part.copy_(drawn)
'''
_LINEARS = '''
    def linears(self):
        """All layers with weights, in order."""
        return [{linears}]
'''

_MLP = '''

class MLP(nn.Module):
    """{depth} hidden layers of {width} units."""

    def __init__(self):
        super().__init__()
        layers, fan_in = [], {features}
        for index in range({depth}):
            layers += [{block}]
            fan_in = {width}
        self.hidden = nn.Sequential(*layers)
        self.output = linear({width}, {classes}, {depth})

    def forward(self, x):
        return self.output(self.hidden(x))
{linears}

model = MLP(){moved}
'''
_CONVNET = '''

class ConvNet(nn.Module):
    """{blocks} convolutions of 3 x 3 with {channels} feature maps; each halves sides that are longer than 3."""

    def __init__(self):
        super().__init__()
        layers, fan_in, sides = [], {deep}, {sides}
        for index in range({blocks}):
            stride = tuple(2 if side > 3 else 1 for side in sides)
            sides = tuple(-(-side // step) for side, step in zip(sides, stride))
            layers += [{block}]
            fan_in = {channels}
        self.hidden = nn.Sequential(*layers)
        self.output = linear({channels}, {classes}, {blocks})

    def forward(self, x):
        maps = self.hidden(x.view(len(x), {deep}, *{sides}))
        return self.output(torch.mean(maps, (2, 3)))
{linears}

model = ConvNet(){moved}
'''
_RNN = '''

class Recurrent(nn.Module):
    """{width} units that read {time} time steps of {features} numbers; the output layer sees the last state."""

    def __init__(self):
        super().__init__()
        self.cell = {cell}
{drawn}{norms}        self.output = linear({width}, {classes}, 2)

    def forward(self, x):
        x = {cut}
{running}        h = x.new_zeros(len(x), {width})
{weight}        for t in range({time}):
{step}        return self.output(h)
{activate}{linears}

model = Recurrent(){moved}
'''
_SHARED_NORM = """        self.norm = {norm}
"""
_OWN_NORMS = """        # Every time step has running averages of its own; gamma and beta are the same for all.
        self.norms = nn.ModuleList({norm} for index in range({time}))
"""
_TIED = """        for norm in self.norms[1:]:
            norm.{gamma}, norm.{beta} = self.norms[0].{gamma}, self.norms[0].{beta}
"""
_RUNNING = """        # Which sequences are still running at which step.
        running = (~x.isnan().any(2)).cumprod(1).bool()
"""
_GAPS = """            rows = running[:, t].nonzero()[:, 0]
            if len(rows):
                state = self.activate({z}{t})
                h = h.index_copy(0, rows, state)
"""
_NO_GAPS = """            h = self.activate({z}{t})
"""
_ACTIVATE = """
    def activate(self, z{t}):
        return {state}
"""


def write(pieces: Pieces) -> str:
    """Write draw(), the normalization and the network, as ``model``.

    Raises:
        Inexpressible: something of it cannot be written.
    """
    lane = pieces.lane
    look_up(_ACTIVATIONS, "activation", lane.activation)
    norms = Norms(pieces)
    makers = {"mlp": _mlp, "convnet": _convnet, "rnn": _recurrent}
    make = look_up(makers, "model", lane.model)
    return "".join(
        [
            weights.draw(pieces),
            _parts(pieces),
            weights.layers(pieces),
            _LINEAR,
            _CONVOLUTION if pieces.convolves and not pieces.weighted else "",
            norms.classes,
            make(pieces, norms),
            weights.lsuv(pieces),
        ]
    )


def _parts(pieces: Pieces) -> str:
    if not pieces.recurrent:
        return ""
    return _PARTS.format(features=_time(pieces)[1], width=pieces.lane.width)


def _block(pieces: Pieces, layer: str, norm: str) -> str:
    """Write a hidden layer: linear, then normalization and activation in their order; layers is a list of them."""
    activation = _ACTIVATIONS[pieces.lane.activation]
    if pieces.lane.place not in ("before", "after"):
        raise Inexpressible(f"place = {pieces.lane.place} cannot be written as a plain script")
    behind = [norm, activation] if pieces.lane.place == "before" else [activation, norm]
    return ", ".join(filter(None, [layer, *behind]))


def _common(pieces: Pieces, linears: str) -> dict[str, object]:
    return {
        "classes": CLASSES.get(pieces.lane.dataset, 10),
        "moved": ".to(device)" if pieces.gpu else "",
        "linears": _LINEARS.format(linears=linears) if pieces.lsuv else "",
    }


def _mlp(pieces: Pieces, norms: Norms) -> str:
    lane = pieces.lane
    features = math.prod(FORMS[lane.dataset])
    width = lane.width
    plain = f"linear(fan_in, {width}, index)"
    layer = f"{_normed(pieces)}(({width}, fan_in), index)" if pieces.weighted else plain
    return _MLP.format(
        depth=lane.depth,
        width=width,
        features=features,
        block=_block(pieces, layer, norms.make(str(width))),
        **_common(pieces, _with_weights(pieces)),
    )


def _with_weights(pieces: Pieces) -> str:
    """Write the hidden layers that have weights, and the output layer."""
    kind = _normed(pieces) if pieces.weighted else "nn.Conv2d" if pieces.convolves else "nn.Linear"
    return f"*(layer for layer in self.hidden if isinstance(layer, {kind})), self.output"


def _normed(pieces: Pieces) -> str:
    return "SpectralNorm" if pieces.lane.norm == "spectral" else "WeightNorm"


def _convnet(pieces: Pieces, norms: Norms) -> str:
    lane = pieces.lane
    form = FORMS[lane.dataset]
    deep, *sides = (*(1,) * (3 - len(form)), *form)
    channels = lane.channels
    layer = f"convolution(fan_in, {channels}, stride, index)"
    if pieces.weighted:
        layer = f"{_normed(pieces)}(({channels}, fan_in, 3, 3), index, stride)"
    return _CONVNET.format(
        blocks=lane.blocks,
        channels=channels,
        deep=deep,
        sides=tuple(sides),
        block=_block(pieces, layer, norms.make(str(channels))),
        **_common(pieces, _with_weights(pieces)),
    )


def _time(pieces: Pieces) -> tuple[int, int]:
    """Return time steps and features of one step: a picture's rows, a vector's numbers or up to 50 pieces of it."""
    form = FORMS[pieces.lane.dataset]
    if len(form) == 1:
        piece = -(-form[0] // 50)
        return -(-form[0] // piece), piece
    return form[-2], math.prod(form) // form[-2]


def _recurrent(pieces: Pieces, norms: Norms) -> str:
    lane, (time, features) = pieces.lane, _time(pieces)
    width = lane.width
    form = FORMS[lane.dataset]
    handed = ", weight" if pieces.weighted or pieces.lsuv else ""
    own = norms.running
    x = "x[rows, t], h[rows]" if pieces.gaps else "x[:, t], h"
    z = f"self.cell(torch.cat([{x}], 1){handed})"
    return _RNN.format(
        width=width,
        time=time,
        features=features,
        cell=_cell(pieces, features),
        drawn=_drawn(pieces),
        norms=_step_norms(pieces, norms, time),
        cut=_cut(form, time, features),
        running=_RUNNING if pieces.gaps else "",
        weight="        weight = self.cell.effective()\n" if handed else "",
        step=(_GAPS if pieces.gaps else _NO_GAPS).format(z=z, t=", t" if own else ""),
        activate=_ACTIVATE.format(t=", t" if own else "", state=_state(pieces, norms)),
        **_common(pieces, "self.cell, self.output"),
    )


def _cut(form: tuple[int, ...], time: int, features: int) -> str:
    """Write how examples are cut into time steps."""
    if len(form) == 3 and form[0] > 1:
        return f"x.view(len(x), {', '.join(map(str, form))}).transpose(1, 2).flatten(2)"
    missing = time * features - form[0] if len(form) == 1 else 0
    padded = f"nn.functional.pad(x, (0, {missing}))" if missing else "x"
    return f"{padded}.view(len(x), {time}, {features})"


def _cell(pieces: Pieces, features: int) -> str:
    width = pieces.lane.width
    if pieces.weighted:
        return f"{_normed(pieces)}(({width}, {features + width}), 0)"
    return f"{'Shared' if pieces.lsuv else 'nn.Linear'}({features + width}, {width})"


def _drawn(pieces: Pieces) -> str:
    if pieces.weighted:
        return ""
    return "        draw_parts(self.cell.weight)\n        nn.init.zeros_(self.cell.bias)\n"


def _step_norms(pieces: Pieces, norms: Norms, time: int) -> str:
    norm = norms.make(str(pieces.lane.width), "index" if norms.running else "0")
    if not norm:
        return ""
    if not norms.running:
        return _SHARED_NORM.format(norm=norm)
    text = _OWN_NORMS.format(norm=norm, time=time)
    if not pieces.lane.affine:
        return text
    torchs = "nn.BatchNorm" in norms.make("") or "(nn.BatchNorm" in norms.classes
    names = {"gamma": "weight", "beta": "bias"} if torchs else {"gamma": "gamma", "beta": "beta"}
    return text + _TIED.format(**names)


def _state(pieces: Pieces, norms: Norms) -> str:
    norm = norms.make("")
    activation = _ACTIVATIONS[pieces.lane.activation]
    called = "self.norms[t]" if norms.running else "self.norm"
    steps = [called if norm else "", activation]
    if pieces.lane.place == "after":
        steps.reverse()
    text = "z"
    for step in filter(None, steps):
        text = f"{step}({text})"
    return text
