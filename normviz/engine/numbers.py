"""What an operator watches of the engine."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Numbers:
    """The engine at one moment.

    Attributes:
        runs: how many are kept, by status.
        viewers: pages that watch one.
        workers, ready: training processes, and those that have warmed up.
        deaths: training processes that have died.
        frames: frames of all runs since the start.
        refused: runs that were refused because too many train.
        record_bytes: memory of all records.
        studies: published figures that run or wait.
    """

    runs: dict[str, int]
    viewers: int
    workers: int
    ready: int
    deaths: int
    frames: int
    refused: int
    record_bytes: int
    studies: int
