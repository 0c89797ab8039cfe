"""CSV as Excel and WPS write it: UTF-8 with or without a mark, UTF-16, GB18030; commas, semicolons or tabs."""

import csv
import io
from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext_lazy as _

from marketplace.sheets.problems import Unreadable

DELIMITERS = ",;\t"
_MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}


def decoded(data: bytes) -> str:
    """The text of a file. UTF-8 is tried first: GB18030 reads almost anything, and reads it wrongly."""
    for mark, encoding in _MARKS.items():
        if data.startswith(mark):
            return _decode(data, [encoding])
    return _decode(data, ["utf-8", "gb18030"])


def _decode(data: bytes, encodings: list[str]) -> str:
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Unreadable(_("This is not a file we can read. Please send CSV or XLSX, as in the template."))


def delimiter_of(text: str) -> tuple[str, int]:
    """What parts the cells, by the fullest of the first lines, and how many characters an Excel "sep=" line takes."""
    first, _newline, _rest = text.partition("\n")
    if first.strip().lower().startswith("sep=") and len(first.strip()) == 5:
        return first.strip()[4], len(first) + 1
    counts = dict.fromkeys(DELIMITERS, 0)
    for line in text.splitlines()[:5]:
        outside = "".join(line.split('"')[::2])
        for delimiter in DELIMITERS:
            counts[delimiter] = max(counts[delimiter], outside.count(delimiter))
    return max(DELIMITERS, key=lambda delimiter: counts[delimiter]), 0


def read(data: bytes) -> Iterator[tuple[int, list[Any]]]:
    """Rows with their numbers, counted from 1 as a spreadsheet shows them."""
    text = decoded(data)
    if "\x00" in text:
        raise Unreadable(_("This is not a file we can read. Please send CSV or XLSX, as in the template."))
    delimiter, skipped = delimiter_of(text)
    reader = csv.reader(io.StringIO(text[skipped:], newline=""), delimiter=delimiter)
    offset = 1 if skipped else 0
    number = 0
    try:
        for number, row in enumerate(reader, start=1 + offset):
            yield number, row
    except csv.Error:
        raise Unreadable(
            _("Row %(row)s cannot be read: a quotation mark may be missing."), params={"row": number + 1}
        ) from None
