"""Files as people send them: encodings, delimiters, Excel's ways, and files that mean harm."""

import io
import zipfile
from datetime import date, datetime

import openpyxl
import pytest

from common.errors import InvalidInput
from marketplace.sheets import cells, reading, xlsx_files
from marketplace.sheets.columns import COLUMNS, column_called
from marketplace.sheets.problems import Unreadable
from marketplace.sheets.writing import as_csv as write_csv
from marketplace.sheets.writing import as_xlsx as write_xlsx
from tests.marketplace.sheeting import A_ROW, as_csv, as_xlsx, rows_of

TABLE = rows_of({**A_ROW, "words": "皮薄，汁多"})


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_text_is_read_however_it_was_saved(encoding, delimiter):
    table = reading.read(as_csv(TABLE, encoding, delimiter))

    assert table.rows[0].cells["words"] == "皮薄，汁多"
    assert (table.rows[0].number, table.letters["price"]) == (2, "C")


def test_excel_says_what_parts_its_cells_and_the_rows_keep_their_numbers():
    data = b"sep=;\r\n" + as_csv(TABLE, delimiter=";")

    assert reading.read(data).rows[0].number == 3


def test_a_line_break_inside_a_cell_is_one_row_and_empty_rows_count():
    data = as_csv([TABLE[0], ["脐橙", "5 kg", "49.80", "20", "2026-11-22", "一\n二"], [], TABLE[1]])

    assert [row.number for row in reading.read(data).rows] == [2, 4]


def test_a_workbook_is_read_with_its_days_and_numbers():
    row = ["脐橙", "5 kg", 49.8, 20, datetime(2026, 11, 22), "甜"]  # noqa: DTZ001  # Excel knows no time zones
    table = reading.read(as_xlsx([TABLE[0], row], title="我的表"))

    assert table.sheet == "我的表"
    assert cells.fen(table.rows[0].cells["price"]) == 4980
    assert cells.day(table.rows[0].cells["picked_on"]) == date(2026, 11, 22)


def test_titles_above_the_headings_and_columns_nobody_knows_do_no_harm():
    data = as_csv([["我的合作社 2026"], [], [*TABLE[0], "备注"], [*TABLE[1], "自己看的"]])
    table = reading.read(data)

    assert (table.rows[0].number, table.unknown) == (4, [("G", "备注")])


def test_a_heading_that_is_there_twice_is_pointed_at():
    table = reading.read(as_csv([[*TABLE[0], "Price of a box (yuan)"], [*TABLE[1], "50"]]))

    (problem,) = table.problems
    assert problem.cell == "G1"


def test_merged_cells_are_pointed_at():
    two = [TABLE[0], TABLE[1], TABLE[1]]

    (problem,) = reading.read(as_xlsx(two, merge="C2:C3")).problems

    assert (problem.cell, problem.key, problem.params) == ("C2", "price", {"span": "C2:C3"})


def test_the_template_is_empty_and_its_own_explanations_are_no_rows():
    for data in (write_csv([], explained=True), write_xlsx([], explained=True, produce=[("脐橙", "Navel orange")])):
        with pytest.raises(Unreadable, match="nothing under the headings"):
            reading.read(data)


