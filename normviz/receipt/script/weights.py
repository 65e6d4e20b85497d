"""The part of a script that draws the initial weights, and the layers with normalized weights."""

from normviz.receipt.script.pieces import Pieces, look_up

_DRAW = '''

def draw(weight, index):
    """{about}"""
    {body}
'''
#: The standard deviation or the bound, from fan_in and fan_out.
_NORMAL = {
    "small": ("N(0, 0.01²).", "0.01"),
    "unit": ("N(0, 1).", "1.0"),
    "normal": ("N(0, s²).", "{std!r}"),
    "lecun": ("N(0, 1 / fan_in), LeCun et al. 1998.", "math.sqrt(1.0 / fan_in)"),
    "xavier": (
        "N(0, 2 / (fan_in + fan_out)), Glorot & Bengio 2010.",
        "math.sqrt(2.0 / (fan_in + fan_out))",
    ),
    "he": ("N(0, 2 / fan_in), He et al. 2015.", "math.sqrt(2.0 / fan_in)"),
}
_UNIFORM = {
    "uniform": ("U(-s, s).", "{std!r}"),
    "xavier_uniform": (
        "U(-r, r) with r² = 6 / (fan_in + fan_out), Glorot & Bengio 2010.",
        "math.sqrt(6.0 / (fan_in + fan_out))",
    ),
    "he_uniform": ("U(-r, r) with r² = 6 / fan_in.", "math.sqrt(6.0 / fan_in)"),
}
_OTHERS = {
    "zeros": ("All weights are 0.", "nn.init.zeros_(weight)"),
    "constant": ("All weights are the same number.", "nn.init.constant_(weight, {std!r})"),
    "orthogonal": (
        "Orthonormal rows or columns, Saxe et al. 2014.",
        'nn.init.orthogonal_(weight, {gain!r}, generator=generator("init", index))',
    ),
    "lsuv": (
        "Orthonormal rows or columns, which lsuv() scales afterwards.",
        'nn.init.orthogonal_(weight, generator=generator("init", index))',
    ),
}

_WEIGHT = '''

class {name}(nn.Module):
    """{about}"""

    def __init__(self, shape, index{more}):
        super().__init__()
{strided}        self.weight = nn.Parameter(torch.empty(shape))
        self.bias = nn.Parameter(torch.zeros(shape[0]))
{drawn}{settled}
    def forward(self, x{handed}):
        return {op}(x, {effective}, self.bias{settings})
{methods}'''
_LENGTHS = '''
    def settle(self):
        """What is derived from the weights starts here."""
        with torch.no_grad():
            self.g.copy_(self.lengths(){logged})
            self.has_zeros = bool((self.lengths() == 0).any())

    def lengths(self):
        return torch.linalg.vector_norm(self.weight, dim={axes}, keepdim=True)

    def effective(self):
        if not self.has_zeros:
            return torch._weight_norm(self.weight, {length}, 0)
        return self.weight * ({length} / self.lengths().clamp_min(1e-12))
'''
_SPECTRAL = '''
    def settle(self):
        """Bring the vectors close to the singular ones."""
        self.iterate(15)

    @torch.no_grad()
    def iterate(self, times):
        matrix = self.weight.flatten(1)
        for _ in range(times):
            nn.functional.normalize(matrix @ self.right, dim=0, out=self.left)
            nn.functional.normalize(matrix.T @ self.left, dim=0, out=self.right)

    def effective(self):
        if self.training:
            self.iterate({times})
        matrix = self.weight.flatten(1)
        sigma = torch.dot(self.left.clone(), matrix @ self.right.clone())
        return self.weight / sigma.clamp_min(1e-12)
'''
_ABOUT = {
    "weight": ("WeightNorm", "W = g v / |v|, row by row (Salimans & Kingma 2016)."),
    "weight_exp": (
        "WeightNorm",
        "W = exp(s) v / |v|, row by row (Salimans & Kingma 2016); g holds s.",
    ),
    "spectral": (
        "SpectralNorm",
        "W = v / sigma(v), the largest singular value (Miyato et al. 2018).",
    ),
}

_LSUV = '''

@torch.no_grad()
def lsuv(model, x):
    """Scale the weights, layer by layer, until the layer's output has variance 1 (Mishkin & Matas 2016)."""

    def variance_of(output):
        return output.double().var(correction=0).item()

    def multiply(layer, factor):
        if factor != 1:
            layer.weight.mul_(factor){settle}

    def rescaled(layer, inputs, output):
        variance = variance_of(output)
        if not 0 < variance < math.inf:
            return None
        for _ in range(10):
            if abs(variance - 1) < 0.01 or not 0 < variance < math.inf:
                break
            multiply(layer, 1 / math.sqrt(variance))
            before, variance = variance, variance_of(layer.forward(inputs[0]))
            if math.isclose(before, variance, rel_tol=1e-3):  # its size has no effect
                multiply(layer, math.sqrt(before))
                break
{gain}        hooks.pop(layer).remove()
        return layer.forward(inputs[0])

    hooks = {{layer: layer.register_forward_hook(rescaled) for layer in model.linears()}}
    model(x)
    for layer, hook in hooks.items():
        hook.remove(){rest}
'''


