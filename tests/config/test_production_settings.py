"""What the settings say in production, read by a process of its own: the suite itself runs in the embedded mode."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest
from django.conf import settings

NAMES = [
    "DATABASES", "SESSION_COOKIE_NAME", "SESSION_COOKIE_SECURE", "SESSION_COOKIE_PATH", "SESSION_COOKIE_DOMAIN",
    "SESSION_COOKIE_HTTPONLY", "CSRF_COOKIE_NAME", "CSRF_COOKIE_SECURE", "CSRF_COOKIE_PATH", "CSRF_COOKIE_DOMAIN", "DEBUG",
    "ALLAUTH_TRUSTED_PROXY_COUNT", "STAFF_NEED_TOTP", "SECURE_SSL_REDIRECT", "SECURE_HSTS_SECONDS", "PAYMENT_GATEWAY",
    "SMS_BACKEND", "EMAIL_CHANNEL", "ALLOWED_HOSTS", "EMBEDDED",
]  # fmt: skip


def in_production(**more: str) -> dict[str, Any]:
    code = "from config import settings as s; import json; print(json.dumps({n: getattr(s, n, None) for n in %r}, default=str))"
    environment = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), "SECRET_KEY": "x" * 50}
    environment["DATABASE_URL"] = "postgres://shop@db/shop?sslmode=verify-full&sslrootcert=/ca.pem"
    told = subprocess.run(
        [sys.executable, "-c", "import django.conf.global_settings; " + code % NAMES],
        env=environment | more,
        cwd=settings.BASE_DIR,
        check=True,
        capture_output=True,
        text=True,
    )
    return dict(json.loads(told.stdout))


@pytest.fixture(scope="module")
def production() -> dict[str, Any]:
    return in_production()


def test_what_the_database_url_asks_of_the_connection_is_kept(production):
    """`sslmode=verify-full` must not get lost on the way: the connection would go unencrypted, without a word."""
    options = production["DATABASES"]["default"]["OPTIONS"]

    assert options["sslmode"] == "verify-full"
    assert options["sslrootcert"] == "/ca.pem"
    assert "lock_timeout" in options["options"]


def test_cookies_are_bound_to_this_host(production):
    for cookie in ("SESSION", "CSRF"):
        assert production[f"{cookie}_COOKIE_NAME"].startswith("__Host-")
        assert production[f"{cookie}_COOKIE_SECURE"] is True
        assert production[f"{cookie}_COOKIE_DOMAIN"] is None


def test_nothing_of_the_demo_is_on(production):
    assert production["EMBEDDED"] is False
    assert production["DEBUG"] is False
    assert production["PAYMENT_GATEWAY"] == ""
    assert production["SMS_BACKEND"] == ""
    assert production["EMAIL_CHANNEL"] == "smtp"
    assert production["ALLOWED_HOSTS"] == []
    assert production["STAFF_NEED_TOTP"] is True
    assert production["SECURE_SSL_REDIRECT"] is True
    assert production["SECURE_HSTS_SECONDS"] >= 31_536_000


def test_one_proxy_is_believed_unless_told_otherwise(production):
    assert production["ALLAUTH_TRUSTED_PROXY_COUNT"] == 1
    assert in_production(TRUSTED_PROXY_COUNT="2")["ALLAUTH_TRUSTED_PROXY_COUNT"] == 2


def test_without_a_key_nothing_starts():
    with pytest.raises(subprocess.CalledProcessError) as refused:
        in_production(SECRET_KEY="")

    assert "SECRET_KEY must be set" in refused.value.stderr
