"""At which steps something is measured whether or not anybody looks."""

from normviz.frames import is_milestone


def evaluates(step: int) -> bool:
    """Tell whether the held-out set is evaluated: every 10 steps to 100, every 100 to 1,000, every 500 after."""
    return step % (10 if step <= 100 else 100 if step <= 1000 else 500) == 0


def is_measured(step: int) -> bool:
    """Tell whether a step is measured whether or not a frame was asked for."""
    return evaluates(step) or is_milestone(step)
