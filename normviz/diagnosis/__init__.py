"""Why did it die? Named rules that look at a lane and say what is wrong, by how much, and one thing to try.

A new rule is one line in :data:`RULES`, which are in the order in which their findings are told: causes before what
follows from them.
"""

from normviz.diagnosis import divergence, flow, rate, statistics, units
from normviz.diagnosis.doctor import Doctor
from normviz.diagnosis.rule import Case, Finding, Rule

RULES: tuple[Rule, ...] = (
    statistics.LONE,
    units.SYMMETRIC,
    rate.LEARNING_RATE,
    flow.EXPLODING,
    flow.VANISHING,
    units.SATURATED,
    units.DEAD,
    units.CONSTANT,
    statistics.LAGGING,
)
#: Found by the run itself, which ends: nothing is left to be measured.
DIVERGED = divergence.DIVERGED

__all__ = ["DIVERGED", "RULES", "Case", "Doctor", "Finding", "Rule", "divergence"]
