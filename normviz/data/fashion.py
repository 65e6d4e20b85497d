"""Fashion-MNIST (H. Xiao, K. Rasul and R. Vollgraf 2017): ten kinds of clothes, in the format of MNIST."""

from pathlib import Path

from normviz.data.idx import Source, four_files

SOURCE = Source(
    "Fashion-MNIST",
    "fashion-mnist",
    four_files(
        "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
        "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
        "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
        "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
    ),
    ("", "FashionMNIST/raw", "fashion-mnist"),
    (Path("/usr/share/datasets/fashion-mnist"),),
    openml="Fashion-MNIST",
    megabytes=40,
)
load, available = SOURCE.load, SOURCE.available
