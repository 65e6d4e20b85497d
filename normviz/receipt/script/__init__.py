"""A plain PyTorch script that repeats one lane of a run without normviz.

It has what this configuration needs and nothing else. Its losses are those of the run bit for bit, where torch, NumPy
and the type of machine are the same and it trains on the CPU: it draws the same random numbers and computes in the same
order.
"""

import re
import textwrap
from collections.abc import Iterable

from normviz.config import LANES, RunConfig, describe, matters
from normviz.receipt.script import data, model, training
from normviz.receipt.script.pieces import Inexpressible, Pieces

_HEAD = '''"""{title}

Made by normviz from run {key}. Its settings:

{settings}

{about}
"""
'''
_ABOUT = """It prints the loss of every minibatch as "step,loss". Step k is the network after k updates, seen with the
minibatch before the next one. It needs {packages}."""
_SAME = """On the CPU, with the same torch and NumPy and on the same type of machine, these are the numbers of the run
bit for bit; elsewhere they differ in the last digits, and the longer it trains the more."""
_GPU = """The run was trained on a GPU ({device}): there, as on every other machine, the last digits
differ, and the longer it trains the more. The initial weights and the minibatches are the same."""


def write(config: RunConfig, lane: int = 0, device: str = "CPU") -> str:
    """Return the script of a lane; ``device`` is what its frames say it was trained on.

    Where something cannot be written, the script is a message that says so and ends.
    """
    chosen = config.lanes()[lane]
    try:
        pieces = Pieces(chosen, config.steps, config.turns(lane), gpu=device != "CPU")
        body = [data.write(pieces), model.write(pieces), training.write(pieces)]
    except Inexpressible as error:
        return _head(config, lane, [f"There is no script of this run: {error}."]) + (
            f"\nraise SystemExit({str(error)!r})\n"
        )
    about = [
        _ABOUT.format(packages=pieces.packages()),
        _SAME if device == "CPU" else _GPU.format(device=_harmless(device)),
        *(textwrap.fill(f"Note: {note}", 118) for note in pieces.notes),
    ]
    text = "\n".join([_head(config, lane, about), *pieces.imports(), pieces.constants(), *body])
    return re.sub(r"\n{4,}", "\n\n\n", text)


def _head(config: RunConfig, lane: int, about: Iterable[str]) -> str:
    values = config.lanes()[lane].model_dump()
    settings = [describe(name, value) for name, value in values.items() if matters(name, values)]
    title = config.titles()[lane]
    named = f"Lane {LANES[lane].upper()}" + (f" ({title})" if title else "")
    lines = "\n".join(f"  {line}" for line in [*settings, f"Steps: {config.steps:,}"])
    head = _HEAD.format(
        title=f"{named} of a normviz run, in plain PyTorch.",
        key=config.key(),
        settings=lines,
        about="\n\n".join(about),
    )
    return head.replace("\\", "\\\\")


def _harmless(text: str) -> str:
    """Return a text that may have come with a file of anybody's, such that it ends no string of a program."""
    return re.sub(r"[^\w .,()/+-]", "?", text, flags=re.ASCII)[:80]
