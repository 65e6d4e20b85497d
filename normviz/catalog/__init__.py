r"""What a person can choose from: one table a kind, one line an entry.

An entry names its implementation as ``"module:attribute"`` and is loaded only by the process that trains, so the web
process can list, explain and validate every choice without importing torch. Adding a normalization (or any other
choice) is: its class or function in its own file, and one line here. Controls, link, limits, titles and tests read
these tables.
"""

from normviz.catalog.choice import Catalog, Choice
from normviz.catalog.data import DATASETS, PREPROCESSINGS
from normviz.catalog.devices import DEVICES
from normviz.catalog.meters import METERS
from normviz.catalog.networks import ACTIVATIONS, INITIALIZERS, MODELS, PLACES
from normviz.catalog.norms import NORMS, STATISTICS
from normviz.catalog.training import OPTIMIZERS, ORDERS, SCHEDULES

__all__ = [
    "ACTIVATIONS",
    "DATASETS",
    "DEVICES",
    "INITIALIZERS",
    "METERS",
    "MODELS",
    "NORMS",
    "OPTIMIZERS",
    "ORDERS",
    "PLACES",
    "PREPROCESSINGS",
    "SCHEDULES",
    "STATISTICS",
    "Catalog",
    "Choice",
]
