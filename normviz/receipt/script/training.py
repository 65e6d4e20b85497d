"""The part of a script that trains, and looks at the held-out examples at the end."""

from normviz.config import describe
from normviz.receipt.script.pieces import Inexpressible, Pieces, call, look_up

_OPTIMIZERS: dict[str, tuple[str, dict[str, object]]] = {
    "sgd": ("SGD", {}),
    "momentum": ("SGD", {"momentum": 0.9}),
    "nesterov": ("SGD", {"momentum": 0.9, "nesterov": True}),
    "rmsprop": ("RMSprop", {}),
    "adam": ("Adam", {"fused": True}),
    "adamw": ("AdamW", {"fused": True}),
}
_SCHEDULES = {
    "constant": ("", ""),
    "cosine": (
        "From 1 along half a cosine towards 0.",
        "(1 + math.cos(math.pi * step / STEPS)) / 2",
    ),
    "warmup": ("Up over the first tenth of the steps.", "min(1.0, 10 * (step + 1) / STEPS)"),
    "step": (
        "1, then 0.1 after half of the steps and 0.01 after three quarters.",
        "0.1 ** ((2 * step >= STEPS) + (4 * step >= 3 * STEPS))",
    ),
}
_SCHEDULE = '''

def schedule(step):
    """{about}"""
    return {factor}

'''
_LOOP = """
print("step,loss")
for step in range({stop} + 1):
    rows = next(batches){moved}
    loss = nn.functional.cross_entropy(model(x.index_select(0, rows)), y[rows])
    print(f"{{step}},{{loss.item()}}")
    if step == {stop} or not math.isfinite(loss.item()):
        break
    optimizer.zero_grad()
    loss.backward()
{turns}{rate}{clip}    optimizer.step()
"""
_RATE = """    for group in optimizer.param_groups:
        group["lr"] = {lr} * schedule(step)
"""
_CLIP = "    nn.utils.clip_grad_norm_(model.parameters(), {clip})\n"
_CLIP_IF = """    if clip:
        nn.utils.clip_grad_norm_(model.parameters(), clip)
"""
_TURN = """    if step == {at}:  # changed in the middle of the run
{changes}"""
_GROUP = """        for group in optimizer.param_groups:
            group["{name}"] = {value!r}
"""
#: What can be changed in the middle without making anything anew.
_SIMPLE = ("lr", "weight_decay", "clip")
_END = """
model.eval()
with torch.no_grad():
    right = (model(test_x).argmax(1) == test_y).float().mean().item()
print(f"# held-out accuracy {right:.4f}")
"""
_FIRST = """# The first minibatch scales the weights, then it is trained on.
first = next(batches)
batches = itertools.chain([first], batches)
{before}lsuv(model, x[first{moved}])
{after}"""
_HOLD = """tracking = [module for module in model.modules() if hasattr(module, "tracking")]
for module in tracking:
    module.tracking = False
"""
_RELEASE = """for module in tracking:
    module.tracking = True
"""
_RESET = """for module in model.modules():
    if isinstance(module, nn.modules.batchnorm._BatchNorm):
        module.reset_running_stats()
"""


def write(pieces: Pieces) -> str:
    """Write the training loop.

    Raises:
        Inexpressible: something of it cannot be written.
    """
    lane = pieces.lane
    pieces.need("import math")
    about, factor = look_up(_SCHEDULES, "schedule", lane.schedule)
    if lane.statistics == "population":
        pieces.notes.append(
            "the held-out accuracy at the end uses running averages, the run the population's statistics."
        )
    elif lane.statistics != "running":
        raise Inexpressible(f"statistics = {lane.statistics} cannot be written as a plain script")
    loop = _loop(pieces, bool(factor))
    parts = [_SCHEDULE.format(about=about, factor=factor) if factor else ""]
    parts += ["\nbatches = minibatches()\n", _scaling(pieces), _optimizer(pieces), loop, _END]
    return "".join(parts)


def _optimizer(pieces: Pieces) -> str:
    lane = pieces.lane
    name, fixed = look_up(_OPTIMIZERS, "optimizer", lane.optimizer)
    settings = dict(fixed)
    if lane.weight_decay or name == "AdamW":  # AdamW has a weight decay of its own
        settings["weight_decay"] = lane.weight_decay
    made = call(f"torch.optim.{name}", "model.parameters()", "LEARNING_RATE", **settings)
    return f"optimizer = {made}\n"


def _scaling(pieces: Pieces) -> str:
    if not pieces.lsuv:
        return ""
    pieces.need("import itertools")
    custom = pieces.lane.norm in ("renorm", "noisy") or (
        pieces.lane.norm == "batch" and pieces.alone
    )
    torchs = pieces.lane.norm in ("batch", "noisy") and not pieces.alone
    return _FIRST.format(
        moved=".to(device)" if pieces.gpu else "",
        before=_HOLD if custom else "",
        after=(_RESET if torchs else "") + (_RELEASE if custom else ""),
    )


def _loop(pieces: Pieces, scheduled: bool) -> str:
    turns, stop = _turns(pieces)
    turned = {name for changes in turns.values() for name in changes}
    clip = ""
    if "clip" in turned:
        clip = _CLIP_IF
    elif pieces.lane.clip:
        clip = _CLIP.format(clip=repr(pieces.lane.clip))
    texts = [
        _TURN.format(at=at, changes="".join(_change(n, v, scheduled) for n, v in changes.items()))
        for at, changes in turns.items()
    ]
    before = [f"clip = {pieces.lane.clip!r}\n"] if "clip" in turned else []
    before += ["learning_rate = LEARNING_RATE\n"] if scheduled and "lr" in turned else []
    return "".join(before) + _LOOP.format(
        stop="STEPS" if stop == pieces.steps else stop,
        moved=".to(device)" if pieces.gpu else "",
        turns="".join(texts),
        rate=_RATE.format(lr="learning_rate" if "lr" in turned else "LEARNING_RATE")
        if scheduled
        else "",
        clip=clip,
    )


def _turns(pieces: Pieces) -> tuple[dict[int, dict[str, float]], int]:
    """Return what changes at which step, as far as the script can follow, and the last step it repeats."""
    turns, before = dict[int, dict[str, float]](), pieces.lane
    for at, lane in pieces.turns.items():
        changes = {n: v for n, v in lane.model_dump().items() if v != getattr(before, n)}
        if other := [describe(n, v) for n, v in changes.items() if n not in _SIMPLE]:
            pieces.notes.append(
                f"after {at:,} updates the run changed: {', '.join(other)}. The script ends before that."
            )
            return turns, min(at - 1, pieces.steps)
        turns[at], before = changes, lane
    return turns, pieces.steps


def _change(name: str, value: float, scheduled: bool) -> str:
    if name == "clip":
        return f"        clip = {value!r}\n"
    if name == "lr" and scheduled:
        return f"        learning_rate = {value!r}\n"
    return _GROUP.format(name=name, value=value)
