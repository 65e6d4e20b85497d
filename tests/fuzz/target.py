"""What is fuzzed."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass


def as_it_is(data: bytes) -> tuple[bytes]:
    """Read what the fuzzer wrote and nothing else."""
    return (data,)


@dataclass(frozen=True)
class Target:
    """One reader.

    Attributes:
        read: reads an input, and asserts what must hold of what it has read.
        refuses: what it raises where it cannot read it. Anything else is a fault.
        seeds: valid inputs to begin from.
        forms: of an input, what is read: as it is, and perhaps with its lengths or checksums put right, for a fuzzer
            guesses none.
        words: what inputs are made of.
    """

    read: Callable[[bytes], object]
    refuses: tuple[type[Exception], ...]
    seeds: Callable[[], Sequence[bytes]]
    forms: Callable[[bytes], Iterable[bytes]] = as_it_is
    words: tuple[bytes, ...] = ()

    def feed(self, data: bytes) -> bool:
        """Read all forms of an input; return whether one could be read."""
        could = False
        for form in self.forms(data):
            try:
                self.read(form)
                could = True
            except self.refuses:
                pass
        return could
