"""Every choice can be loaded, is named and is explained."""

import dataclasses

import pytest

from normviz import catalog

TABLES = {name: table for name, table in vars(catalog).items() if name.isupper()}
ENTRIES = [(name, key) for name, table in TABLES.items() for key in table]


def test_all_tables_are_found():
    assert set(TABLES) == {
        "DATASETS",
        "DEVICES",
        "PREPROCESSINGS",
        "ACTIVATIONS",
        "INITIALIZERS",
        "METERS",
        "MODELS",
        "NORMS",
        "PLACES",
        "OPTIMIZERS",
        "ORDERS",
        "SCHEDULES",
        "STATISTICS",
    }


@pytest.mark.parametrize(("table", "key"), ENTRIES)
def test_every_choice_loads_and_has_label_and_about(table: str, key: str):
    choice = TABLES[table][key]
    loaded = choice.load()
    assert callable(loaded) or dataclasses.is_dataclass(loaded)
    assert choice.label.strip()
    assert choice.about.endswith(".")
    assert choice.formula.count("{") == choice.formula.count("}")
    assert "$" not in choice.formula


@pytest.mark.parametrize("table", TABLES)
def test_no_two_choices_look_alike(table: str):
    labels = [choice.label for choice in TABLES[table].values()]
    assert len(set(labels)) == len(labels)


@pytest.mark.parametrize(("table", "key"), ENTRIES)
def test_every_choice_knows_whether_it_can_be_used_here(table: str, key: str):
    assert TABLES[table][key].available() in {True, False}
    assert TABLES[table][key].available() or TABLES[table][key].here


def test_only_data_from_a_local_folder_or_a_visitor_and_a_gpu_may_be_missing():
    assert {key for table, key in ENTRIES if TABLES[table][key].here} == {
        "fashion",
        "mnist_full",
        "svhn",
        "own",
        "cuda",
    }


def test_a_choice_that_is_not_there_says_so():
    missing = catalog.Choice("x", "", "x.", "normviz.nn.activations:SWISH")
    with pytest.raises(AttributeError, match="SWISH"):
        missing.load()
