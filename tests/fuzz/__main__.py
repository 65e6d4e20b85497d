"""Fuzz the readers: ``python -m tests.fuzz [NAME ...] [--runs 100000] [--seed 1]``.

Coverage guides the changes (Atheris, which is libFuzzer for Python): an input that reaches a line or branch that none
reached before is kept, and changed further. Each target runs in a process of its own, which ends at the first fault
and says the input.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from importlib import import_module
from pathlib import Path
from typing import Any

#: Megabytes of a target's process, and seconds for one input, after which that is a fault too.
MOST_MB = 2048
MOST_SECONDS = 20
#: Bytes of an input.
LONGEST = 8192
#: Where the fuzzer looks for new lines and branches.
LOOKED_AT = ("normviz", "zipfile", "urllib.parse")


def child(name: str, arguments: list[str]) -> None:
    """Fuzz one target; never returns."""
    atheris: Any = import_module("atheris")
    with atheris.instrument_imports(include=list(LOOKED_AT)):
        from tests.fuzz.targets import TARGETS

    target = TARGETS[name]

    def one(data: bytes) -> None:
        target.feed(data)

    atheris.Setup([sys.argv[0], *arguments], one)
    atheris.Fuzz()


def fuzz(name: str, runs: int, seed: int, found: Path) -> bool:
    """Fuzz one target in a process of its own; return whether nothing was found."""
    from tests.fuzz.targets import TARGETS

    with tempfile.TemporaryDirectory(prefix=f"normviz-fuzz-{name}-") as folder:
        corpus = Path(folder) / "corpus"
        corpus.mkdir()
        for number, data in enumerate(TARGETS[name].seeds()):
            (corpus / f"seed-{number}").write_bytes(data)
        words = Path(folder) / "words"
        words.write_text("".join(f'"{_escaped(word)}"\n' for word in TARGETS[name].words))
        arguments = [
            f"-runs={runs}",
            f"-seed={seed}",
            f"-max_len={LONGEST}",
            f"-rss_limit_mb={MOST_MB}",
            f"-timeout={MOST_SECONDS}",
            f"-dict={words}",
            f"-artifact_prefix={found}/{name}-",
            "-verbosity=0",
            "-print_final_stats=1",
            str(corpus),
        ]
        began = time.monotonic()
        ended = subprocess.run(
            [sys.executable, "-m", "tests.fuzz", "--child", name, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        kept = len(list(corpus.iterdir()))
    good = ended.returncode == 0
    said = "nothing found" if good else f"a fault; the input is in {found}"
    print(
        f"{name}: {runs:,} inputs, {time.monotonic() - began:.0f} s, {kept} kept: {said}",
        flush=True,
    )
    if not good:
        print(ended.stdout[-4000:], flush=True)
    return good


def _escaped(word: bytes) -> str:
    return "".join(f"\\x{byte:02x}" for byte in word)


def main() -> None:
    """Fuzz all targets, or those that are named."""
    from tests.fuzz.targets import TARGETS

    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(TARGETS))
    parser.add_argument("--runs", type=int, default=100_000, help="inputs of each target")
    parser.add_argument("--seed", type=int, default=1, help="of the fuzzer's random numbers")
    asked = parser.parse_args()
    if unknown := set(asked.names) - TARGETS.keys():
        parser.error(f"{', '.join(sorted(unknown))}: allowed are {', '.join(TARGETS)}")
    found = Path(tempfile.gettempdir()) / "normviz-fuzz"
    found.mkdir(exist_ok=True)
    good = [fuzz(name, asked.runs, asked.seed, found) for name in asked.names or TARGETS]
    sys.exit(0 if all(good) else 1)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        child(sys.argv[2], sys.argv[3:])
    main()
