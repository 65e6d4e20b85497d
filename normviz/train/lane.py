"""One network in training."""

import copy
import math
from collections.abc import Iterator
from functools import partial

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from normviz import catalog
from normviz.config import LaneConfig, RunConfig
from normviz.nn.lsuv import LSUV
from normviz.nn.network import (
    Network,
    batch_statistics,
    normed_after,
)
from normviz.nn.tape import Tape
from normviz.probe import Heldout, Measured, OnDevice, OnHost
from normviz.probe.narration import Said
from normviz.train import edges, turning
from normviz.train.evaluation import Evaluation
from normviz.train.inputs import data_of
from normviz.train.minibatches import Minibatches, ordered
from normviz.train.watching import Meter

STEPS: int = RunConfig.model_fields["steps"].default


class Lane:
    """A model, its optimizer, its data and the pass that is waiting to become an update.

    Construction runs the first forward and backward pass. :meth:`update` then applies its gradients and runs the next
    pass, so after k updates the lane holds the pass of minibatch k + 1, and a measurement describes the network as it
    is, before that minibatch has changed it. ``steps`` is when a learning-rate schedule ends.

    Initial weights, order and noise are drawn on the CPU whatever the device, so all devices start from the same
    numbers.

    Attributes:
        device: where model and data are.
        pass_loss: loss of the current pass; not finite when the lane has diverged.
        by_domain: held-out accuracy for each source of the data, as evaluated last; empty where there is one source.
        normed_after: whether activations are shown as behind a normalization; a run may set it where that changes.
        updates: how many there have been.
        meter: what measures covariate shift.
    """

    def __init__(self, config: LaneConfig, measure: bool = True, steps: int = STEPS) -> None:
        self.config, self._steps, self.updates = config, steps, 0
        self.normed_after = normed_after(config)
        self.by_domain: dict[str, int | float] = {}
        self.device: torch.device = catalog.DEVICES[config.device].load()()
        self._take_data()
        self._evaluation = Evaluation(config, self.data)
        self._make_network()
        self._restart_order("order")
        self._scale_weights()
        self._pass(measure)
        self.meter: Meter = catalog.METERS[config.meter].load()()
        self.meter.look(self)

    def _take_data(self) -> None:
        self.data = data_of(self.config)
        labels = torch.from_numpy(self.data.y)
        self._missing = edges.missing(labels, self.data.classes)
        self._x, self._y = torch.from_numpy(self.data.x).to(self.device), labels.to(self.device)

    def _make_network(self) -> None:
        self.model: Network = (
            catalog.MODELS[self.config.model]
            .load()(self.config, self.data.shape, self.data.classes)
            .to(self.device)
        )
        self._make_optimizer()

    def _make_optimizer(self) -> None:
        config = self.config
        self._parameters = list(self.model.parameters())
        self.optimizer: torch.optim.Optimizer = catalog.OPTIMIZERS[config.optimizer].load()(
            self._parameters, config.lr, config.weight_decay
        )
        constant = config.schedule == "constant"
        self._schedule = None if constant else catalog.SCHEDULES[config.schedule].load()

    def _restart_order(self, *purpose: object, taken: int = 0) -> None:
        self._purpose = purpose
        self._batches = Minibatches(partial(ordered, self.config, self.data, *purpose), taken)

    def _scale_weights(self) -> None:
        """Let an initializer that looks at data see the first minibatch, which is trained on afterwards."""
        initializer = catalog.INITIALIZERS[self.config.init].load()
        if isinstance(initializer, LSUV):
            x = self._x[self._batches.peek().to(self.device)]
            with batch_statistics(self.model):
                initializer.scale(self.model.linears(), lambda: self.model(x), self.config.gain)

    def update(self, measure: bool, turn: LaneConfig | None = None) -> None:
        """Apply the gradients of the current pass, then run the pass of the next minibatch.

        With a ``turn`` the lane goes on with this configuration from that pass on: weights, running averages and what
        the optimizer remembers stay where the new network has a place for them. Minibatches go on as they were unless
        data set, batch size or order change.

        Raises:
            ValueError: the new data do not fit the network.
        """
        if self._schedule is not None:
            scale = self._schedule(min(self.updates, self._steps - 1), self._steps)
            for group in self.optimizer.param_groups:
                group["lr"] = self.config.lr * scale
        if self.config.clip:
            nn.utils.clip_grad_norm_(self._parameters, self.config.clip)
        self.meter.before(self)
        self.optimizer.step()
        self.updates += 1
        self.meter.after(self)
        if turn is not None:
            self._turn(turn)
        self._pass(measure)
        if math.isfinite(self.pass_loss):
            self.meter.look(self)

    def _turn(self, config: LaneConfig) -> None:
        before, self.config = self.config, config
        if turning.differ(before, config, turning.DATA):
            shape = self.data.shape, self.data.classes
            self._take_data()
            if shape != (self.data.shape, self.data.classes):
                raise ValueError(
                    f"dataset = {config.dataset}: its examples have shape {self.data.shape} and {self.data.classes} "
                    f"classes, the network in training is made for {shape[0]} and {shape[1]}"
                )
        if turning.differ(before, config, turning.ORDER):
            self._restart_order("order", self.updates)
        self._evaluation = Evaluation(self.config, self.data)
        old = self.model, self.optimizer
        if turning.changes_network(before, config):
            self._make_network()
            turning.carry_network(old[0], self.model)
        elif turning.differ(before, config, turning.OPTIMIZER):
            self._make_optimizer()
        if before.optimizer == config.optimizer and self.optimizer is not old[1]:
            turning.carry_memory(old, (self.model, self.optimizer))

    def fork(self, with_pass: bool = True) -> "Lane":
        """Return a lane in the same state that goes on by itself; the data and the last pass are shared.

        One without the last pass holds no tensor of it, and cannot be measured before its next update.
        """
        twin = copy.copy(self)
        if not with_pass:
            twin._tape = None
        twin.model, twin.optimizer = copy.deepcopy((self.model, self.optimizer))
        twin._parameters = list(twin.model.parameters())
        for ours, theirs in zip(twin._parameters, self._parameters, strict=True):
            ours.grad = None if theirs.grad is None else theirs.grad.clone()
        twin._restart_order(*self._purpose, taken=self._batches.taken)
        twin.meter = copy.copy(self.meter)
        return twin

    def nbytes(self) -> int:
        """Return the memory of weights, gradients, buffers and of what the optimizer remembers."""
        memory = [value for kept in self.optimizer.state.values() for value in kept.values()]
        kept = [*self._parameters, *self._parameters, *self.model.buffers(), *memory]
        return sum(each.nbytes for each in kept if isinstance(each, Tensor))

    def _pass(self, measure: bool) -> None:
        self._rows = self._batches.take().to(self.device)
        self._labels, self._tape = self._y[self._rows], Tape() if measure else None
        logits = self.model(self._x.index_select(0, self._rows), self._tape)
        grads = _watch(self._tape) if self._tape else {}
        loss = cross_entropy(logits, self._labels)
        self.pass_loss, self._logits = loss.item(), logits.detach()
        for parameter in self._parameters:
            parameter.grad = None
        if math.isfinite(self.pass_loss):
            loss.backward()
        if self._tape:
            for index, pre in enumerate(self._tape.pre):
                pre.grad = grads[index] if index in grads else torch.zeros_like(pre)

    def let_go(self) -> None:
        """Forget the activations and gradients of the current pass; it cannot be measured any more."""
        self._tape = None

    def minibatch(self) -> tuple[Tensor, Tensor]:
        """Return the inputs and the classes of the current pass."""
        return self._x.index_select(0, self._rows), self._labels

    def measured(self, heldout: Heldout | None) -> Measured:
        """Return the current pass for the probes; it must have been run with ``measure``."""
        if self._tape is None:
            raise ValueError("the current pass was not run to be measured")
        grads = [
            torch.zeros_like(weight) if weight.grad is None else weight.grad
            for weight in self._tape.weights
        ]
        where = OnHost if self.device.type == "cpu" else OnDevice
        return where(
            self._tape,
            grads,
            self._logits,
            self._labels,
            self.model.activation,
            self.pass_loss,
            heldout,
            self.normed_after,
        )

    def culprit(self) -> tuple[int, str]:
        """Pass once more; name the first layer that is not finite (depth + 1 is the output layer), and the rule."""
        tape = Tape()
        with (
            torch.no_grad(),
            batch_statistics(self.model),
            edges.divisions_by_zero(self.model) as divided,
        ):
            self.model(self._x.index_select(0, self._rows), tape)
        if divided:
            return divided[0], "normalized_by_zero"
        for index, pre in enumerate(tape.pre, 1):
            if not torch.isfinite(pre).all():
                return index, _why(tape.weights[index - 1], "pre-activation")
        return len(tape.pre) + 1, _why(
            self.model.output.weight, "logits" if not torch.isfinite(self._logits).all() else "loss"
        )

    def evaluate(self, everything: bool = False) -> Heldout:
        """Evaluate the held-out set; see :meth:`normviz.train.evaluation.Evaluation.of`."""
        heldout, self.by_domain = self._evaluation.of(self.model, self._x, everything)
        return heldout

    def epoch_inputs(self) -> Iterator[Tensor]:
        """Yield the inputs of the training minibatches that stand for the population, the same each time."""
        return self._evaluation.epoch_inputs(self._x)

    def lone(self) -> tuple[Said, ...]:
        """Say which layers of the current pass are normalized over a single value."""
        return edges.lone(self.model, self._tape) if self._tape else ()

    def lacking(self) -> tuple[Said, ...]:
        """Say which classes the minibatch or the training data lack."""
        return edges.labels(self.model, self._labels, self._missing, self.data.classes)


def _watch(tape: Tape) -> dict[int, Tensor]:
    """Keep what the backward pass computes; return where it puts the gradient of each layer's pre-activation.

    They are kept as they are, where ``retain_grad`` would copy them.
    """
    for weight in tape.weights:
        weight.retain_grad()
    grads: dict[int, Tensor] = {}
    for index, pre in enumerate(tape.pre):
        pre.register_hook(partial(grads.__setitem__, index))
    return grads


def _why(weight: Tensor, what: str) -> str:
    return f"{what}_overflow" if bool(torch.isfinite(weight).all()) else "weights_not_finite"
