"""The command line: ``python -m normviz reproduce`` and ``python -m normviz run``.

Exit codes: 0 all inside their bands (or the run is over), 1 something outside (or all lanes diverged), 2 bad usage,
whose message names the argument, its value and what is allowed.
"""

import argparse
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn, Protocol, runtime_checkable
from urllib.parse import parse_qsl, urlsplit

from normviz.config import LANES, ConfigError, LaneConfig, RunConfig, from_link
from normviz.reproduce import FIGURES

ALL = "all"
MOST_SEEDS = 100
BAR = 30
COLUMNS = (
    ("step", "{:>7}"),
    ("lane", "{:>4}"),
    ("loss", "{:>9}"),
    ("accuracy", "{:>9}"),
    ("held out", "{:>9}"),
    ("|dW| first", "{:>11}"),
    ("|dW| last", "{:>11}"),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; bad usage raises SystemExit(2)."""
    parser = _parser()
    chosen = parser.parse_args(arguments)
    try:
        return chosen.command(parser, chosen)
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "normviz", allow_abbrev=False, description="Without a browser."
    )
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    figures = commands.add_parser(
        "reproduce",
        allow_abbrev=False,
        help="run a published figure again; without a name, list them",
    )
    figures.add_argument("name", metavar="NAME", nargs="?", help="a figure of the list, or all")
    figures.add_argument(
        "--seeds", type=_seeds, default=5, help="seeds 0, 1, … to run it with (default 5)"
    )
    figures.add_argument("--json", metavar="FILE", help="write every measured number")
    figures.add_argument("--html", metavar="FILE", help="write a page with table and charts")
    figures.set_defaults(command=_reproduce)

    run = commands.add_parser("run", allow_abbrev=False, help="train a configuration")
    run.add_argument("--steps", help="minibatches (default: what the link says, or 10,000)")
    run.add_argument("--link", help="a link of the Lab, or its part behind the question mark")
    run.add_argument(
        "--set",
        metavar="FIELD=VALUE",
        action="append",
        default=[],
        help="a field as in the link: depth=5, b.norm=batch; repeat it for more",
    )
    run.add_argument("--json", metavar="FILE", help="write what was printed, with all layers")
    run.set_defaults(command=_run)
    return parser


def _refuse(parser: argparse.ArgumentParser, argument: str, value: str, allowed: str) -> NoReturn:
    parser.error(f"argument {argument}: {value!r} is not possible; allowed: {allowed}")


def _seeds(text: str) -> int:
    if len(text) <= 3 and text.isascii() and text.isdigit() and 1 <= int(text) <= MOST_SEEDS:
        return int(text)
    raise argparse.ArgumentTypeError(
        f"{text!r} is not possible; allowed: a whole number from 1 to {MOST_SEEDS}"
    )


def _file(parser: argparse.ArgumentParser, argument: str, name: str | None) -> Path | None:
    """Check before the work that a file can be written after it."""
    if name is None:
        return None
    path = Path(name)
    if path.is_dir() or not path.parent.is_dir():
        _refuse(parser, argument, name, "a file in a folder that is there")
    return path


# --- reproduce ---


def _reproduce(parser: argparse.ArgumentParser, chosen: argparse.Namespace) -> int:
    """List the figures or run one."""
    names = (*FIGURES, ALL)
    if chosen.name is None:
        print(_listing())
        return 0
    if chosen.name not in names:
        _refuse(parser, "NAME", chosen.name, ", ".join(names))
    files = _file(parser, "--json", chosen.json), _file(parser, "--html", chosen.html)
    return _figures(tuple(FIGURES) if chosen.name == ALL else (chosen.name,), chosen.seeds, *files)


def _listing() -> str:
    width = max(map(len, FIGURES))
    return "\n".join(
        f"{name:<{width}}  {entry.title}\n{'':<{width}}  {entry.source}"
        for name, entry in FIGURES.items()
    )


def _figures(
    names: Sequence[str], seeds: int, json_file: Path | None, html_file: Path | None
) -> int:
    """Run figures one after another, print their tables and write the files."""
    import torch

    from normviz.reproduce import report, running

    torch.set_num_threads(1)
    outcomes: list[running.Outcome] = []
    for name in names:
        bar = Progress(name, sys.stderr)
        outcomes.append(running.run(name, range(seeds), bar))
        bar.clear()
        print(report.table(outcomes[-1]), end="\n\n", flush=True)
    if json_file:
        json_file.write_text(report.as_json(outcomes), encoding="utf-8")
    if html_file:
        html_file.write_text(report.as_html(outcomes), encoding="utf-8")
    return 0 if all(outcome.inside for outcome in outcomes) else 1


@runtime_checkable
class Stream(Protocol):
    """What a progress bar is written to."""

    def isatty(self) -> bool:
        """Tell whether it is a terminal."""
        ...

    def write(self, text: str, /) -> int:
        """Write text."""
        ...

    def flush(self) -> None:
        """Show what was written."""
        ...


class Progress:
    """A bar on one line of a terminal; says nothing where there is none."""

    def __init__(self, name: str, stream: Stream) -> None:
        self._name, self._stream, self._started = name, stream, time.monotonic()
        self._shown = stream.isatty()

    def __call__(self, done: int, total: int) -> None:
        """Draw ``done`` parts of ``total``."""
        if self._shown:
            full = BAR * done // total
            seconds = time.monotonic() - self._started
            bar = "#" * full + "." * (BAR - full)
            self._stream.write(f"\r{self._name} [{bar}] {done}/{total} {seconds:.0f} s\x1b[K")
            self._stream.flush()

    def clear(self) -> None:
        """Remove the bar."""
        if self._shown:
            self._stream.write("\r\x1b[K")
            self._stream.flush()


# --- run ---


def _run(parser: argparse.ArgumentParser, chosen: argparse.Namespace) -> int:
    """Train a configuration; print a line a lane at every evaluation."""
    config = _config(parser, chosen)
    json_file = _file(parser, "--json", chosen.json)

    from normviz.data.files import DataError
    from normviz.train.devices import DeviceError

    try:
        frames, divergences = train(config)
    except (DataError, DeviceError) as error:
        parser.error(str(error))
    if json_file:
        from normviz.reproduce.report import finite

        written = {"config": config.model_dump(exclude_none=True), "key": config.key()}
        written |= {"frames": frames, "divergences": divergences}
        json_file.write_text(json.dumps(finite(written), allow_nan=False) + "\n", encoding="utf-8")
    return 1 if len(divergences) == len(config.lanes()) else 0


def _config(parser: argparse.ArgumentParser, chosen: argparse.Namespace) -> RunConfig:
    """Put link, fields and steps together; the last word on a field counts."""
    query = dict(_query(chosen.link)) if chosen.link is not None else {}
    for each in chosen.set:
        field, equals, value = each.partition("=")
        if not equals:
            known = ", ".join([*LaneConfig.model_fields, "steps"])
            _refuse(parser, "--set", each, f"FIELD=VALUE with FIELD one of {known}")
        query[field] = value
    if chosen.steps is not None:
        query["steps"] = chosen.steps
    try:
        return from_link(query)
    except ConfigError as error:
        parser.error(str(error))


def _query(link: str) -> list[tuple[str, str]]:
    """Return the fields of a link; Streamlit's own parameters are none."""
    query = urlsplit(link).query or link.lstrip("?")
    pairs = parse_qsl(query, keep_blank_values=True)
    return [(name, value) for name, value in pairs if not name.startswith("embed")]


def train(config: RunConfig) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Train to the end, printing on the way; return what each evaluation showed, and the divergences."""
    import torch

    from normviz.train.occasions import evaluates
    from normviz.train.trainer import Trainer

    torch.set_num_threads(1)
    trainer = Trainer(config)
    for letter, title in zip(LANES.upper(), config.titles(), strict=False):
        print(f"lane {letter}{': ' + title if title else ''}")
    print("  ".join(form.format(name) for name, form in COLUMNS))
    rows = _said(0, trainer.frame().lanes)
    while not trainer.finished:
        frame = trainer.step(measure=False)
        if frame is not None and (evaluates(frame.step) or trainer.finished):
            rows += _said(frame.step, frame.lanes)
    for gone in trainer.divergences:
        print(
            f"lane {LANES[gone['lane']].upper()} diverged at step {gone['step']}: "
            f"layer {gone['layer']}, {gone['reason']}, loss {gone['value']}"
        )
    return rows, trainer.divergences


def _said(step: int, lanes: Sequence[Any]) -> list[dict[str, Any]]:
    """Print a line a lane and return it with the norms of all layers."""
    rows: list[dict[str, Any]] = []
    for letter, values in zip(LANES.upper(), lanes, strict=False):
        numbers = {
            name: values[name].astype(float).tolist()
            for name in ("loss", "accuracy", "heldout_loss", "heldout_accuracy", "dw_spectral")
        }
        rows.append({"step": step, "lane": letter, "alive": bool(values["alive"]), **numbers})
        dw = numbers["dw_spectral"]
        line = (
            *(str(step), letter, f"{numbers['loss']:.4f}", f"{numbers['accuracy']:.3f}"),
            *(f"{numbers['heldout_accuracy']:.3f}", f"{dw[0]:.3e}", f"{dw[-1]:.3e}"),
        )
        print(
            "  ".join(form.format(cell) for cell, (_, form) in zip(line, COLUMNS, strict=True)),
            flush=True,
        )
    return rows
