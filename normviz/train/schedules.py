"""Learning-rate schedules: what the learning rate is multiplied with, from the step and the number of steps.

The first update is step 0, the last one step ``steps`` - 1.
"""

import math


def constant(step: int, steps: int) -> float:
    """1 all the time."""
    return 1.0


def cosine(step: int, steps: int) -> float:
    """(1 + cos(pi t / T)) / 2: from 1 towards 0 (Loshchilov & Hutter 2017, eq. 5, without restarts)."""
    return (1 + math.cos(math.pi * step / steps)) / 2


def warmup(step: int, steps: int) -> float:
    """min(1, 10 (t + 1) / T): linearly up over the first tenth of the steps (Goyal et al. 2017, section 2.2)."""
    return min(1.0, 10 * (step + 1) / steps)


def step(step: int, steps: int) -> float:
    """1, then 0.1 from half of the steps on, 0.01 from three quarters on (He et al. 2016, section 4.2)."""
    return 0.1 ** ((2 * step >= steps) + (4 * step >= 3 * steps))
