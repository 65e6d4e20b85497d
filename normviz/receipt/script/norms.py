"""The part of a script that normalizes: torch's own module where there is one, else a class of a few lines."""

from normviz.receipt.script.pieces import Inexpressible, Pieces, call

_LEARNED = """        self.gamma = nn.Parameter(torch.ones(units))
        self.beta = nn.Parameter(torch.zeros(units))
"""
_BY_CHANNEL = '''

def by_channel(values, x):
    """One number a channel, in a shape that is broadcast over examples and positions."""
    return values.view(-1, *[1] * (x.ndim - 2))
'''

_GROUP = '''

class {name}(nn.Module):
    """Each example over {groups} groups of units; a group of one value leaves beta."""

    def __init__(self, units):
        super().__init__()
{learned}
    def forward(self, x):
        return torch.group_norm(x, {groups}, {affine}, {eps!r})
'''
_RMS = '''

class RMSNorm(nn.Module):
    """Each example is divided by its root mean square over channels and positions."""

    def __init__(self, units):
        super().__init__()
        self.gamma = nn.Parameter(torch.ones(units))

    def forward(self, x):
        return nn.functional.rms_norm(x, x.shape[1:], None, {eps!r}) * by_channel(self.gamma, x)
'''
_RMS_PLAIN = '''

class RMSNorm(nn.Module):
    """Each example is divided by its root mean square over channels and positions."""

    def __init__(self, units):
        super().__init__()

    def forward(self, x):
        return nn.functional.rms_norm(x, x.shape[1:], None, {eps!r})
'''
_LRN = '''

class LocalResponseNorm(nn.Module):
    """Every value is divided by the activity of the units beside it (Krizhevsky et al. 2012)."""

    def __init__(self, units):
        super().__init__()

    def forward(self, x):
        y = nn.functional.local_response_norm({x}, {n!r}, {alpha!r}, {beta!r}, {k!r})
        return y{back}
'''
_DYT = '''

class DyT(nn.Module):
    """gamma tanh(alpha x) + beta (Zhu et al. 2025)."""

    def __init__(self, units):
        super().__init__()
        self.alpha = nn.Parameter(torch.full((1,), 0.5))
{learned}
    def forward(self, x):
        return {scaled}
'''
_BATCH = '''

class BatchNorm(nn.Module):
    """BatchNorm that also takes a single example, whose variance is 0: the output is beta."""

{tracking}    def __init__(self, units):
        super().__init__()
{learned}        self.register_buffer("mean", torch.zeros(units))
        self.register_buffer("var", torch.ones(units))

    def forward(self, x):
        if not x.numel():
            return x
        running = self.mean, self.var
        if self.training{tracked}:
            one = x.numel() == x.shape[1]
            if one:
                self.mean.lerp_(x.detach().flatten(), {momentum!r})
            if one or not {momentum!r}:
                running = None, None
{frozen}        return torch.batch_norm(x, {affine}, *running, self.training, {momentum!r}, {eps!r}, False)
'''
_FROZEN = """        elif self.training:
            running = None, None
"""
_RENORM = '''

class BatchRenorm(nn.Module):
    """BatchNorm, corrected towards the running averages after a warm-up (Ioffe 2017)."""

{tracking}    def __init__(self, units):
        super().__init__()
        self.steps = 0
{learned}        self.register_buffer("mean", torch.zeros(units))
        self.register_buffer("std", torch.ones(units))

    def limits(self):
        grown = {grown}
        return 1.0 + grown * ({r_max!r} - 1.0), grown * {d_max!r}

    def forward(self, x):
        if not x.numel():
            return x
        if self.training:
            y = self.corrected(x)
        else:
            y = (x - by_channel(self.mean, x)) / by_channel(self.std, x)
        return {scaled}

    def corrected(self, x):
        over = [axis for axis in range(x.ndim) if axis != 1]
        mean = x.mean(over)
        centred = x - by_channel(mean, x)
        std = (centred.square().mean(over) + {eps!r}).sqrt()
        r_max, d_max = self.limits()
        r = (std.detach() / self.std).clamp(1 / r_max, r_max)
        d = ((mean.detach() - self.mean) / self.std).clamp(-d_max, d_max)
{indent_if}        {indent}self.mean.lerp_(mean.detach(), {momentum!r})
        {indent}self.std.lerp_(std.detach(), {momentum!r})
        {indent}self.steps += 1
        return centred / by_channel(std, x) * by_channel(r, x) + by_channel(d, x)
'''
_NOISY = '''

class NoisyBatchNorm({base}):
    """BatchNorm, then a random scale and shift in every step (Santurkar et al. 2018, appendix A)."""

{tracking}    def __init__(self, units, noise):
        super().__init__(units{settings})
        self.noise = noise

    def forward(self, x):
        y = super().forward(x)
        if not self.training{untracked}:
            return y
        mean = by_channel((torch.rand(x.shape[1], generator=self.noise) * 2 - 1) * 0.5, x)
        std = by_channel(1 + torch.rand(x.shape[1], generator=self.noise) * (1.25 - 1), x)
        shift = mean + (torch.rand(x.shape, generator=self.noise) * 2 - 1) * 0.1
        scale = std + torch.randn(x.shape, generator=self.noise) * 0.1
        return y * scale.to(y) + shift.to(y)
'''

