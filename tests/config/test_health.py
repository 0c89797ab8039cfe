"""What load balancers are told, with each part really broken."""

import socket
import time
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client

from config import health


@pytest.fixture(autouse=True)
def unsure_of_migrations(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "_migrated", False)


def test_live_needs_nothing_but_the_process(client: Client) -> None:
    response = client.get("/health/live")

    assert (response.status_code, response.json()) == (200, {"status": "ok"})


@pytest.mark.django_db(transaction=True)
def test_ready_when_everything_answers(client: Client) -> None:
    response = client.get("/health/ready")

    assert response.status_code == 200
    assert response.json() == {
        "status": "ok",
        "checks": {"database": "ok", "migrations": "ok", "cache": "ok", "broker": "ok"},
    }
    assert "no-store" in response["Cache-Control"]


@pytest.mark.django_db(transaction=True)
def test_unready_and_says_so_when_the_database_is_gone(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(connections.settings["default"], "HOST", "/nowhere/secret-host")

    response = client.get("/health/ready")

    assert response.status_code == 503
    assert response.json()["status"] == "failing"
    assert (
        response.json()["checks"] | {"database": "unreachable", "migrations": "unreachable"}
        == (response.json()["checks"])
    )
    assert "secret-host" not in response.content.decode()


@pytest.mark.django_db(transaction=True)
def test_unready_until_the_last_migration_is_applied(client: Client) -> None:
    recorder = MigrationRecorder(connections["default"])
    recorder.record_unapplied("sessions", "0001_initial")
    try:
        response = client.get("/health/ready")
    finally:
        recorder.record_applied("sessions", "0001_initial")

    assert response.status_code == 503
    assert response.json()["checks"]["database"] == "ok"
    assert response.json()["checks"]["migrations"] == "pending"
    assert client.get("/health/ready").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_unready_when_the_cache_is_gone(client: Client, settings: Any) -> None:
    settings.CACHES = {"default": settings.CACHES["default"] | {"LOCATION": "unix:///nowhere.sock"}}

    response = client.get("/health/ready")

    assert response.status_code == 503
    assert response.json()["checks"]["cache"] == "unreachable"


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_is_down_degrades_and_no_more(client: Client, settings: Any) -> None:
    settings.CELERY_BROKER_URL = "redis+socket:///nowhere.sock"

    response = client.get("/health/ready")

    assert response.status_code == 200
    assert response.json()["status"] == "degraded"
    assert response.json()["checks"]["broker"] == "unreachable"


@pytest.mark.django_db(transaction=True)
def test_a_frozen_broker_does_not_freeze_the_answer(client: Client, settings: Any) -> None:
    frozen = Path("/tmp", f"frozen-{time.monotonic_ns()}.sock")  # noqa: S108  # pytest's own directory may be too long for a socket
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(frozen))
        listener.listen()  # accepts, and never says a word
        settings.CELERY_BROKER_URL = f"redis+socket://{frozen}"
        began = time.monotonic()

        response = client.get("/health/ready")

    frozen.unlink()
    assert response.json()["status"] == "degraded"
    assert time.monotonic() - began < health.DEADLINE + 2
