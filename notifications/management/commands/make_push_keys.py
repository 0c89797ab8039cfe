"""manage.py make_push_keys: the key pair that notices on phones are signed with, as settings to copy."""

import base64
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from django.core.management.base import BaseCommand

from notifications.push_keys import public_key


class Command(BaseCommand):
    help = (
        "Print a new PUSH_PRIVATE_KEY for notices on phones. Made once and kept: with another key every device has to be "
        "switched on again."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        number = ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value
        private = base64.urlsafe_b64encode(number.to_bytes(32, "big")).rstrip(b"=").decode()
        self.stdout.write(f"PUSH_PRIVATE_KEY={private}")
        self.stderr.write(f"Its public half, which browsers are told by themselves: {public_key(private)}")