#: Of torch's own: the epsilon that need not be written.
_EPS = 1e-5


class Norms:
    """The normalization of a script.

    Attributes:
        classes: the text of its class; empty where torch has one, or nothing is normalized.
    """

    def __init__(self, pieces: Pieces) -> None:
        self._pieces, self._lane = pieces, pieces.lane
        kind = f"_{pieces.lane.norm}"
        if not hasattr(self, kind):
            raise Inexpressible(f"norm = {pieces.lane.norm} cannot be written as a plain script")
        self.classes, self._call = getattr(self, kind)()

    def make(self, units: str, index: str = "index") -> str:
        """Write the making of one; empty where there is none."""
        return self._call.replace("UNITS", units).replace("INDEX", index)

    @property
    def running(self) -> bool:
        """Whether it has running averages."""
        return self._lane.norm in ("batch", "noisy", "renorm")

    # -- one a normalization: the class and the call that makes one -----------------------------------------------

    def _none(self) -> tuple[str, str]:
        return "", ""

    _weight = _weight_exp = _spectral = _none

    def _eps(self) -> dict[str, float]:
        return {} if self._lane.eps == _EPS else {"eps": self._lane.eps}

    def _affine(self, name: str) -> dict[str, bool]:
        return {} if self._lane.affine else {name: False}

    def _batch(self) -> tuple[str, str]:
        if self._pieces.alone:
            return self._batch_class(), "BatchNorm(UNITS)"
        name = "nn.BatchNorm2d" if self._pieces.convolves else "nn.BatchNorm1d"
        return "", call(name, "UNITS", **self._batch_settings(), **self._affine("affine"))

    def _batch_settings(self) -> dict[str, float]:
        momentum = self._lane.momentum
        return {**self._eps(), **({} if momentum == 0.1 else {"momentum": momentum})}

    def _batch_class(self) -> str:
        lane = self._lane
        return _BATCH.format(
            learned=_LEARNED if lane.affine else "",
            affine="self.gamma, self.beta" if lane.affine else "None, None",
            momentum=lane.momentum,
            eps=lane.eps,
            tracked=" and self.tracking" if self._pieces.lsuv else "",
            tracking=self._tracking(),
            frozen=_FROZEN if self._pieces.lsuv else "",
        )

    def _tracking(self) -> str:
        return "    tracking = True\n\n" if self._pieces.lsuv else ""

    def _noisy(self) -> tuple[str, str]:
        alone = self._pieces.alone
        base = "nn.BatchNorm2d" if self._pieces.convolves else "nn.BatchNorm1d"
        settings = {**self._batch_settings(), **self._affine("affine")}
        text = _NOISY.format(
            base="BatchNorm" if alone else base,
            settings="" if alone else "".join(f", {k}={v!r}" for k, v in settings.items()),
            tracking="" if alone else self._tracking(),
            untracked=" or not self.tracking" if self._pieces.lsuv else "",
        )
        before = _BY_CHANNEL + (self._batch_class() if alone else "")
        return before + text, 'NoisyBatchNorm(UNITS, generator("noise", INDEX))'

    def _renorm(self) -> tuple[str, str]:
        lane = self._lane
        warm = f"min(1.0, max(0.0, (self.steps - {lane.warmup}) / {lane.warmup}))"
        lsuv = self._pieces.lsuv
        text = _RENORM.format(
            learned=_LEARNED if lane.affine else "",
            grown=warm if lane.warmup else "1.0",
            r_max=lane.r_max,
            d_max=lane.d_max,
            scaled=self._scaled("y"),
            eps=lane.eps,
            momentum=lane.momentum,
            tracking=self._tracking(),
            indent_if="        if self.tracking:\n" if lsuv else "",
            indent="    " if lsuv else "",
        )
        return _BY_CHANNEL + text, "BatchRenorm(UNITS)"

    def _scaled(self, y: str) -> str:
        if not self._lane.affine:
            return y
        return f"torch.addcmul(by_channel(self.beta, x), by_channel(self.gamma, x), {y})"

    def _layer(self) -> tuple[str, str]:
        if self._pieces.convolves:
            return "", call("nn.GroupNorm", 1, "UNITS", **self._eps(), **self._affine("affine"))
        settings = {**self._eps(), **self._affine("elementwise_affine")}
        return "", call("nn.LayerNorm", "UNITS", **settings)

    def _group(self) -> tuple[str, str]:
        lane = self._lane
        units = lane.channels if self._pieces.convolves else lane.width
        groups = max(g for g in range(1, min(units, lane.groups) + 1) if units % g == 0)
        return self._groups("GroupNorm", groups)

    def _instance(self) -> tuple[str, str]:
        lane = self._lane
        return self._groups("InstanceNorm", lane.channels if self._pieces.convolves else lane.width)

    def _groups(self, name: str, groups: int) -> tuple[str, str]:
        lane = self._lane
        units = lane.channels if self._pieces.convolves else lane.width
        if groups < units:
            return "", call(
                "nn.GroupNorm", groups, "UNITS", **self._eps(), **self._affine("affine")
            )
        text = _GROUP.format(
            name=name,
            groups=groups,
            learned=_LEARNED if lane.affine else "",
            affine="self.gamma, self.beta" if lane.affine else "None, None",
            eps=lane.eps,
        )
        return text, f"{name}(UNITS)"

    def _rms(self) -> tuple[str, str]:
        lane = self._lane
        if self._pieces.convolves:
            text = _BY_CHANNEL + _RMS if lane.affine else _RMS_PLAIN
            return text.replace("{eps!r}", repr(lane.eps)), "RMSNorm(UNITS)"
        settings = {"eps": lane.eps, **self._affine("elementwise_affine")}
        return "", call("nn.RMSNorm", "UNITS", **settings)

    def _lrn(self) -> tuple[str, str]:
        lane = self._lane
        numbers = {"n": lane.lrn_n, "alpha": lane.lrn_alpha, "beta": lane.lrn_beta, "k": lane.lrn_k}
        flat = not self._pieces.convolves
        text = _LRN.format(
            x="x.unsqueeze(-1)" if flat else "x", back=".view_as(x)" if flat else "", **numbers
        )
        return text, "LocalResponseNorm(UNITS)"

    def _dyt(self) -> tuple[str, str]:
        text = _DYT.format(
            learned=_LEARNED if self._lane.affine else "",
            scaled=self._scaled("torch.tanh(self.alpha * x)"),
        )
        return (_BY_CHANNEL if self._lane.affine else "") + text, "DyT(UNITS)"
