"""Where a network trains."""

from normviz.catalog.choice import Catalog, Choice
from normviz.language import N_

#: targets: ``() -> torch.device``; raises normviz.train.devices.DeviceError where it is not there
DEVICES: Catalog = {
    "auto": Choice(
        N_("auto"),
        "",
        N_("The GPU if this server has one, else the CPU."),
        "normviz.train.devices:auto",
        found="normviz.catalog.gpus:found",
    ),
    "cpu": Choice("CPU", "", N_("One core of the processor."), "normviz.train.devices:cpu"),
    "cuda": Choice(
        "GPU",
        "",
        N_("An NVIDIA GPU."),
        "normviz.train.devices:cuda",
        here="normviz.catalog.gpus:usable",
        found="normviz.catalog.gpus:found",
    ),
}