def draw(pieces: Pieces) -> str:
    """Write the function that fills a weight.

    Raises:
        Inexpressible: it cannot be written.
    """
    lane = pieces.lane
    name = lane.init
    values = {"std": lane.init_std, "gain": lane.gain}
    if name in _OTHERS:
        about, body = _OTHERS[name]
        return _DRAW.format(about=about, body=body.format(**values))
    about, size = look_up({**_NORMAL, **_UNIFORM}, "init", name)
    lines = list[str]()
    if "fan_" in size:
        pieces.need("import math")
        if pieces.convolves:
            lines += ["fan_in = weight[0].numel()", "fan_out = weight.numel() // weight.shape[1]"]
        else:
            lines += ["fan_out, fan_in = weight.shape"]
    size = size.format(**values)
    if lane.gain != 1:
        size, about = f"{lane.gain!r} * {size}", f"{about[:-1]}, times {lane.gain:g}."
    drawn = "normal_(0.0, 1.0" if name in _NORMAL else "uniform_(-1.0, 1.0"
    lines += [f"{'deviation' if name in _NORMAL else 'bound'} = {size}", "with torch.no_grad():"]
    factor = lines[-2].split(" = ")[0]
    lines += [f'    weight.{drawn}, generator=generator("init", index)).mul_({factor})']
    return _DRAW.format(about=about, body="\n    ".join(lines))


def layers(pieces: Pieces) -> str:
    """Write the layer whose weights are normalized, or that is handed its weights; nothing where torch has it."""
    if not pieces.weighted:
        return _shared() if pieces.recurrent and pieces.lsuv else ""
    lane = pieces.lane
    name, about = _ABOUT[lane.norm]
    convolves, shared = pieces.convolves, pieces.recurrent
    axes = (1, 2, 3) if convolves else (1,)
    if lane.norm == "spectral":
        pieces.need("import math")
        methods = _SPECTRAL.format(times=lane.power_iterations)
        settled = """        fan_in = self.weight[0].numel()
        self.register_buffer("left", torch.full((shape[0],), 1 / math.sqrt(shape[0])))
        self.register_buffer("right", torch.full((fan_in,), 1 / math.sqrt(fan_in)))
"""
    else:
        exp = lane.norm == "weight_exp"
        methods = _LENGTHS.format(
            axes=axes,
            logged=".clamp_min(1e-12).log()" if exp else "",
            length="self.g.exp()" if exp else "self.g",
        )
        ones = ", 1" * len(axes)
        settled = f"        self.g = nn.Parameter(torch.ones(shape[0]{ones}))\n"
    return _WEIGHT.format(
        name=name,
        about=about,
        more=", stride" if convolves else "",
        strided="        self.stride = stride\n" if convolves else "",
        drawn="        draw_parts(self.weight)\n"
        if shared
        else "        draw(self.weight, index)\n",
        settled=settled + "        self.settle()\n",
        handed=", weight=None" if shared else "",
        effective="self.effective() if weight is None else weight"
        if shared
        else "self.effective()",
        op="nn.functional.conv2d" if convolves else "nn.functional.linear",
        settings=", stride=self.stride, padding=1" if convolves else "",
        methods=methods,
    )


def _shared() -> str:
    return '''

class Shared(nn.Linear):
    """A linear layer that all time steps of a pass use with the same weights."""

    def forward(self, x, weight=None):
        return nn.functional.linear(x, self.weight if weight is None else weight, self.bias)

    def effective(self):
        return self.weight
'''


def lsuv(pieces: Pieces) -> str:
    """Write LSUV's scaling; nothing with other initializations."""
    if not pieces.lsuv:
        return ""
    pieces.need("import math")
    gain, settle = pieces.lane.gain, "\n            layer.settle()"
    if pieces.weighted:  # the output layer has no settle
        settle = '\n            if hasattr(layer, "settle"):\n                layer.settle()'
    return _LSUV.format(
        settle=settle if pieces.weighted else "",
        gain=f"        multiply(layer, {gain!r})\n" if gain != 1 else "",
        rest=f"\n        multiply(layer, {gain!r})  # one whose output is constant"
        if gain != 1
        else "",
    )
