"""A wake-up is asked for after commit, and no broker, dead or frozen, ever makes anyone wait for it."""

import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from celery import Celery, current_app
from django.db import transaction

from common import wake as wake_module
from common.wake import _Publisher, asleep, wake

QUICK = 0.5  # seconds; a frozen broker without the background thread costs 10 and more


@pytest.fixture
def publisher(monkeypatch: Any) -> _Publisher:
    """A publisher of this test's own, whose thread nobody else waits for."""
    fresh = _Publisher()
    monkeypatch.setattr(wake_module, "_publisher", fresh)
    return fresh


@pytest.fixture
def published(monkeypatch: Any, publisher: _Publisher) -> list[str]:
    names: list[str] = []
    monkeypatch.setattr(current_app, "send_task", lambda name, **options: names.append(name))
    return names


@pytest.fixture
def frozen_port() -> Iterator[int]:
    """A broker that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def wait_for(condition: Any) -> None:
    end = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.005)


@pytest.mark.django_db(transaction=True)
def test_nothing_is_published_before_the_commit(published: list[str]) -> None:
    with transaction.atomic():
        wake("some.task")
        time.sleep(0.05)
        assert published == []

    wait_for(lambda: published == ["some.task"])


@pytest.mark.django_db(transaction=True)
def test_what_is_rolled_back_wakes_nobody(published: list[str]) -> None:
    with transaction.atomic():
        wake("some.task")
        transaction.set_rollback(True)

    wake("other.task")
    wait_for(lambda: published == ["other.task"])


@pytest.mark.django_db(transaction=True)
def test_wake_ups_asked_for_together_are_merged(published: list[str], publisher: _Publisher, monkeypatch: Any) -> None:
    going, release = threading.Event(), threading.Event()

    def slow(name: str, **options: Any) -> None:
        published.append(name)
        going.set()
        release.wait(5)

    monkeypatch.setattr(current_app, "send_task", slow)
    wake("first")
    assert going.wait(5)
    for _ in range(50):
        wake("again")
    release.set()

    wait_for(lambda: published == ["first", "again"])
    time.sleep(0.05)
    assert published == ["first", "again"]


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_refuses_costs_nothing_and_the_next_wake_up_gets_through(
    publisher: _Publisher, monkeypatch: Any, caplog: Any
) -> None:
    names: list[str] = []

    def send(name: str, **options: Any) -> None:
        names.append(name)
        if len(names) == 1:
            raise ConnectionRefusedError("redis://:secret@broker")

    monkeypatch.setattr(current_app, "send_task", send)
    wake("lost")
    wait_for(lambda: names == ["lost"])
    wake("next")

    wait_for(lambda: names == ["lost", "next"])
    assert "wake-up of lost not published: ConnectionRefusedError" in caplog.text
    assert "secret" not in caplog.text


@pytest.mark.django_db(transaction=True)
def test_a_frozen_broker_never_holds_up_a_transaction(
    publisher: _Publisher, monkeypatch: Any, frozen_port: int
) -> None:
    frozen = Celery("frozen", broker=f"redis://127.0.0.1:{frozen_port}/0", set_as_current=False)
    frozen.conf.broker_transport_options = {"socket_timeout": 20, "socket_connect_timeout": 20}
    asked = threading.Event()

    def send(name: str, **options: Any) -> None:
        asked.set()
        frozen.send_task(name, **options)

    monkeypatch.setattr(wake_module, "current_app", type("App", (), {"send_task": staticmethod(send)}))
    began = time.monotonic()
    for _ in range(20):
        with transaction.atomic():
            wake("some.task")
    took = time.monotonic() - began

    assert took < QUICK
    assert asked.wait(5)  # the thread did try, so what was timed was really a frozen broker


def test_control_publishing_to_a_frozen_broker_does_block(frozen_port: int) -> None:
    """Without the thread the same call waits: the test above would prove nothing if this one were quick."""
    frozen = Celery("frozen", broker=f"redis://127.0.0.1:{frozen_port}/0", set_as_current=False)
    frozen.conf.broker_transport_options = {"socket_timeout": 1, "socket_connect_timeout": 1}
    began = time.monotonic()

    with pytest.raises(Exception):  # noqa: B017, PT011 - what it raises is the driver's affair
        frozen.send_task("some.task", retry=False, ignore_result=True)

    assert time.monotonic() - began > QUICK


@pytest.mark.django_db(transaction=True)
def test_a_forked_process_gets_a_thread_of_its_own(published: list[str], publisher: _Publisher) -> None:
    wake("first")
    wait_for(lambda: published == ["first"])
    publisher._pid = -1  # what a fork leaves behind: the object, but not the thread

    wake("second")

    wait_for(lambda: published == ["first", "second"])


@pytest.mark.django_db(transaction=True)
def test_nobody_is_woken_while_asleep_and_everybody_afterwards(published: list[str]) -> None:
    with asleep():
        wake("bulk.task")
    wake("after.task")

    wait_for(lambda: published == ["after.task"])
    time.sleep(0.05)
    assert published == ["after.task"]
