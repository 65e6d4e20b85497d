"""MNIST from the four files that its authors published, out of a local folder (see :mod:`normviz.data.idx`)."""

from normviz.data.idx import Source, four_files

SOURCE = Source(
    "MNIST",
    "mnist",
    four_files(
        "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
        "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
        "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
        "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
    ),
    ("", "MNIST/raw", "mnist"),
    openml="mnist_784",
    megabytes=15,
)
load, available = SOURCE.load, SOURCE.available
