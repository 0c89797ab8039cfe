"""One cell, as people fill it in and as Excel keeps it, made into a value. Each raises InvalidInput with a sentence.

Excel keeps days as numbers and decimals as floats with crumbs; people write 10斤, ¥12.50, full-width digits and
2026年11月22日. Nothing is guessed: a weight without its unit and a day without its year are refused.
"""

import math
import re
import unicodedata
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from common.errors import InvalidInput
from common.money import parse_yuan
from common.weight import GRAM, JIN, KG, parse_grams
from marketplace.models import Lot

MOST_CHARS = 2000
_UNITS = {"kg": KG, "公斤": KG, "千克": KG, "斤": JIN, "市斤": JIN, "jin": JIN, "g": GRAM, "克": GRAM}
_WEIGHT = re.compile(r"([\d.,]+)\s*(kg|公斤|千克|市斤|斤|jin|g|克)(?:\s*[/每]?\s*(?:箱|box))?")
_DAY = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[ T]0{1,2}:00(?::00(?:\.0+)?)?)?")
_SERIALS = range(20_000, 80_000)  # 1954 to 2119: a number in a column of days is one of Excel's
_EPOCH = date(1899, 12, 30)
_GRADES = {
    "特级": "SPECIAL",
    "特": "SPECIAL",
    "special": "SPECIAL",
    "special grade": "SPECIAL",
    "一级": "FIRST",
    "1": "FIRST",
    "first": "FIRST",
    "first grade": "FIRST",
    "二级": "SECOND",
    "2": "SECOND",
    "second": "SECOND",
    "second grade": "SECOND",
    "统货": "MIXED",
    "统级": "MIXED",
    "mixed": "MIXED",
    "as it grew, mixed sizes": "MIXED",
}
# How a cell may begin to be run as a formula by a spreadsheet program. The apostrophe is how they all escape it.
_RISKY = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")


def defused(text: str) -> str:
    """Text that no spreadsheet program runs as a formula, whatever a person wrote: an apostrophe goes before it."""
    return f"'{text}" if _RISKY.match(text) else text


def undefused(text: str) -> str:
    """What was written before `defused`."""
    return text[1:] if text.startswith("'") and _RISKY.match(text) else text


def as_text(value: Any) -> str:
    """A cell as its owner sees it: 12.5 without the crumbs of a float, a day as 2026-11-22, nothing as ""."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return f"{value:.15g}"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == datetime.min.time() else value.isoformat(" ")
    text = unicodedata.normalize("NFC", str(value)).replace("\x00", "").strip()
    return undefused(text).strip()


def is_empty(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not as_text(value))


def words(value: Any, most: int) -> str:
    """Free text up to `most` characters."""
    text = as_text(value)
    if len(text) > most:
        raise InvalidInput(_("That is %(chars)s characters long; at most %(most)s fit."), chars=len(text), most=most)
    return text


def count(value: Any) -> int:
    """A whole number: 20, "２０", 20.0, "20箱"."""
    if isinstance(value, float) and math.isfinite(value) and value == int(value):
        return int(value)
    text = unicodedata.normalize("NFKC", as_text(value)).replace(",", "").replace(" ", "")
    text = text.removesuffix("箱").removesuffix("天")
    text = re.sub(r"\.0+$", "", text)
    if isinstance(value, bool) or not re.fullmatch(r"-?[0-9]{1,9}", text):
        raise InvalidInput(_("Please type a whole number such as 20."))
    return int(text)


def fen(value: Any) -> int:
    """Fen from 12.5, "12.50", "¥12.50", "12.5元"."""
    if isinstance(value, bool):
        raise InvalidInput(_("Please type an amount such as 49.80."))
    return parse_yuan(as_text(value)[:40])


def grams(value: Any) -> int:
    """Grams from "5kg", "10斤", "250 克". A bare number is refused: 斤 and kg are easily mistaken."""
    text = unicodedata.normalize("NFKC", as_text(value)).casefold().replace(",", "")
    found = _WEIGHT.fullmatch(text)
    if found is None:
        if re.fullmatch(r"[\d.]+", text):
            raise InvalidInput(_("The unit is missing: is it kg or 斤?"))
        raise InvalidInput(_("Please type a weight such as 5 kg or 10斤."))
    return parse_grams(found[1], _UNITS[found[2]])


def day(value: Any, epoch: date = _EPOCH) -> date:
    """A day: a date, Excel's own number of one (counted from `epoch`), 2026-11-22, 2026/11/22 or 2026年11月22日."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    text = unicodedata.normalize("NFKC", as_text(value))
    if re.fullmatch(r"\d{5}(\.\d+)?", text) and not isinstance(value, bool) and int(float(text)) in _SERIALS:
        return epoch + timedelta(days=int(float(text)))
    found = _DAY.fullmatch(text)
    if found is None:
        raise InvalidInput(_("Please write the whole day, such as 2026-11-22."))
    try:
        return date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        raise InvalidInput(_("There is no such day.")) from None


def grade(value: Any) -> str:
    """A grade of Lot.Grade by its name in either language or its code."""
    text = unicodedata.normalize("NFKC", as_text(value)).casefold()
    if text.upper() in Lot.Grade.values:
        return text.upper()
    if text not in _GRADES:
        raise InvalidInput(_("There is no such grade."))
    return _GRADES[text]


def codes(value: Any) -> tuple[str, ...]:
    """Codes of photos, by spaces, commas or line breaks, each once."""
    found = re.split(r"[\s,，;；、]+", as_text(value))
    return tuple(dict.fromkeys(code.casefold() for code in found if code))
