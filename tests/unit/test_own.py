"""A visitor's own data: found as long as somebody holds them, bounded, and used like any other data set."""

import gc

import numpy as np
import pytest

from normviz import catalog
from normviz.config import LaneConfig, from_link, parse
from normviz.data import own
from normviz.data.files import DataError
from normviz.data.own import Shelf, ShelfFull, Table, shelf
from normviz.train.inputs import data_of
from normviz.train.trainer import Trainer


def table(seed: int = 0, columns: int = 2, classes: int = 3) -> Table:
    rng = np.random.default_rng(seed)
    y = np.arange(60) % classes
    x = rng.normal(0, 1, (60, columns)).astype(np.float32) + y[:, None].astype(np.float32)
    names = tuple(f"c{i}" for i in range(columns))
    return Table(x, y, names, tuple("abcdefgh"[:classes]))


def test_the_name_is_that_of_the_content():
    assert table().name == table().name == Table.unpacked(table().packed()).name
    others = {table(1).name, table(columns=3).name, table(classes=2).name, table().name}
    assert len(others) == 4
    assert all(
        len(name) == own.DIGITS and parse({"lane": {"own": name}}).lane.own == name
        for name in others
    )


def test_the_shelf_finds_what_is_held_and_nothing_after_that():
    here = Shelf()
    mine = here.put(table())
    assert here.put(table()) is mine
    assert here.find([mine.name, "0" * 16, mine.name]) == [mine]
    name = mine.name
    del mine
    gc.collect()
    assert here.find([name]) == [] and len(here) == 0


def test_the_shelf_is_bounded():
    here = Shelf()
    size = table().nbytes
    held = here.put(table(), 2 * size)
    assert here.put(table(), 0) is held
    more = here.put(table(1), 2 * size)
    with pytest.raises(ShelfFull, match=r"may take \d+ MB"):
        here.put(table(2), 2 * size)
    del more
    gc.collect()
    assert here.put(table(2), 2 * size)


def test_a_fifth_of_every_class_is_held_out_at_random_and_always_the_same():
    sorted_by_class = table()
    order = np.argsort(sorted_by_class.y, kind="stable")
    data = Table(
        sorted_by_class.x[order], sorted_by_class.y[order], ("c0", "c1"), ("a", "b", "c")
    ).dataset()
    assert (
        np.bincount(data.y).tolist() == [16] * 3 and np.bincount(data.heldout_y).tolist() == [4] * 3
    )
    assert data.classes == 3 and data.features == ("c0", "c1") and data.labels == ("a", "b", "c")
    again = table().dataset()
    np.testing.assert_array_equal(again.x, table().dataset().x)
    rows = np.concatenate([data.x, data.heldout_x])
    assert len(np.unique(rows, axis=0)) == 60
    places = [
        int(np.flatnonzero((sorted_by_class.x[order] == row).all(1))[0]) % 20
        for row in data.heldout_x
    ]
    assert max(places) - min(places) > 10 and set(places) != {16, 17, 18, 19}


def test_a_network_trains_on_them_and_nothing_of_them_is_kept():
    held = shelf().put(table(7))
    config = from_link(
        {"dataset": "own", "own": held.name, "preprocessing": "zscore", "depth": "2", "width": "8"}
    )
    assert catalog.DATASETS["own"].available()
    assert own.used_by(config) == (held,)
    trainer = Trainer(config)
    (plane,) = trainer.schema.planes
    assert plane.inputs == ("c0", "c1") and plane.classes == ("a", "b", "c")
    frame = trainer.step(True)
    assert frame is not None and np.isfinite(frame.lanes[0]["loss"])
    assert set(np.unique(frame.lanes[0]["surface_class"])) <= {0, 1, 2}
    data = data_of(config.lane)
    np.testing.assert_allclose(data.x.mean(0), 0, atol=1e-5)
    name = held.name
    del held, trainer, frame, plane, data
    gc.collect()
    assert shelf().find([name]) == []
    with pytest.raises(DataError, match=f"own data \\({name}\\). A link does not hold them"):
        Trainer(config)


def test_without_an_upload_it_says_how_to_get_there():
    with pytest.raises(DataError, match="Upload a CSV file"):
        data_of(LaneConfig(dataset="own"))


def test_lanes_and_changes_on_the_way_find_theirs():
    one, two = shelf().put(table(11)), shelf().put(table(12))
    link = {"dataset": "own", "own": one.name, "b.own": two.name, "depth": "1", "width": "4"}
    assert own.used_by(from_link(link)) == (one, two)
    turned = from_link(
        {"dataset": "own", "own": one.name, "own@2": two.name, "depth": "1", "width": "4"}
    )
    assert own.used_by(turned) == (one, two)
    trainer = Trainer(turned)
    assert [cloud.step for cloud in trainer.schema.planes[0].clouds] == [0, 2]
    for _ in range(4):
        assert trainer.step(True) is not None
    assert own.used_by(from_link({"dataset": "moons", "own": one.name})) == ()
