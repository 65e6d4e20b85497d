"""A download from an OpenML of our own: what is asked, what is stored, and what is said when it does not work."""

import gc
import json
import os
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import numpy as np
import pytest

from normviz import catalog
from normviz.data import idx, openml
from normviz.data.files import cache_folder
from normviz.data.idx import Source
from normviz.data.openml import DownloadError, fetch, offer
from tests import openml as fake
from tests.unit.test_data_local import ARRAYS, FILES

PIXELS = np.concatenate([array for array in ARRAYS.values() if array.ndim == 3]).reshape(-1, 784)
LABELS = np.concatenate([array for array in ARRAYS.values() if array.ndim == 1])
ARFF = fake.table(PIXELS, LABELS)
pytestmark = [
    fake.needs_openssl,
    pytest.mark.filterwarnings("ignore:Invalid cache"),
]


@pytest.fixture(scope="module")
def certificate_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("site")


@pytest.fixture
def site(certificate_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A machine that has nothing, and an OpenML that it can ask."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(urllib.request, "_opener", None)
    before = socket.getdefaulttimeout()
    with fake.openml(certificate_folder, ARFF) as site:
        for name, value in site.environment.items():
            monkeypatch.setenv(name, value)
        yield site
    socket.setdefaulttimeout(before)


def source(name: str = "digits") -> Source:
    train_x, train_y, test_x, test_y = FILES
    return Source("Digits", "small", (train_x, train_y, test_x, test_y), (), openml=name)


def stages() -> tuple[list[tuple[str, int, int | None]], openml.Tell]:
    told: list[tuple[str, int, int | None]] = []
    return told, lambda *what: told.append(what)


def stored() -> list[str]:
    folder = cache_folder("small")
    return sorted(os.listdir(folder)) if folder.exists() else []


def refused(reason: str, match: str) -> None:
    with pytest.raises(DownloadError, match=match) as error:
        fetch(source(), lambda *_: None)
    assert error.value.reason == reason
    assert stored() == []


def test_the_four_files_are_those_that_were_published(site: fake.OpenML):
    told, tell = stages()
    assert not source().available()
    fetch(source(), tell)
    assert stored() == sorted(ARRAYS)
    for name, array in ARRAYS.items():
        assert (cache_folder("small") / name).read_bytes() == idx.packed(array)
    assert source().available() and source().load().x.shape == (60, 784)
    assert [stage for stage, *_ in told if stage != "receive"] == ["connect", "check", "store"]
    size = len(site.packed)
    assert ("receive", size, size) in told


def test_the_table_is_asked_for_once(site: fake.OpenML):
    fetch(source(), lambda *_: None)
    assert site.asked.count(fake.DATA) == 1
    assert "/data_name/digits/limit/2/data_version/1" in site.asked[0]


def test_classes_in_quotes_are_read_too(site: fake.OpenML):
    site.arff = fake.table(PIXELS, np.array([f"'{label}'" for label in LABELS]))
    fetch(source(), lambda *_: None)
    assert source().available()


@pytest.mark.parametrize("row", [0, 59, 60, 89])
def test_a_single_other_pixel_is_noticed_and_nothing_is_kept(site: fake.OpenML, row: int):
    pixels = PIXELS.copy()
    pixels[row, 300] ^= 1
    site.arff = fake.table(pixels, LABELS)
    which = "train-images" if row < 60 else "t10k-images"
    refused("contents", f"OpenML's {which}-idx3-ubyte is not the published file: SHA-256")


def test_another_order_of_the_images_is_noticed(site: fake.OpenML):
    order = [1, 0, *range(2, 90)]
    site.arff = fake.table(PIXELS[order], LABELS[order])
    refused("contents", "train-images-idx3-ubyte is not the published file")


def test_another_label_is_noticed(site: fake.OpenML):
    site.arff = fake.table(PIXELS, np.where(np.arange(90) == 5, 9 - LABELS, LABELS))
    refused("contents", "train-labels-idx1-ubyte is not the published file")


@pytest.mark.parametrize(
    "arff",
    [
        b"",
        b"<!DOCTYPE html><title>Log in to this network</title>",
        fake.table(PIXELS[:80], LABELS[:80]),
        fake.table(PIXELS[:, :700], LABELS),
        ARFF.replace(b"\n0,", b"\n256,", 1).replace(b",1\n", b",?\n", 1),
    ],
    ids=["empty", "a page", "too few rows", "too few columns", "no bytes"],
)
def test_what_is_no_such_table_is_refused(site: fake.OpenML, arff: bytes):
    site.arff = arff
    refused("contents", ".")


def test_another_md5_than_announced_is_refused(site: fake.OpenML):
    site.md5 = "0" * 32
    refused("contents", "md5 checksum")


def test_a_connection_that_breaks_off_is_refused(site: fake.OpenML):
    site.share = 0.5
    refused("unreachable", "the connection broke off")


def test_a_server_that_is_down_is_named_by_its_status(site: fake.OpenML):
    site.status = 503
    refused("unreachable", "HTTP 503")


def test_no_way_out_is_said(site: fake.OpenML, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{free_port()}")
    refused("unreachable", "Connection refused")


@pytest.mark.filterwarnings("ignore:unclosed <ssl.SSLSocket:ResourceWarning")
def test_a_certificate_that_nobody_vouches_for_is_refused(
    site: fake.OpenML, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.delenv("SSL_CERT_FILE")
    refused("unreachable", "(?i)certificate")
    assert fake.DATA not in site.asked
    gc.collect()  # Python's ssl module leaves a socket open after a refused handshake: it goes here


def test_silence_ends_it(site: fake.OpenML, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(openml, "SILENCE", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as mute:
        monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{mute.getsockname()[1]}")
        refused("unreachable", "timed out")


def test_far_too_much_is_not_taken(site: fake.OpenML, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(openml, "MOST_BYTES", 1000)
    refused("contents", "more than 0 MB")


def test_a_folder_that_cannot_be_written_is_named(site: fake.OpenML):
    cache_folder("small").parent.mkdir(parents=True)
    cache_folder("small").parent.chmod(0o500)
    if os.access(cache_folder("small").parent, os.W_OK):  # root may write everywhere
        cache_folder("small").parent.chmod(0o700)
        cache_folder("small").parent.rmdir()
        cache_folder("small").parent.write_bytes(b"")
    with pytest.raises(DownloadError, match="small: ") as error:
        fetch(source(), lambda *_: None)
    assert error.value.reason == "storage" and site.asked == []


def test_what_a_killed_download_left_is_removed(site: fake.OpenML):
    old, new = (cache_folder("small") / name for name in (".download-old", ".download-new"))
    for folder in (old, new):
        folder.mkdir(parents=True)
        (folder / "half").write_bytes(b"half")
    os.utime(old, (0, 0))
    fetch(source(), lambda *_: None)
    assert stored() == [".download-new", *sorted(ARRAYS)]


def test_the_published_sets_have_the_names_that_openml_uses():
    """As they stand in scikit-learn's own examples and in many projects."""
    names = {
        key: choice.remote().openml for key, choice in catalog.DATASETS.items() if choice.download
    }
    assert names == {"mnist_full": "mnist_784", "fashion": "Fashion-MNIST"}


@pytest.mark.parametrize(("allowed", "click"), [("1", True), ("0", False)])
def test_what_is_missing_is_offered_if_downloads_are_allowed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, allowed: str, click: bool
):
    monkeypatch.setenv("NORMVIZ_DOWNLOADS", allowed)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.delenv("NORMVIZ_DATA", raising=False)
    offered = offer(["mnist", "mnist_full"])
    assert offered["title"] == "MNIST" and offered["into"] == str(tmp_path / "normviz/mnist")
    assert (offered.get("dataset"), offered.get("megabytes")) == (
        ("mnist_full", 15) if click else (None, None)
    )
    assert offer(["mnist"]) == offer(["svhn"]) == {}


def test_the_process_says_why_it_failed_and_ends_well(tmp_path: Path):
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path), "no_proxy": ""}
    environment["https_proxy"] = "http://127.0.0.1:1"
    command = [sys.executable, "-W", "ignore", "-m", "normviz.data.openml", "mnist_full"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert lines[0]["stage"] == "connect"
    assert (lines[-1]["stage"], lines[-1]["reason"]) == ("failed", "unreachable")
    assert os.listdir(tmp_path / "normviz/mnist") == []


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
