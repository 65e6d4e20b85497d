"""What an operator watches of the engine."""

from dataclasses import dataclass

from normviz.engine.store import StoreNumbers


@dataclass(frozen=True)
class Numbers:
    """The engine at one moment.

    Attributes:
        runs: how many are kept, by status.
        viewers: pages that watch one.
        workers, ready: training processes, and those that have warmed up.
        deaths: training processes that have died.
        frames: frames of all runs since the start.
        frame_ages, frame_age_seconds: their ages when they came from the worker: how many were at most as old as each
            of :data:`normviz.engine.ages.BOUNDS`, the last for all of them; and the ages' sum.
        refused: runs that were refused because too many are open or wait.
        training, waiting: runs that train, and those that wait for their turn.
        record_bytes: memory of all records.
        studies: published figures that run or wait.
        draining: whether the server is about to end.
        store: what the store of runs has done and holds.
    """

    runs: dict[str, int]
    viewers: int
    workers: int
    ready: int
    deaths: int
    frames: int
    frame_ages: tuple[int, ...]
    frame_age_seconds: float
    refused: int
    training: int
    waiting: int
    record_bytes: int
    studies: int
    draining: bool
    store: StoreNumbers