def test_every_heading_is_known_in_both_languages_and_no_two_are_alike():
    for column in COLUMNS:
        for heading in (column.key, column.zh, column.en, column.heading, column.en.upper(), f" {column.zh} "):
            assert column_called(heading) == column.key


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"  \n ", "empty"),
        (b"\x00\x01\x02\xff", "can read"),
        (b"\xd0\xcf\x11\xe0" + b"x" * 600, "old Excel"),
        (b"PK\x03\x04 not a zip at all", "cannot be read"),
        (b"a,b,c\n1,2,3\n", "headings"),
        ('品种,每箱重量,每箱价格（元）\n"脐橙'.encode() + b"x" * 140_000, "quotation mark"),
        (b"x" * (reading.MAX_BYTES + 1), "too large"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_reason(data, words):
    with pytest.raises(Unreadable) as caught:
        reading.read(data)

    assert words in caught.value.problem.template % {"row": 1, "most": 1}


def test_too_many_rows_are_refused(monkeypatch):
    monkeypatch.setattr(reading, "MAX_ROWS", 3)

    with pytest.raises(Unreadable, match="At most"):
        reading.read(as_csv([TABLE[0], *[TABLE[1]] * 4]))


# --- Workbooks that mean harm -----------------------------------------------------------------------------------------


def changed(data: bytes, name: str, text: bytes | None, **extra: bytes) -> bytes:
    """A workbook with one of its files replaced."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for item in old.namelist():
            new.writestr(item, text if item == name and text is not None else old.read(item))
        for other, content in extra.items():
            new.writestr(other, content)
    return out.getvalue()


SHEET = "xl/worksheets/sheet1.xml"


def test_a_zip_bomb_is_not_unpacked():
    bomb = changed(as_xlsx(TABLE), "", None, bomb=b"0" * (xlsx_files.MAX_UNZIPPED + 1))

    assert len(bomb) < 100_000
    with pytest.raises(Unreadable, match="too much"):
        reading.read(bomb)


def test_a_zip_of_a_thousand_files_is_refused():
    many = changed(as_xlsx(TABLE), "", None, **{f"f{number}": b"" for number in range(1000)})

    with pytest.raises(Unreadable, match="too much"):
        reading.read(many)


@pytest.mark.parametrize("name", [SHEET, "xl/workbook.xml", "xl/styles.xml"])
def test_entities_are_refused(name):
    """Without defusedxml, openpyxl would expand these; with it, the file is not read."""
    assert openpyxl.DEFUSEDXML
    laughs = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    with zipfile.ZipFile(io.BytesIO(as_xlsx(TABLE))) as archive:
        text = archive.read(name)
    start = text.index(b"?>") + 2 if text.startswith(b"<?") else 0

    with pytest.raises(Unreadable, match="cannot be read"):
        table = reading.read(changed(as_xlsx(TABLE), name, text[:start] + laughs + text[start:]))
        assert table.rows


@pytest.mark.parametrize("last", [b"99999999", b"99999999999999999999", b"1048576"])
def test_a_row_a_million_further_down_is_said_not_walked_to(last):
    with zipfile.ZipFile(io.BytesIO(as_xlsx(TABLE))) as archive:
        text = archive.read(SHEET)

    with pytest.raises(Unreadable, match="goes down to row"):
        reading.read(changed(as_xlsx(TABLE), SHEET, text.replace(b'<row r="2"', b'<row r="' + last + b'"')))


def test_broken_workbooks_are_refused_and_never_crash():
    data = as_xlsx(TABLE)
    for cut in range(0, len(data), 97):
        with pytest.raises(Unreadable):
            reading.read(data[:cut] if cut else b"PK")


# --- Cells ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "grams"),
    [
        ("5kg", 5000),
        ("5 KG", 5000),
        ("１０斤", 5000),
        ("10 jin", 5000),
        ("2.5公斤", 2500),
        ("500g", 500),
        ("5kg/箱", 5000),
    ],
)
def test_weights_say_their_unit(typed, grams):
    assert cells.grams(typed) == grams


@pytest.mark.parametrize("typed", ["5", 5, 5.0, "5 lb", "kg", "-5kg", "0kg", "51kg", True, "5kg5kg"])
def test_other_weights_are_refused(typed):
    with pytest.raises(InvalidInput):
        cells.grams(typed)


@pytest.mark.parametrize(
    ("typed", "fen"),
    [
        ("12.5", 1250),
        ("¥12.50", 1250),
        (12.5, 1250),
        (12, 1200),
        ("１２．５", 1250),
        ("12.5元", 1250),
        (83 * 0.6, 4980),
    ],
)
def test_prices_are_read_to_the_fen(typed, fen):
    assert cells.fen(typed) == fen


@pytest.mark.parametrize("typed", ["12.505", "abc", True, "12,5x", float("inf"), float("nan"), "1e99"])
def test_other_prices_are_refused(typed):
    with pytest.raises(InvalidInput):
        cells.fen(typed)


@pytest.mark.parametrize(
    "typed",
    [
        "2026-11-22",
        "2026/11/22",
        "2026.11.22",
        "2026年11月22日",
        "２０２６-１１-２２",
        46348,
        "46348",
        46348.0,
        date(2026, 11, 22),
        datetime(2026, 11, 22, 9, 30),  # noqa: DTZ001
        "2026-11-22 00:00:00",
    ],
)
def test_days_are_read_as_written_and_as_excel_keeps_them(typed):
    assert cells.day(typed) == date(2026, 11, 22)


@pytest.mark.parametrize("typed", ["11-22", "22/11/2026", "2026-02-30", "11月22日", "soon", 5, True, 999999999, ""])
def test_other_days_are_refused(typed):
    with pytest.raises(InvalidInput):
        cells.day(typed)


@pytest.mark.parametrize(("typed", "number"), [("20", 20), ("２０", 20), (20.0, 20), ("1,000", 1000), ("20箱", 20)])
def test_counts_are_whole_numbers(typed, number):
    assert cells.count(typed) == number


@pytest.mark.parametrize("typed", ["2.5", 2.5, "many", True, "1e3", "99999999999"])
def test_other_counts_are_refused(typed):
    with pytest.raises(InvalidInput):
        cells.count(typed)


@pytest.mark.parametrize(
    "written", ["=1+1", "+86", "-5", "@SUM(A1)", "\tx", "'=1", "''@x", "＝1+1", "plain", "皮薄", "'tis", "", "a\x0bb"]
)
def test_what_could_run_as_a_formula_is_defused_and_comes_back_as_it_was(written):
    defused = cells.defused(written)

    assert defused[:1] not in set("=+-@\t\r＝＋－＠")
    assert cells.undefused(defused) == written
    rows = [{"words": written, "produce": "x"}]
    for data in (write_csv(rows), write_xlsx(rows)):
        assert cells.as_text(reading.read(data).rows[0].cells.get("words")) in {written.strip(), "ab"}


def test_no_cell_of_a_workbook_is_a_formula():
    book = openpyxl.load_workbook(io.BytesIO(write_xlsx([{"words": "=HYPERLINK(1)", "origin": "@x", "produce": "-1"}])))

    assert {cell.data_type for row in book.active.iter_rows() for cell in row if cell.value is not None} == {"s"}
