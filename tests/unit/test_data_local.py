"""Data sets that lie in a local folder: where they are looked for, and what is said when they are not there."""

import gzip
import hashlib
from pathlib import Path

import numpy as np
import pytest
from scipy.io import savemat

from normviz import catalog
from normviz.config import parse
from normviz.data import fashion, mnist_full, svhn
from normviz.data.dataset import fixed, some_of_each
from normviz.data.files import DataError, shown
from normviz.data.idx import LOOK_EACH, File, Source
from normviz.settings import Settings
from normviz.train.trainer import Trainer
from tests.unit.test_data_idx import published, written

RNG = np.random.default_rng(0)
TRAIN_Y, TEST_Y = (np.arange(n, dtype=np.uint8) % 10 for n in (60, 30))
ARRAYS = {
    "train-images-idx3-ubyte": RNG.integers(0, 256, (60, 28, 28), np.uint8),
    "train-labels-idx1-ubyte": TRAIN_Y,
    "t10k-images-idx3-ubyte": RNG.integers(0, 256, (30, 28, 28), np.uint8),
    "t10k-labels-idx1-ubyte": TEST_Y,
}
FILES = [published(array, name) for name, array in ARRAYS.items()]
#: The notice of a run shows this much, with the error's name in front.
NOTICE = 300 - len("DataError: ")


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine that has nothing: an empty NORMVIZ_DATA, an empty cache, no data of the operating system."""
    monkeypatch.setenv("NORMVIZ_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path


def source(root: Path) -> Source:
    train_x, train_y, test_x, test_y = FILES
    files = (train_x, train_y, test_x, test_y)
    return Source("Small", "small", files, ("", "Small/raw", "small"), (root / "system",))


def put(folder: Path, packed: bool = False) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, array in ARRAYS.items():
        data = written(array)
        if packed:
            (folder / f"{name}.gz").write_bytes(gzip.compress(data))
        else:
            (folder / name).write_bytes(data)


PLACES = ["data", "data/Small/raw", "data/small", "system", "cache/normviz/small"]


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("place", PLACES)
def test_it_is_found_in_every_place(root: Path, place: str, packed: bool):
    assert not source(root).available()
    put(root / place, packed)
    assert source(root).available()
    data = source(root).load()
    assert (data.x.shape, data.heldout_x.shape, data.classes) == ((60, 784), (30, 784), 10)
    images = ARRAYS[FILES[0].name].reshape(60, 784).astype(np.float32) / 255
    np.testing.assert_array_equal(data.x, images)
    np.testing.assert_array_equal(data.y, TRAIN_Y)
    heldout = dict(zip((row.tobytes() for row in data.heldout_x), data.heldout_y, strict=True))
    images = ARRAYS[FILES[2].name].reshape(30, 784).astype(np.float32) / 255
    assert heldout == dict(zip((row.tobytes() for row in images), TEST_Y, strict=True))
    assert data.shape == (1, 28, 28)


def test_the_first_place_that_has_it_is_taken(root: Path):
    for place in reversed(PLACES):
        put(root / place)
        assert source(root).find() == [root / place / name for name in ARRAYS]


def test_without_a_folder_of_ones_own_the_system_is_looked_at(
    root: Path, monkeypatch: pytest.MonkeyPatch
):
    put(root / "system")
    monkeypatch.setenv("NORMVIZ_DATA", "")  # as a compose file may leave it
    assert Settings().data is None
    monkeypatch.delenv("NORMVIZ_DATA")
    assert source(root).places() == [root / "system", root / "cache/normviz/small"]
    assert source(root).available()


def test_a_cache_folder_that_is_not_absolute_is_ignored(
    root: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("XDG_CACHE_HOME", "here")
    assert source(root).places()[-1] == Path.home() / ".cache/normviz/small"


def test_files_of_another_set_with_the_same_names_are_passed_over(root: Path):
    put(root / "data")
    (root / "data" / FILES[-1].name).write_bytes(written(TEST_Y[::-1]))
    with pytest.raises(DataError, match=r"data \(other contents\)"):
        source(root).load()
    put(root / "system")
    assert source(root).find()[0].parent == root / "system"


def test_an_incomplete_set_is_passed_over_and_named(root: Path):
    put(root / "data")
    (root / "data" / FILES[1].name).unlink()
    assert not source(root).available()
    with pytest.raises(DataError, match=r"data \(not all four\)"):
        source(root).load()


def test_a_damaged_file_is_named(root: Path):
    put(root / "data")
    (root / "data" / FILES[0].name).write_bytes(b"damaged")
    assert source(root).available()  # only the smallest file is compared before it is needed
    with pytest.raises(DataError, match="train-images-idx3-ubyte is not the published file"):
        source(root).load()


@pytest.mark.parametrize("name", ["fashion", "mnist_full", "svhn"])
def test_what_is_missing_is_named_with_the_places_where_it_was_looked_for(
    root: Path, name: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(Path, "is_file", lambda self: False)
    choice = catalog.DATASETS[name]
    assert not choice.available()
    with pytest.raises(DataError) as missing:
        choice.load()()
    text = str(missing.value)
    assert "is not on this server" in text
    sources = {"fashion": fashion.SOURCE, "mnist_full": mnist_full.SOURCE}
    places = sources[name].places() if name in sources else [root / "data", root / "data/SVHN"]
    assert all(shown(place) in text for place in places)
    assert ("train-images-idx3-ubyte" if name in sources else "train_32x32.mat") in text


@pytest.mark.parametrize("name", ["fashion", "mnist_full", "svhn"])
def test_the_message_fits_the_notice(name: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("NORMVIZ_DATA", "/srv/data")
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(Path, "is_file", lambda self: False)
    with pytest.raises(DataError) as missing:
        catalog.DATASETS[name].load()()
    assert len(str(missing.value)) <= NOTICE


def test_a_run_on_missing_data_raises_that_error(root: Path):
    with pytest.raises(DataError, match="SVHN is not on this server"):
        Trainer(parse({"lane": {"dataset": "svhn"}}))


def test_a_home_folder_is_not_shown():
    assert shown(Path.home() / "data/file") == "~/data/file"
    assert shown(Path("/srv/data")) == "/srv/data"


def test_some_of_each_class_are_spread_evenly():
    y = np.repeat([0, 1, 2], [100, 10, 3])
    rows = some_of_each(y, 10, fixed())
    assert np.bincount(y[rows]).tolist() == [10, 10, 3]
    assert sorted(rows[rows < 100]) == list(range(0, 100, 11))
    assert len(set(rows)) == len(rows)
    assert rows.tolist() != sorted(rows)


def test_a_look_at_the_test_images_sees_as_many_of_each_class(
    root: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("normviz.data.idx.LOOK_EACH", 2)
    put(root / "data")
    first = source(root).load().heldout_y[:20]
    assert np.bincount(first).tolist() == [2] * 10
    assert first.tolist() != sorted(first)


def test_the_pixels_are_prepared_once_and_the_files_still_needed(root: Path):
    put(root / "data")
    x = source(root).load().x
    (root / "data" / FILES[0].name).write_bytes(b"damaged, and not read any more")
    np.testing.assert_array_equal(source(root).load().x, x)
    (root / "data" / FILES[0].name).unlink()
    with pytest.raises(DataError, match="Small is not on this server"):
        source(root).load()


def labelled(images: np.ndarray, labels: np.ndarray) -> list[tuple[bytes, int]]:
    return sorted(
        (image.tobytes(), int(label)) for image, label in zip(images, labels, strict=True)
    )


@pytest.mark.parametrize("published_set", [fashion, mnist_full])
def test_all_images_of_the_published_files_are_there(published_set):
    if not published_set.available():
        pytest.skip(f"{published_set.SOURCE.title} is not on this machine")
    paths = published_set.SOURCE.find()
    data = published_set.load()
    assert data.x.shape == (60_000, 784) and data.heldout_x.shape == (10_000, 784)
    files = zip(published_set.SOURCE.files, paths, strict=True)
    train, train_y, test, test_y = (file.open(path) for file, path in files)
    np.testing.assert_array_equal(data.y, train_y)
    for start in range(0, 60_000, 10_000):
        pixels = np.rint(data.x[start : start + 10_000] * 255).astype(np.uint8)
        np.testing.assert_array_equal(pixels.reshape(-1, 28, 28), train[start : start + 10_000])
    heldout = np.rint(data.heldout_x * 255).astype(np.uint8)
    assert labelled(heldout, data.heldout_y) == labelled(test, test_y)
    assert np.bincount(data.heldout_y[: 10 * LOOK_EACH]).tolist() == [LOOK_EACH] * 10


class TestSVHN:
    """A file of the right make in the place of the real one, which we may not ship."""

    IMAGES = RNG.integers(0, 256, (32, 32, 3, 40), np.uint8)
    LABELS = (np.arange(40, dtype=np.uint8) % 10 + 1)[:, None]

    @pytest.fixture
    def folder(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        folder = root / "data" / "SVHN"
        folder.mkdir(parents=True)
        for name in svhn.FILES:
            savemat(folder / name, {"X": self.IMAGES, "y": self.LABELS})
            digest = hashlib.md5((folder / name).read_bytes(), usedforsecurity=False).hexdigest()
            monkeypatch.setitem(svhn.FILES, name, digest)
        return folder

    def test_it_is_cut_turned_to_grey_and_labelled_with_the_digit(self, folder: Path):
        assert svhn.available()
        data = svhn.load()
        assert data.x.shape == data.heldout_x.shape == (40, 784)
        inner = self.IMAGES[2:30, 2:30].astype(float) / 255
        grey = 0.299 * inner[:, :, 0] + 0.587 * inner[:, :, 1] + 0.114 * inner[:, :, 2]
        for number in range(40):
            row = np.abs(data.x - grey[:, :, number].ravel()).max(1).argmin()
            np.testing.assert_allclose(data.x[row], grey[:, :, number].ravel(), atol=1e-6)
            assert data.y[row] == (number + 1) % 10  # the label 10 is the digit 0

    def test_another_file_is_refused_before_it_is_read(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setitem(svhn.FILES, "train_32x32.mat", "0" * 32)
        monkeypatch.setattr("scipy.io.loadmat", None)
        with pytest.raises(DataError, match=r"train_32x32\.mat is not the published file: MD5"):
            svhn.load()

    def test_both_files_are_needed(self, folder: Path):
        (folder / "test_32x32.mat").unlink()
        assert not svhn.available()
        with pytest.raises(DataError, match=r"test_32x32\.mat in .*SVHN"):
            svhn.load()

    def test_a_file_that_may_not_be_read_is_named(self, folder: Path, monkeypatch):
        def refuse(*_: object) -> None:
            raise PermissionError("not yours")

        monkeypatch.setattr(Path, "open", refuse)
        with pytest.raises(DataError, match=r"train_32x32\.mat cannot be read: not yours"):
            svhn.load()


def test_the_pins_are_those_of_the_published_files():
    """MNIST's and Fashion-MNIST's first eight digits, as they stand in several independent projects."""
    starts = [file.sha256[:8] for file in mnist_full.SOURCE.files]
    assert starts == ["ba891046", "65a50cbb", "0fa7898d", "ff7bcfd4"]
    for file in (*mnist_full.SOURCE.files, *fashion.SOURCE.files):
        assert isinstance(file, File)
        assert len(bytes.fromhex(file.sha256)) == 32
