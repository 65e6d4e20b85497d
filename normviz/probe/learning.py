"""Loss and accuracy: of the minibatch, and of the held-out set in eval mode and with batch statistics."""

import numpy as np

from normviz.frames import Field, Values
from normviz.language import N_
from normviz.nn.activations import Activation
from normviz.probe.measured import Heldout, Measured

_UNMEASURED = Heldout(np.nan, np.nan, np.nan, np.nan)


def fields(activation: Activation, normed_after: bool) -> tuple[Field, ...]:
    """Declare loss (mean cross-entropy, nats) and accuracy (share of examples)."""
    return (
        Field(
            "loss",
            (),
            "f4",
            N_("Loss, minibatch"),
            N_("nats"),
            "mean cross-entropy of the minibatch, training mode",
        ),
        Field(
            "accuracy",
            (),
            "f4",
            N_("Accuracy, minibatch"),
            N_("share of examples"),
            "share of the minibatch that is right, training mode",
        ),
        Field(
            "heldout_loss",
            (),
            "f4",
            N_("Loss, held out"),
            N_("nats"),
            "mean cross-entropy of the held-out set, eval mode",
        ),
        Field(
            "heldout_accuracy",
            (),
            "f4",
            N_("Accuracy, held out"),
            N_("share of examples"),
            "share of the held-out set that is right, eval mode",
        ),
        Field(
            "heldout_batch_loss",
            (),
            "f4",
            N_("Loss, held out, batch statistics"),
            N_("nats"),
            "mean cross-entropy of the held-out set, batch statistics",
        ),
        Field(
            "heldout_batch_accuracy",
            (),
            "f4",
            N_("Accuracy, held out, batch statistics"),
            N_("share of examples"),
            "share of the held-out set that is right, batch statistics",
        ),
    )


def measure(measured: Measured) -> Values:
    """Return the pass's loss and accuracy; held-out values are NaN where they were not evaluated at this step."""
    heldout = measured.heldout or _UNMEASURED
    values = {
        "loss": measured.loss,
        "accuracy": measured.accuracy,
        **{f"heldout_{name}": value for name, value in vars(heldout).items()},
    }
    return {name: np.array(value, np.float32) for name, value in values.items()}
