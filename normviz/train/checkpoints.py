"""States of runs in training, from which the same run, or one that parts from it later, goes on bit for bit."""

from dataclasses import dataclass, field
from typing import Any

from normviz.config import RunConfig
from normviz.train.trainer import State, Trainer

#: A run has at most so many, evenly spread over its steps.
MOST = 16


@dataclass(frozen=True)
class Checkpoint:
    """A run at a step.

    Attributes:
        config: what it was running.
        schema: its schema, as JSON.
        state: all that goes on from there.
        nbytes: the memory that it holds.
    """

    config: RunConfig
    schema: dict[str, Any]
    state: State
    nbytes: int


@dataclass
class Checkpoints:
    """The checkpoints of several runs in bounded memory; those of the runs that were kept last are the last to go.

    Attributes:
        room: bytes that all of them may take.
    """

    room: int
    _kept: dict[str, list[Checkpoint]] = field(default_factory=dict)

    def keep(self, run: str, trainer: Trainer) -> None:
        """Keep the trainer's state; one that does not fit, or has a lane that diverged, is not kept."""
        if trainer.divergences:
            return
        size = trainer.nbytes()
        if size > self.room:
            return
        mine = self._kept.pop(run, [])
        mine.append(Checkpoint(trainer.config, trainer.schema.to_json(), trainer.state(), size))
        if len(mine) > MOST:
            del mine[_least_missed(mine)]
        self._kept[run] = mine
        self._make_room()

    def latest(self, run: str, until: int | None = None) -> Checkpoint | None:
        """Return a run's last checkpoint, or its last one that is no later than a step."""
        kept = self._kept.get(run, ())
        fit = [each for each in kept if until is None or each.state.step <= until]
        return fit[-1] if fit else None

    def forget(self, run: str) -> None:
        """Let go of all of a run's."""
        self._kept.pop(run, None)

    def nbytes(self) -> int:
        """Return the memory that all of them hold."""
        return sum(each.nbytes for kept in self._kept.values() for each in kept)

    def _make_room(self) -> None:
        while self.nbytes() > self.room:
            run, oldest = next(iter(self._kept.items()))
            del oldest[_least_missed(oldest) if len(oldest) > 2 else 0]
            if not oldest:
                del self._kept[run]


def _least_missed(kept: list[Checkpoint]) -> int:
    """Return which one leaves the shortest gap, of all but the first and the last."""
    steps = [each.state.step for each in kept]
    return min(range(1, len(steps) - 1), key=lambda index: steps[index + 1] - steps[index - 1])
