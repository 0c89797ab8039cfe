"""Log lines without people in them: phones, e-mail addresses, cards and codes are blotted out, wherever they came from.

Our own messages name nobody. But a database says which value was there twice, a driver repeats what it was sent, and a
request's line may carry what was typed into the address bar.
"""

import logging
import re

from pythonjsonlogger.json import JsonFormatter as PlainJsonFormatter

from common.tracing import request_id

_PRIVATE = (
    (re.compile(r"[\w.+-]{1,64}(?:@|%40)[\w-]{1,63}(?:\.[\w-]{1,63})+"), "[e-mail]"),
    (re.compile(r"(?<![\w-])(?:(?:\+|%2B)?86[ -]?)?1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?!\d)"), "[phone]"),
    (re.compile(r"(?<![\w-])\d{16,19}(?!\d)"), "[card]"),
    (re.compile(r"(?i)(code\W{1,6})\d{6}(?!\d)"), r"\1[code]"),
)


def blot_out(text: str) -> str:
    """The text with whatever looks like somebody's phone, address, card or sign-in code replaced."""
    for pattern, stands_for in _PRIVATE:
        text = pattern.sub(stands_for, text)
    return text


class RequestIdFilter(logging.Filter):
    """Gives each line the id of the request or task that it belongs to, "-" for none."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = request_id() or "-"
        return True


class PlainFormatter(logging.Formatter):
    """A line of text, for people."""

    def format(self, record: logging.LogRecord) -> str:
        return blot_out(super().format(record))


class JsonFormatter(PlainJsonFormatter):
    """A line of JSON, for machines."""

    def format(self, record: logging.LogRecord) -> str:
        return blot_out(super().format(record))
