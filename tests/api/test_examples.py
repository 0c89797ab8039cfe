"""The examples of docs/api.md, run as they stand against a live server."""

import os
import re
import subprocess
import sys

import pytest
from django.utils import timezone

from config.embedded import BASE_DIR
from orders.models import Order
from tests.api.asking import token_for
from tests.make import make_address, make_listing, make_user
from tests.orders.making import make_route

pytestmark = pytest.mark.django_db(transaction=True)


def blocks(language: str) -> list[str]:
    """The blocks of code in one language."""
    text = (BASE_DIR / "docs" / "api.md").read_text()
    return re.findall(rf"```{language}\n(.*?)```", text, flags=re.DOTALL)


def test_the_examples_run_and_do_what_they_say(live_server, tmp_path):
    buyer, listing = make_user("Buyer"), make_listing(packs=20)
    make_route()
    make_address(buyer, is_default=True)
    env = os.environ | {"SITE": live_server.url, "TOKEN": token_for(buyer, "read", "buy"), "NO_PROXY": "*"}
    ran = 0

    for language, command in (("sh", ["bash", "-euo", "pipefail"]), ("python", [sys.executable])):
        for block in blocks(language):
            script = tmp_path / f"example.{language}"
            script.write_text(block)
            done = subprocess.run([*command, script], env=env, check=False, capture_output=True, text=True, timeout=60)
            assert done.returncode == 0, done.stderr + done.stdout
            ran += 1

    order = Order.objects.get()
    assert ran == 3
    assert (order.buyer, order.parcels.get().lines.get().listing) == (buyer, listing)
    assert order.pay_by > timezone.now()
