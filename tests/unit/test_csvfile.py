"""CSV files of anybody's: what is read, and that every other file gets a message that names row and column."""

import csv
import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from normviz.data import csvfile
from normviz.data.csvfile import CsvError
from normviz.data.own import Table


def rows(count: int = 5) -> str:
    return "".join(f"{i},{i / 2},a\n{-i},1e-3,b\n" for i in range(count))


HEAD = "x1,x2,kind\n"
GOOD = HEAD + rows()


def problems(data: str | bytes, label: str | None = None) -> tuple[str, ...]:
    with pytest.raises(CsvError) as caught:
        csvfile.read(data.encode() if isinstance(data, str) else data, label)
    return caught.value.problems


@pytest.mark.parametrize("blank", [" ", "\u00a0", "\u2003", "\x1c", "\x1f", "\x85", "\u2028"])
def test_every_blank_around_a_number_is_a_blank(blank: str):
    table = csvfile.read(GOOD.replace("0,0.0,a", f"{blank}0,{blank}7{blank},a").encode())
    assert table.x[0].tolist() == [0, 7]


def test_a_table_is_read_with_the_last_column_as_classes():
    table = csvfile.read(GOOD.encode())
    assert table.columns == ("x1", "x2") and table.classes == ("a", "b")
    np.testing.assert_array_equal(
        table.x[:4], np.array([[0, 0], [0, 1e-3], [1, 0.5], [-1, 1e-3]], np.float32)
    )
    np.testing.assert_array_equal(table.y, [0, 1] * 5)


def test_another_column_can_have_the_classes_and_numbers_are_ordered_as_such():
    data = "age,x\n" + "".join(f"{age},{i}\n" for i in range(5) for age in (10, 9, -1))
    table = csvfile.read(data.encode(), "age")
    assert table.classes == ("-1", "9", "10") and table.columns == ("x",)
    np.testing.assert_array_equal(table.y[:3], [2, 1, 0])


@pytest.mark.parametrize(
    "data",
    [
        GOOD.replace(",", ";"),
        GOOD.replace(",", "\t"),
        GOOD.replace("\n", "\r\n"),
        "\ufeff" + GOOD,
        GOOD + "\n\n,,\n",
        GOOD.replace("\na", "\n a ").replace("x1", '"x1"'),
        GOOD.rstrip("\n"),
    ],
)
def test_what_spreadsheets_write_is_the_same_table(data: str):
    assert csvfile.read(data.encode()).name == csvfile.read(GOOD.encode()).name


BAD: list[tuple[str | bytes, str]] = [
    ("", "the file is empty"),
    (" \n\n", "the file is empty"),
    (",,\n,,\n", "there is nothing but empty cells"),
    (HEAD, "there is a header and no row below it"),
    ("x\n1\n", "there is only one column; a table has numbers and a class, separated by commas"),
    ("1,2,3\n4,5,6\n", "row 1 holds numbers; the first row has to name the columns"),
    ("x,,k\n1,2,a\n", "row 1: column 2 has no name"),
    ("x,x,k\n1,2,a\n", "row 1: columns 1 and 2 are both called 'x'"),
    ("=x,y,k\n1,2,a\n", "row 1, column 1: '=x' begins like a formula; names begin otherwise"),
    (HEAD + rows(7) + "1,abc,a\n", "row 16, column 'x2': 'abc' is not a number"),
    (GOOD + "1,,a\n", "row 12, column 'x2': the cell is empty"),
    (GOOD + "nan,1,a\n", "row 12, column 'x1': 'nan' is no finite number"),
    (GOOD + "-Infinity,1,a\n", "row 12, column 'x1': '-Infinity' is no finite number"),
    (GOOD + "N/A,1,a\n", "row 12, column 'x1': 'N/A' is no finite number"),
    (GOOD + "1e400,1,a\n", "row 12, column 'x1': '1e400' is too far from 0; at most 1e+12"),
    (GOOD + "1_000,1,a\n", "row 12, column 'x1': '1_000' is not a number"),
    (GOOD + "0x10,1,a\n", "row 12, column 'x1': '0x10' is not a number"),
    (GOOD + "١,1,a\n", "row 12, column 'x1': '١' is not a number"),
    (GOOD + '"1,5",1,a\n', "row 12, column 'x1': '1,5' is not a number"),
    (GOOD + "=1+1,1,a\n", "row 12, column 'x1': '=1+1' is not a number"),
    (GOOD + "@SUM(A1),1,a\n", "row 12, column 'x1': '@SUM(A1)' is not a number"),
    (GOOD + "-A1,1,a\n", "row 12, column 'x1': '-A1' is not a number"),
    (
        GOOD + "1,1,=cmd|' /C calc'!A0\n",
        "row 12, column 'kind': \"=cmd|' /C calc'!A0\" begins like a formula",
    ),
    (GOOD + "1,1,+a\n", "row 12, column 'kind': '+a' begins like a formula"),
    (GOOD + "1,1,\n", "row 12, column 'kind': the cell is empty"),
    (
        GOOD + "1,1," + "y" * 41 + "\n",
        f"row 12, column 'kind': '{'y' * 39}…' has 41 characters; at most 40",
    ),
    (
        GOOD + "1,1,a\u202eb\n",
        "row 12, column 'kind': 'a\\u202eb' has characters that cannot be shown",
    ),
    (GOOD + "1,2\n", "row 12 has 2 cells, the header has 3"),
    (GOOD + "1,2,a,4\n", "row 12 has 4 cells, the header has 3"),
    (HEAD + "\n" + rows(), "row 2 is empty"),
    (HEAD + ",,\n,,\n" + rows(), "row 2 is empty"),
    (GOOD + '"1,2,a\n', "row 12: unexpected end of data"),
    (GOOD + '"1"2,2,a\n', "row 12: ',' expected after '\"'"),
    (HEAD + "1,2,a\n" * 9, "the column of classes, 'kind', has one value only, 'a'"),
    (GOOD + "1,2,c\n", "class 'c' has too few rows, 1; at least 5"),
    (
        HEAD + "".join(f"1,2,c{i}\n" for i in range(51)),
        "has 51 different values; at most 50. Is it the right column?",
    ),
    (b"\xff\xfex\x001\x00", "the file is text in UTF-16; save it as CSV in UTF-8"),
    (b"PK\x03\x04\x00\x00", "byte 5 is zero: this is no text file; save the table as CSV"),
    (b"x,k\n1,\xe9\n", "byte 7 is not UTF-8 text; save the table as CSV in UTF-8"),
    (b"x" * (2 * 2**20 + 1), "the file has 2,097,153 bytes; at most 2,097,152"),
    (",".join(f"c{i}" for i in range(1002)), "there are 1,001 columns of numbers; at most 1,000"),
    ("x,k\n" + "1,a\n" * 20_001, "there are more than 20,000 rows"),
    ("x,k\n1," + "a" * 140_000 + "\n", "row 2: field larger than field limit (131072)"),
]


