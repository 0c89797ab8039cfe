"""Phones, e-mail addresses and payees as people type them."""

import pytest

from accounts.contacts import parse_contact, parse_phone, show_phone
from accounts.payees import clean_payee_account
from common.errors import InvalidInput


@pytest.mark.parametrize(
    ("typed", "contact"),
    [
        ("13800138000", ("phone", "+8613800138000")),
        ("  138 0013-8000 ", ("phone", "+8613800138000")),
        ("008613800138000", ("phone", "+8613800138000")),
        ("+852 9123 4567", ("phone", "+85291234567")),
        ("Wang@Example.COM", ("email", "wang@example.com")),
        ("wang＠example．com", ("email", "wang@example.com")),
    ],
)
def test_contacts_are_kept_in_one_form(typed, contact):
    assert parse_contact(typed) == contact


def test_texts_go_only_to_the_regions_that_are_set(settings):
    settings.SIGN_IN_PHONE_REGIONS = ["CN"]

    with pytest.raises(InvalidInput):
        parse_contact("+852 9123 4567")


def test_a_courier_can_call_a_landline_but_nobody_signs_in_with_one():
    assert parse_phone("010-6234 5678") == "+861062345678"
    with pytest.raises(InvalidInput):
        parse_contact("010-6234 5678")


@pytest.mark.parametrize("typed", ["", "12345", "138001380001", "1-800-FLOWERS", "9" * 60, "\x00"])
def test_what_is_no_phone_is_refused(typed):
    with pytest.raises(InvalidInput):
        parse_phone(typed)


def test_phones_are_shown_as_they_are_said():
    assert show_phone("+8613800138000") == "138 0013 8000"
    assert show_phone("+85291234567") == "+852 9123 4567"
    assert show_phone("+8614000000003") == "140 0000 0003"
    assert show_phone("+1") == "+1"


@pytest.mark.parametrize(
    ("kind", "typed", "kept"),
    [
        ("BANK", "6222 0200 0000 1234 566", "6222020000001234566"),
        ("BANK", "６２２２０２００００００１２３４５６６", "6222020000001234566"),
        ("ALIPAY", "139 1234 5678", "+8613912345678"),
        ("ALIPAY", "Wang@example.com", "wang@example.com"),
        ("WECHAT", "wang_xiaoming", "wang_xiaoming"),
        ("WECHAT", "13912345678", "+8613912345678"),
    ],
)
def test_payee_accounts_are_kept_in_one_form(kind, typed, kept):
    assert clean_payee_account(kind, typed) == kept
    assert clean_payee_account(kind, kept) == kept


@pytest.mark.parametrize(
    ("kind", "typed"),
    [
        ("BANK", "6222020000001234567"),  # one digit off
        ("BANK", "6222020000001235466"),  # two digits swapped
        ("BANK", "622202000000123"),
        ("BANK", "62220200000012345660"),
        ("BANK", "0000000000000000"),
        ("BANK", "陈桂兰"),
        ("BANK", "6222-0200-0000-1234-56x"),
        ("ALIPAY", "wang"),
        ("WECHAT", "王小明"),
        ("WECHAT", "12345"),
        ("CASH", "here"),
    ],
)
def test_a_slip_of_the_finger_in_a_payee_account_is_found(kind, typed):
    with pytest.raises(InvalidInput) as refusal:
        clean_payee_account(kind, typed)
    assert refusal.value.field in {"payee_account", "payee_kind"}
