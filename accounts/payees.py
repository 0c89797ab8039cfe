"""Where a farmer's money goes: bank cards, Alipay, WeChat Pay. Checked for slips of the finger, not for being theirs."""

import re
import unicodedata

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from accounts.contacts import parse_phone
from accounts.models import Farmer
from common.errors import InvalidInput

FIELD = "payee_account"
_WECHAT_ID = re.compile(r"[A-Za-z][-_A-Za-z0-9]{5,19}")


def clean_payee_account(kind: str, text: str) -> str:
    """The account as it is kept: card digits, +86… or an address. Raises InvalidInput (field "payee_account")."""
    cleaned = unicodedata.normalize("NFKC", text).strip()
    if kind == Farmer.PayeeKind.BANK:
        return _card(re.sub(r"[\s-]", "", cleaned))
    if kind == Farmer.PayeeKind.ALIPAY:
        return _alipay(cleaned)
    if kind == Farmer.PayeeKind.WECHAT:
        return _wechat(cleaned)
    raise InvalidInput(field="payee_kind")


def _card(digits: str) -> str:
    if not (digits.isascii() and digits.isdigit()):
        raise InvalidInput(_("A card number has only digits."), field=FIELD)
    if not 16 <= len(digits) <= 19:
        raise InvalidInput(_("A bank card number has 16 to 19 digits. Please count again."), field=FIELD)
    if not _passes_luhn(digits):
        raise InvalidInput(_("That card number can't be right. Please compare it with the card."), field=FIELD)
    return digits


def _passes_luhn(digits: str) -> bool:
    """The check digit of bank cards: finds one wrong digit, and most swapped pairs."""
    doubled = [int(digit) * (1 + index % 2) for index, digit in enumerate(reversed(digits))]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0 and set(digits) != {"0"}


def _alipay(text: str) -> str:
    try:
        return parse_phone(text)
    except InvalidInput:
        pass
    try:
        validate_email(text)
    except ValidationError:
        raise InvalidInput(_("An Alipay account is a phone number or an e-mail address."), field=FIELD) from None
    return text.lower()


def _wechat(text: str) -> str:
    try:
        return parse_phone(text)
    except InvalidInput:
        pass
    if not _WECHAT_ID.fullmatch(text):
        raise InvalidInput(_("Please give the phone number of your WeChat account, or your WeChat ID."), field=FIELD)
    return text
