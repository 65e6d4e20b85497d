"""The lessons: a question, a guess, a run, and what the run says. One file a lesson, one line here, in reading order.

A lesson knows nothing of pages: it is texts, a configuration, and a function that judges what was recorded.
``docs/lessons.md`` says how one is made.
"""

from normviz.lessons import (
    bn_steps,
    break_bn,
    chaos,
    covariate_shift,
    family,
    gamma_beta,
    inference,
    initialization,
    learning_rate,
    preprocessing,
    saturation,
    spectral_gan,
    two_domains,
    vanishing,
)
from normviz.lessons.lesson import Choice, Claim, Lesson, Reading, Sketch, Verdict
from normviz.lessons.recording import Recording

#: The lessons in reading order, by the name of their page.
LESSONS: dict[str, Lesson] = {
    "preprocessing": preprocessing.LESSON,
    "initialization": initialization.LESSON,
    "vanishing": vanishing.LESSON,
    "saturation": saturation.LESSON,
    "bn_steps": bn_steps.LESSON,
    "gamma_beta": gamma_beta.LESSON,
    "inference": inference.LESSON,
    "family": family.LESSON,
    "break_bn": break_bn.LESSON,
    "two_domains": two_domains.LESSON,
    "covariate_shift": covariate_shift.LESSON,
    "chaos": chaos.LESSON,
    "spectral_gan": spectral_gan.LESSON,
    "learning_rate": learning_rate.LESSON,
}

__all__ = [
    "LESSONS",
    "Choice",
    "Claim",
    "Lesson",
    "Reading",
    "Recording",
    "Sketch",
    "Verdict",
]
