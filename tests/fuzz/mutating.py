"""Random changes of valid inputs, the same ones from the same seed: the short run that every machine can do."""

import random
from collections.abc import Iterator

from tests.fuzz.target import Target

_NUMBERS = (b"\0", b"\x7f", b"\x80", b"\xff", b"\xff\xff\xff\xff", b"\0\0\0\x80", b"\xff" * 8)


def inputs(target: Target, count: int, seed: int) -> Iterator[bytes]:
    """Yield the seeds, and then so many inputs made of them."""
    source, seeds = random.Random(seed), list(target.seeds())
    yield from seeds
    for _ in range(count):
        data = bytearray(source.choice(seeds))
        for _ in range(source.randint(1, 4)):
            _spoil(data, source, (*target.words, *_NUMBERS), source.choice(seeds))
        yield bytes(data)


def _spoil(data: bytearray, source: random.Random, words: tuple[bytes, ...], other: bytes) -> None:
    """Change one thing: a bit, a stretch taken out or said twice, a word put in, or the end of another input."""
    start = source.randint(0, len(data))
    end = min(len(data), start + source.choice((1, 1, 2, 4, 16, 200)))
    match source.randrange(6):
        case 0 if data:
            data[start % len(data)] ^= 1 << source.randrange(8)
        case 1:
            del data[start:end]
        case 2:
            data[start:start] = data[start:end]
        case 3:
            data[start:start] = source.choice(words)
        case 4:
            data[start:end] = source.choice(words)
        case _:
            data[start:] = other[source.randint(0, len(other)) :]
