"""A. Irpan's three ways (2017) to train one network on two domains, MNIST and digits on textures.

In every step both domains' mean losses on a minibatch each are summed; the versions differ in what BatchNorm sees.
"""

import copy
import statistics
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from normviz.language import N_
from normviz.nn.initializers import he
from normviz.nn.network import generator, running_statistics
from normviz.nn.norms.batch import BatchNorm
from normviz.nn.norms.population import population
from normviz.reproduce.normed import Normed
from normviz.reproduce.training import Perceptron
from normviz.train.inputs import prepared
from normviz.train.orders import minibatches

WIDTH, DEPTH, BATCH, SGD, MOMENTUM = 100, 3, 64, 0.1, 0.1
EVERY, STEPS = 50, 400
DOMAINS = (N_("mnist"), N_("textured"))

#: inputs and labels of each domain
Minibatches = list[tuple[Tensor, Tensor]]


@dataclass(frozen=True)
class Domain:
    """One data set of the two, training and held-out part."""

    x: Float[Tensor, "train features"]
    y: Int64[Tensor, " train"]
    heldout_x: Float[Tensor, "heldout features"]
    heldout_y: Int64[Tensor, " heldout"]


@cache
def domains() -> tuple[Domain, ...]:
    """Return MNIST and the textured digits."""
    data = prepared("two_domains", "centred")
    parts = list[Domain]()
    for number in range(len(DOMAINS)):
        train, heldout = data.domain == number, data.heldout_domain == number
        arrays = data.x[train], data.y[train], data.heldout_x[heldout], data.heldout_y[heldout]
        parts.append(Domain(*map(torch.from_numpy, arrays)))
    return tuple(parts)


def one_network(seed: int) -> list[Normed]:
    """Return the same network twice: both domains go through it."""
    linears = Perceptron([784, *[WIDTH] * DEPTH, 10], torch.relu, seed, he).linears
    norms = [BatchNorm(WIDTH, affine=True, momentum=MOMENTUM) for _ in range(DEPTH)]
    return [Normed(linears, norms, torch.relu)] * len(DOMAINS)


def two_copies(seed: int) -> list[Normed]:
    """Return two networks with the same linear layers, each with BatchNorms of its own."""
    net = one_network(seed)[0]
    return [net, Normed(net.linears, copy.deepcopy(net.norms), torch.relu)]


def together(nets: list[Normed], batch: Minibatches) -> Tensor:
    """Return the sum of the domains' mean losses where they are normalized as one minibatch."""
    x, y = (torch.cat(part) for part in zip(*batch, strict=True))
    return len(batch) * cross_entropy(nets[0](x), y)


def one_by_one(nets: list[Normed], batch: Minibatches) -> Tensor:
    """Return the sum of the domains' mean losses where each is normalized alone; without BatchNorm it is the same."""
    each = [cross_entropy(net(x), y) for net, (x, y) in zip(nets, batch, strict=True)]
    return torch.stack(each).sum()


@dataclass(frozen=True)
class Version:
    """One of the post's versions: the network each domain goes through, and the loss of a minibatch of each."""

    words: str
    networks: Callable[[int], list[Normed]]
    loss: Callable[[list[Normed], Minibatches], Tensor]


VERSIONS = {
    "mixed": Version(N_("A, one batch"), one_network, together),
    "shared": Version(N_("B, shared averages"), one_network, one_by_one),
    "separate": Version(N_("C, BatchNorm each"), two_copies, one_by_one),
}


def training(version: Version, nets: list[Normed], seed: int) -> Iterator[float]:
    """Train while the learning rate falls to 0; yield the mean loss of every 50 steps, a domain's on average."""
    optimizer = torch.optim.SGD(nn.ModuleList(nets).parameters(), SGD)
    rows = [
        minibatches(len(domain.y), BATCH, generator(seed, "order", number))
        for number, domain in enumerate(domains())
    ]
    found = list[float]()
    for step in range(STEPS):
        chosen = [(domain, next(row)) for domain, row in zip(domains(), rows, strict=True)]
        loss = version.loss(nets, [(domain.x[row], domain.y[row]) for domain, row in chosen])
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.param_groups[0]["lr"] = SGD * (1 - step / STEPS)
        optimizer.step()
        found.append(loss.item() / len(nets))
        if len(found) == EVERY:
            yield statistics.fmean(found)
            found.clear()


@torch.no_grad()
def accuracy(net: Normed, x: Tensor, y: Tensor) -> float:
    """Return the share that is right in eval mode."""
    with running_statistics(net):
        return float((net(x).argmax(1) == y).float().mean())


def with_own_statistics(nets: list[Normed]) -> list[Normed]:
    """Return the same weights, in every layer with mean and variance of all of the domain's training images."""
    owns = [copy.deepcopy(net) for net in nets]
    for own, domain in zip(owns, domains(), strict=True):
        population(own, [domain.x])
    return owns
