"""Reading JSON bodies."""

from typing import IO, Any

from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser


class TextJSONParser(JSONParser):
    """JSON whose texts are texts: half a character (a lone surrogate) can neither be stored nor said back."""

    def parse(self, stream: IO[Any], media_type: Any = None, parser_context: Any = None) -> Any:
        data = super().parse(stream, media_type, parser_context)
        try:
            _check(data)
        except (UnicodeEncodeError, RecursionError):
            raise ParseError(_("This request can't be read.")) from None
        return data


def _check(data: Any) -> None:
    if isinstance(data, str):
        data.encode()
    elif isinstance(data, list):
        for one in data:
            _check(one)
    elif isinstance(data, dict):
        for name, value in data.items():
            name.encode()
            _check(value)
