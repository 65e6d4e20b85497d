"""What the registry of runs needs of the place where they are trained, and which place the settings name."""

from collections.abc import Callable, Sequence
from importlib.util import find_spec
from typing import Any, Protocol, runtime_checkable

from normviz.engine.pool import Pool
from normviz.engine.run import Run
from normviz.settings import Engine, Settings

#: Takes the run and the message about it; takes the runs of a training process that has died.
Hear = Callable[[Run, Any], None]
Mourn = Callable[[list[Run]], None]


@runtime_checkable
class TrainingPool(Protocol):
    """Training processes, here or elsewhere. All methods belong to one event loop."""

    @property
    def workers(self) -> Sequence[Any]:
        """The training processes that live."""
        ...

    @property
    def deaths(self) -> int:
        """How many have died."""
        ...

    @property
    def able(self) -> bool:
        """Whether a run can be placed now."""
        ...

    def warmth(self) -> tuple[int, int]:
        """Return how many training processes are warm, and how many there should be."""
        ...

    async def warm(self) -> None:
        """Wait until what should be warm is."""
        ...

    async def close(self) -> None:
        """End all training processes and wait until they are gone."""
        ...

    def place(self, run: Run, past: Run | None = None) -> None:
        """Give the run a training process, if possible the one that knows its past."""
        ...

    def crowded(self, run: Run) -> bool:
        """Tell whether this run, which is about to train, would have more of a processor if it was placed anew."""
        ...

    def knows(self, run: Run) -> bool:
        """Tell whether another run may go on from a state of this one."""
        ...

    def release(self, run: Run) -> None:
        """The run trains no more."""
        ...

    def forget(self, run: Run) -> None:
        """The run is not kept any more."""
        ...

    def count(self) -> int:
        """Return how many runs train."""
        ...

    def share(self) -> None:
        """Let the lanes of a run use the cores that no other run needs."""
        ...

    def send(self, run: Run, message: Any) -> None:  # noqa: ANN401 - any message
        """Tell the training process of a run something."""
        ...


def pool_of(settings: Settings, hear: Hear, mourn: Mourn) -> TrainingPool:
    """Return the pool that the settings name; only then is anything of Ray imported.

    Raises:
        RuntimeError: it cannot be had here. The text names the setting and says what to do.
    """
    if settings.engine is Engine.LOCAL:
        return Pool(settings, hear, mourn)
    if find_spec("ray") is None:
        raise RuntimeError(
            "NORMVIZ_ENGINE: ray is not possible, for Ray is not installed; "
            "pip install -r requirements-ray.txt, or take local"
        )
    from normviz.engine.cluster.pool import ClusterPool

    return ClusterPool(settings, hear, mourn)
