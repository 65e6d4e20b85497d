"""What figures train with: the project's own trainer, and plain SGD on networks that its controls cannot describe."""

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import torch
from jaxtyping import Float
from torch import Generator, Tensor, nn
from torch.nn.functional import cross_entropy

from normviz.config import parse
from normviz.data.dataset import Dataset
from normviz.frames import Values
from normviz.nn.network import generator, running_statistics
from normviz.nn.tape import Tape
from normviz.train.inputs import prepared
from normviz.train.trainer import Trainer

#: fills a weight matrix, shape (fan_out, fan_in), in place
Draw = Callable[[Tensor, Generator], None]


def frames(lane: Mapping[str, Any], steps: int, measured: set[int]) -> Iterator[tuple[int, Values]]:
    """Train one lane on the CPU with the Trainer; yield (step, fields) of every step with a frame, step 0 first."""
    trainer = Trainer(parse({"lane": {"device": "cpu", **lane}, "steps": steps}))
    yield 0, trainer.frame().lanes[0]
    while not trainer.finished:
        frame = trainer.step(trainer.step_count + 1 in measured)
        if frame is not None:
            yield frame.step, frame.lanes[0]


class Perceptron(nn.Module):
    """Linear layers with one activation between them; the biases are 0 unless ``bias`` draws them."""

    def __init__(
        self,
        sizes: Sequence[int],
        activation: Callable[[Tensor], Tensor],
        seed: int,
        weight: Draw,
        bias: Draw | None = None,
    ) -> None:
        super().__init__()
        self.activation = activation
        self.linears: list[nn.Linear] = []
        for index, (fan_in, fan_out) in enumerate(itertools.pairwise(sizes)):
            layer = nn.utils.skip_init(nn.Linear, fan_in, fan_out)
            assert isinstance(layer, nn.Linear)
            weight(layer.weight, generator(seed, "init", index))
            nn.init.zeros_(layer.bias)
            if bias:
                bias(layer.bias, generator(seed, "bias", index))
            self.linears.append(layer)
            self.add_module(str(index), layer)

    def forward(
        self, x: Float[Tensor, "batch features"], tape: Tape | None = None
    ) -> Float[Tensor, "batch classes"]:
        """Return the last layer's output; write pre-activations and activations on the tape."""
        *hidden, output = self.linears
        for layer in hidden:
            pre = layer(x)
            x = self.activation(pre)
            if tape is not None:
                tape.pre.append(pre)
                tape.phi.append(x)
        return output(x)

    def weights(self) -> list[Tensor]:
        """Return all weight matrices, the output layer's last."""
        return [layer.weight for layer in self.linears]


def digits(preprocessing: str = "raw") -> Dataset:
    """Return the 4,000 training and 1,000 held-out digits."""
    return prepared("mnist", preprocessing)


class PlainSGD:
    """A network under plain SGD: cross-entropy, shuffled minibatches, no probes."""

    def __init__(self, model: nn.Module, data: Dataset, lr: float, batch: int, seed: int) -> None:
        self.model, self.data = model, data
        self._x, self._y = torch.from_numpy(data.x), torch.from_numpy(data.y)
        self._optimizer = torch.optim.SGD(model.parameters(), lr)
        self._batches = self._shuffled(batch, generator(seed, "order"))

    def _shuffled(self, size: int, order: Generator) -> Iterator[Tensor]:
        """Yield the rows of each minibatch; every epoch is a new permutation, whose incomplete rest is dropped."""
        while True:
            rows = torch.randperm(len(self._y), generator=order)
            yield from rows[: len(rows) // size * size].split(size)

    def steps(self, count: int) -> None:
        """Take that many updates."""
        for rows in itertools.islice(self._batches, count):
            loss = cross_entropy(self.model(self._x[rows]), self._y[rows])
            self._optimizer.zero_grad(set_to_none=True)
            loss.backward()
            self._optimizer.step()

    @torch.no_grad()
    def accuracy(self, heldout: bool = True, examples: int | None = None) -> float:
        """Return the share that is right, in eval mode, of the held-out or the first training examples."""
        x, y = (self.data.heldout_x, self.data.heldout_y) if heldout else (self.data.x, self.data.y)
        with running_statistics(self.model):
            right = self.model(torch.from_numpy(x[:examples])).argmax(1).numpy() == y[:examples]
        return float(right.mean())
