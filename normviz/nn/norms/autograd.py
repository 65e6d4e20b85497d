"""Gradients of Batch Normalization by torch's autograd in float64, for a process of its own.

``python -m normviz.nn.norms.autograd`` reads a JSON object with x, gamma, beta, eps and dy, and writes the gradients of
x, gamma and beta. Whoever has no torch can check by it what was derived by hand.
"""

import json
import os
import sys

import torch

Rows = list[list[float]]


def gradients(
    x: Rows, gamma: list[float], beta: list[float], eps: float, dy: Rows
) -> dict[str, list[float] | Rows]:
    """Return dL/dx, dL/dgamma and dL/dbeta of torch's own batch normalization for L = sum(dy * y)."""
    leaves = {
        name: torch.tensor(values, dtype=torch.float64, requires_grad=True)
        for name, values in {"x": x, "gamma": gamma, "beta": beta}.items()
    }
    y = torch.batch_norm(*leaves.values(), None, None, True, 0.0, eps, False)  # pyright: ignore
    found = torch.autograd.grad(y, list(leaves.values()), torch.tensor(dy, dtype=torch.float64))
    return {name: grad.tolist() for name, grad in zip(leaves, found, strict=True)}


def main() -> None:
    """Answer the question on the standard input."""
    os.nice(10)
    torch.set_num_threads(1)
    json.dump(gradients(**json.load(sys.stdin)), sys.stdout)


if __name__ == "__main__":
    main()
