"""Promise: guessing one-time codes leads nowhere, costs no more text messages than the cap, and keeps nobody out.

GUESSES says how many the attacker makes (300 unless told otherwise; `GUESSES=10000` takes two minutes).
The code is set to one that they would come to: only the limits stand between them and the account.
"""

import os
from collections import Counter

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from notifications import tasks
from notifications.models import Delivery, OutboxMessage, SmsDay
from tests.accounts.signing_in import ask, codes_for, confirm, is_signed_in
from tests.make import make_user

pytestmark = pytest.mark.django_db

GUESSES = int(os.environ.get("GUESSES", "300"))
THE_CODE = "000122"
VICTIM = "13912345678"
ASKS_EVERY = 5  # guesses that were turned away, before the attacker comes from elsewhere


@pytest.fixture
def victim(monkeypatch: pytest.MonkeyPatch) -> User:
    monkeypatch.setattr("accounts.adapter.AccountAdapter.generate_login_code", lambda adapter: THE_CODE)
    return make_user("Victim", phone=f"+86{VICTIM}")


def attack(guesses: int) -> tuple[Counter[int], bool]:
    """Ask for codes of the victim wherever one is given, from a new browser and network each time, and guess in order.

    The answers to the guesses by status, and whether one of them got in.
    """
    answers: Counter[int] = Counter()
    attacker, network = Client(), 0
    ask(attacker, VICTIM)
    for guess in range(guesses):
        answer = confirm(attacker, f"{guess:06d}").status_code
        answers[answer] += 1
        if answer != 422:  # signed in, or this try is over
            if is_signed_in(attacker):
                return answers, True
            network += 1
            if network % ASKS_EVERY == 0:
                attacker = Client(REMOTE_ADDR=f"10.{network % 250}.{network // 250 % 250}.7")
                ask(attacker, VICTIM)
    return answers, False


def send_all() -> None:
    """Let the worker send what is due, as often as it takes."""
    for _ in range(50):
        tasks.deliver_due()
        if not Delivery.objects.filter(status=Delivery.Status.DUE, due_at__lte=timezone.now()).exists():
            return


def test_ten_thousand_guesses_do_not_get_in_and_cost_a_handful_of_messages(victim: User) -> None:
    answers, got_in = attack(GUESSES)
    send_all()

    assert not got_in
    assert sum(answers.values()) == GUESSES
    assert answers[422] <= 10 * settings.ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS, "guesses that were looked at, in a day"
    assert OutboxMessage.objects.count() <= 10, "messages to one phone in a day"


def test_a_guess_that_is_not_counted_gets_in(victim: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: the same attack with the tries unlimited."""
    monkeypatch.setattr(settings, "ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS", 10**6)

    _answers, got_in = attack(int(THE_CODE) + 1)

    assert got_in


def test_whoever_is_attacked_can_still_sign_in(victim: User) -> None:
    """With a code that they asked for before or meanwhile: guesses count against a challenge, not against a person."""
    at_home, known = Client(), Client()
    known.force_login(victim)
    ask(at_home, VICTIM)

    attack(60)

    assert known.get(reverse("accounts:me")).status_code == 200, "and where they are signed in, they stay so"
    assert confirm(at_home, codes_for(victim)[0]).status_code == 302
    assert is_signed_in(at_home)


def test_asking_for_many_phones_costs_no_more_than_the_cap(monkeypatch: pytest.MonkeyPatch) -> None:
    """From a network of its own each time, so that only the day's cap is left."""
    monkeypatch.setattr(settings, "SMS_DAILY_CAP", 20)
    asked = Counter(ask(Client(REMOTE_ADDR=f"10.{n}.0.1"), f"139123{n:05d}").status_code for n in range(40))
    send_all()

    assert asked[302] > 20
    assert OutboxMessage.objects.count() == 20
    assert SmsDay.objects.get().attempts == 20


@pytest.mark.parametrize("network", ["203.0.113.{}", "2001:db8:7:{}::1"])
def test_one_network_cannot_ask_on_and_on(monkeypatch: pytest.MonkeyPatch, network: str) -> None:
    """Each time from another address of it, each time for another phone. A neighbour's network is not kept out."""
    assert settings.ACCOUNT_RATE_LIMITS["request_login_code_network"] == "300/h/key"
    limits = settings.ACCOUNT_RATE_LIMITS | {"request_login_code_network": "8/h/key"}
    monkeypatch.setattr(settings, "ACCOUNT_RATE_LIMITS", limits)

    asked = [ask(Client(REMOTE_ADDR=network.format(n)), f"139123{n:05d}").status_code for n in range(10, 20)]
    elsewhere = ask(Client(REMOTE_ADDR="198.51.100.4"), VICTIM).status_code

    assert asked == [302] * 8 + [422] * 2
    assert elsewhere == 302
