"""What the web process and a worker say to each other over their pipe."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Start:
    """Build the run and show its step 0.

    Attributes:
        config: canonical JSON.
        own: the visitors' own data that it uses, each as :meth:`normviz.data.own.Table.packed` writes it.
        past: a run from which it may go on instead; empty where there is none.
        seq: the number of its first frame if it goes on from there, or if frames are known already.
        known: the last step whose frame is known already: the run trains up to there by itself, and shows what follows.
    """

    run: str
    config: str
    own: tuple[bytes, ...] = ()
    past: str = ""
    seq: int = 0
    known: int = -1


@dataclass(frozen=True)
class Pace:
    """Train or pause; ``speed`` is steps a second, 0 for as fast as possible."""

    run: str
    playing: bool
    speed: float


@dataclass(frozen=True)
class Steps:
    """Take so many steps and show each."""

    run: str
    n: int


@dataclass(frozen=True)
class Stop:
    """Drop the run."""

    run: str


@dataclass(frozen=True)
class Forget:
    """Drop what is kept to go on from the run."""

    run: str


@dataclass(frozen=True)
class Threads:
    """Lanes of a run may use so many processor cores at the same time."""

    n: int


@dataclass(frozen=True)
class Ping:
    """Are you there? The worker answers between two turns."""


@dataclass(frozen=True)
class Pong:
    """The worker is there."""


@dataclass(frozen=True)
class Ready:
    """The worker has warmed up."""

    pid: int


@dataclass(frozen=True)
class Started:
    """The run exists; ``schema`` describes its frames.

    ``step`` is where it goes on from the past that it was offered, whose frames up to there are its own; else 0.
    """

    run: str
    schema: dict[str, Any]
    step: int = 0


@dataclass(frozen=True)
class Emitted:
    """One encoded frame."""

    run: str
    seq: int
    step: int
    data: bytes


@dataclass(frozen=True)
class Progress:
    """What a run does: ready, running, paused, finished, diverged or failed; ``rate`` is steps a second."""

    run: str
    status: str
    step: int
    rate: float
    notice: dict[str, Any] | None
