"""`manage.py reconcile GATEWAY DAY`: compare one day's statement now. Safe to run again."""

from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from common.errors import DomainError
from payments.gateways import UnknownGateway
from payments.gateways.base import GatewayError
from payments.gateways.statements import BadStatement
from payments.services import reconciling


class Command(BaseCommand):
    help = "Compare a provider's statement of a day with the ledger and keep what differs."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("gateway", help="wechat or alipay")
        parser.add_argument("day", type=date.fromisoformat, help="2026-11-26; a day of Shanghai")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            new = reconciling.reconcile(gateway=options["gateway"], day=options["day"], now=timezone.now())
        except (GatewayError, BadStatement, DomainError, UnknownGateway) as error:
            raise CommandError(f"Not compared: {error}") from error
        self.stdout.write(f"Compared. New differences: {new}.")