@pytest.mark.parametrize(("data", "message"), BAD, ids=range(len(BAD)))
def test_a_file_that_cannot_be_used_says_where_and_why(data: str | bytes, message: str):
    assert any(message in problem for problem in problems(data)), problems(data)


def test_only_the_first_problems_are_told_and_text_of_the_file_is_cut_short():
    found = problems(HEAD + f"{'z' * 5000},<b>,a\n" * 40)
    assert len(found) == 6 and found[-1] == "and perhaps more: the rest was not read"
    assert all(len(problem) < 120 for problem in found)


def test_a_column_that_is_not_there_is_named():
    assert problems(GOOD, "age") == ("no column is called 'age'; there are 'x1', 'x2', 'kind'",)


def test_a_file_of_the_largest_size_is_read():
    line = ",".join(["1"] * 1000) + ",a\n"
    data = (
        ",".join([*(f"c{i}" for i in range(1000)), "k"])
        + "\n"
        + (line + line.replace("a", "b")) * 510
    )
    table = csvfile.read(data.encode())
    assert table.x.shape == (1020, 1000)


cells = st.one_of(
    st.text(max_size=8),
    st.sampled_from(["1", "-2.5", "1e3", "nan", "=A1", "", "a", "b", '"', "\n", ";", "\0"]),
)


@given(st.lists(st.lists(cells, max_size=4), max_size=12), st.sampled_from(",;\t|"))
def test_any_table_is_read_or_refused_in_words(table: list[list[str]], separator: str):
    out = io.StringIO()
    csv.writer(out, delimiter=separator, quoting=csv.QUOTE_ALL).writerows(table)
    never_another_error(out.getvalue().encode("utf-8", "surrogatepass"))


@given(
    st.binary(max_size=200)
    | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass"))
)
def test_so_is_anything_else(data: bytes):
    never_another_error(data)


@given(st.data())
def test_a_good_file_that_was_damaged_is_read_or_refused_in_words(data: st.DataObject):
    good = bytearray(GOOD.encode())
    for _ in range(data.draw(st.integers(1, 4))):
        good[data.draw(st.integers(0, len(good) - 1))] = data.draw(
            st.sampled_from(b'0a,;\n"=-\xff\x00.e')
        )
    never_another_error(bytes(good))


def never_another_error(data: bytes) -> None:
    try:
        table = csvfile.read(data)
    except CsvError as error:
        told = error.problems
        assert told and all(problem.isprintable() for problem in told)
        return
    assert np.isfinite(table.x).all()
    assert set(table.y.tolist()) == set(range(len(table.classes)))
    again = Table.unpacked(table.packed())
    assert (
        again.name == table.name
        and again.columns == table.columns
        and again.classes == table.classes
    )
    np.testing.assert_array_equal(again.x, table.x)
    np.testing.assert_array_equal(again.y, table.y)
