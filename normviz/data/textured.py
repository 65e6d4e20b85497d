"""A second domain made by code: MNIST digits on textured, coloured, cluttered backgrounds, like house numbers (SVHN).

Each picture has a base colour, a smooth shade, a rough texture and a grating behind a tilted digit of another
brightness; a neighbouring digit is cut by the border, and blur, gain and noise lie over all. The pictures are made in
colour and end as grey values, so that they have the 784 features of MNIST and both go through one network.
"""

from functools import cache

import numpy as np
from jaxtyping import Float, Float32

from normviz.data import mnist
from normviz.data.dataset import Dataset, fixed

SIZE = 28
#: Brightness of red, green and blue light together (ITU-R BT.601).
LUMA = np.array([0.299, 0.587, 0.114], np.float32)
#: How many digits are meant to be lighter than their background. One meant to be darker becomes lighter too where the
#: background is too dark for that, so that it is 0.9 in all.
LIGHTER = 0.8
_CHUNK = 500

Digits = Float32[np.ndarray, "n features"]
Grey = Float32[np.ndarray, "n 28 28"]
Colour = Float32[np.ndarray, "n 28 28 3"]
PerImage = Float[np.ndarray, " n"]


@cache
def load() -> Dataset:
    """Return the digits of :func:`normviz.data.mnist.load`, drawn anew, in the same order. Features: 784."""
    data = mnist.load()
    x, heldout_x = (
        grey(coloured(part, seed)) for seed, part in enumerate([data.x, data.heldout_x])
    )
    return Dataset(x, data.y, heldout_x, data.heldout_y, data.classes, form=data.form)


@cache
def colour() -> Dataset:
    """Return the same pictures in colour: red, green and blue, one after another. Features: 3 x 28 x 28."""
    data = mnist.load()
    x, heldout_x = (
        np.moveaxis(coloured(part, seed), 3, 1).reshape(len(part), -1)
        for seed, part in enumerate([data.x, data.heldout_x])
    )
    return Dataset(x, data.y, heldout_x, data.heldout_y, data.classes, form=(3, SIZE, SIZE))


def grey(pictures: Colour) -> Digits:
    """Return the brightness of every pixel, one row a picture."""
    return (pictures @ LUMA).reshape(len(pictures), -1)


def coloured(digits: Digits, seed: int) -> Colour:
    """Draw each digit on a background of its own, values in [0, 1]; the same seed gives the same pictures."""
    rng = fixed(seed)
    images = digits.reshape(-1, SIZE, SIZE)
    neighbours = images[rng.permutation(len(images))]
    chunks = range(0, len(images), _CHUNK)
    return np.concatenate(
        [_draw(images[i : i + _CHUNK], neighbours[i : i + _CHUNK], rng) for i in chunks]
    )


def _draw(digits: Grey, neighbours: Grey, rng: np.random.Generator) -> Colour:
    n = len(digits)
    side = rng.choice([-1.0, 1.0], n) * rng.uniform(16, 22, n)
    masks = _tilted(digits, rng.uniform(-2, 2, n), rng), _tilted(neighbours, side, rng)
    light = rng.uniform(0.2, 0.65, n)
    step = rng.uniform(0.3, 0.5, n) * np.where(rng.random(n) < LIGHTER, 1, -1)
    step = np.where(light + step < 0.02, -step, step)
    picture: Colour = _colour(light, rng) + _background(n, rng)[..., None]
    for mask, strength in zip(reversed(masks), (rng.uniform(0.4, 1, n), np.ones(n)), strict=True):
        ink = _colour(light + strength * step, rng)
        picture += mask[..., None] * (ink - picture)
    return _camera(picture, rng)


def _colour(light: PerImage, rng: np.random.Generator) -> Float32[np.ndarray, "n 1 1 3"]:
    """Return a colour of the given brightness and a random tint for each picture."""
    tint = rng.uniform(-0.25, 0.25, (len(light), 3))
    return (light[:, None] + tint - (tint @ LUMA)[:, None]).astype(np.float32)[:, None, None]


def _background(n: int, rng: np.random.Generator) -> Grey:
    """Return a smooth field, a rougher one and a grating, added up; about 0 on average."""
    smooth = _field(rng.uniform(-0.2, 0.2, (n, 3, 3)))
    rough = _field(rng.uniform(-0.15, 0.15, (n, 9, 9)))
    angle, phase = rng.uniform(0, np.pi, n), rng.uniform(0, 2 * np.pi, n)
    wave = 2 * np.pi * rng.uniform(0.05, 0.25, n)
    rows, columns = _along(wave * np.sin(angle)), _along(wave * np.cos(angle)) + phase[:, None]
    grating = np.sin(rows[:, :, None] + columns[:, None, :])
    return smooth + rough + (rng.uniform(0, 0.12, n)[:, None, None] * grating).astype(np.float32)


def _along(slope: PerImage) -> Float[np.ndarray, "n 28"]:
    return slope[:, None] * np.arange(SIZE)


def _field(coarse: Float[np.ndarray, "n k k"]) -> Grey:
    """Enlarge a coarse grid to a picture, linearly between its points."""
    at = np.linspace(0, coarse.shape[1] - 1, SIZE)
    weights = np.maximum(0, 1 - np.abs(at[:, None] - np.arange(coarse.shape[1]))).astype(np.float32)
    return weights @ coarse.astype(np.float32) @ weights.T


def _tilted(images: Grey, shift: PerImage, rng: np.random.Generator) -> Grey:
    """Turn, scale and shear each image by up to 0.2 and move it sideways by ``shift`` pixels; linear interpolation."""
    n, middle = len(images), (SIZE - 1) / 2
    matrix = (np.eye(2) + rng.uniform(-0.2, 0.2, (n, 2, 2))).astype(np.float32)
    grid = np.mgrid[:SIZE, :SIZE].reshape(2, -1).astype(np.float32) - np.float32(middle)
    moved = np.stack([np.zeros(n), shift], axis=1).astype(np.float32)[:, :, None]
    # From 0, the margin before the first pixel, to 29, the one behind the last.
    y, x = np.moveaxis(np.clip(matrix @ (grid - moved) + np.float32(middle + 1), 0, SIZE + 1), 1, 0)
    (down, top), (right, left) = np.modf(y), np.modf(x)
    wide = SIZE + 3
    flat = np.pad(images, ((0, 0), (1, 2), (1, 2))).ravel()
    corner = (top * wide + left).astype(np.int32) + np.arange(n, dtype=np.int32)[:, None] * wide**2
    upper = flat[corner] * (1 - right) + flat[corner + 1] * right
    lower = flat[corner + wide] * (1 - right) + flat[corner + wide + 1] * right
    return (upper * (1 - down) + lower * down).reshape(images.shape)


def _camera(pictures: Colour, rng: np.random.Generator) -> Colour:
    """Blur, change the contrast, add noise, and keep what lies in [0, 1]."""
    n = len(pictures)
    blur, gain = (
        rng.uniform(a, b, (n, 1, 1, 1)).astype(np.float32) for a, b in ((0, 0.25), (0.8, 1.1))
    )
    for axis in (1, 2):
        edge = [(0, 0)] * 4
        edge[axis] = (1, 1)
        wide = np.moveaxis(np.pad(pictures, edge, mode="edge"), axis, 0)
        beside = np.moveaxis(wide[2:] + wide[:-2], 0, axis)
        pictures = pictures + blur * (beside / 2 - pictures)
    pictures = (pictures - 0.5) * gain + 0.5
    pictures += rng.standard_normal(pictures.shape, np.float32) * np.float32(0.03)
    return np.clip(pictures, 0, 1)
