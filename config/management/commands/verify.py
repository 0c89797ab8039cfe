"""Says whether everything that must be true of the data is: for operators, after a restore, after chaos."""

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from config.verify import Result, UnknownCheck, all_checks, chosen, verify


class Command(BaseCommand):
    help = "Check every invariant on one moment of the running shop. Status 1 when one is broken. Writes nothing."
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--only", action="append", default=[], metavar="NAME", help="this check (may be repeated)")
        parser.add_argument("--heavy", action="store_true", help="also those that read every photo and every word")
        parser.add_argument("--json", action="store_true", help="for machines")
        parser.add_argument("--list", action="store_true", help="say what there is to check, and check nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["list"]:
            for check in all_checks():
                self.stdout.write(f"{check.name}{' (heavy)' if check.is_heavy else ''}: {check.says}")
            return
        try:
            checks = chosen(options["only"], heavy=options["heavy"])
        except UnknownCheck as error:
            raise CommandError(f"There is no check named {error}; --list names them.", returncode=2) from error
        now = timezone.now()
        results = []
        for result in verify(checks, now):
            results.append(result)
            if not options["json"]:
                self._say(result, wordy=options["verbosity"] > 1)
        broken = [result for result in results if not result.is_clean]
        left_out = [check.name for check in all_checks() if check not in checks] if not options["only"] else []
        if options["json"]:
            self.stdout.write(json.dumps(_report(results, left_out, now.isoformat()), ensure_ascii=False))
        else:
            self._sum_up(results, broken, left_out)
        if broken:
            sys.exit(1)

    def _say(self, result: Result, *, wordy: bool) -> None:
        name, breach = result.check.name, result.breach
        if result.error:
            self.stdout.write(self.style.ERROR(f"ERROR   {name}: could not be checked ({result.error})"))
        elif breach.count:
            more = ", ..." if breach.count > len(breach.ids) else ""
            self.stdout.write(self.style.ERROR(f"BROKEN  {name}: {breach.count} ({', '.join(breach.ids)}{more})"))
            self.stdout.write(f"        It should be so: {result.check.says}")
        elif wordy:
            self.stdout.write(f"ok      {name} ({result.milliseconds} ms)")

    def _sum_up(self, results: list[Result], broken: list[Result], left_out: list[str]) -> None:
        took = sum(result.milliseconds for result in results) / 1000
        said = f"{len(results)} checks in {took:.1f} s: {f'{len(broken)} broken' if broken else 'all hold'}."
        if left_out:
            said += f" Not made, as they are heavy (--heavy): {', '.join(left_out)}."
        self.stdout.write(said)


def _report(results: list[Result], left_out: list[str], at: str) -> dict[str, Any]:
    return {
        "at": at,
        "clean": all(result.is_clean for result in results),
        "left_out": left_out,
        "checks": [
            {
                "name": result.check.name,
                "says": result.check.says,
                "count": result.breach.count,
                "ids": list(result.breach.ids),
                "error": result.error,
                "ms": result.milliseconds,
            }
            for result in results
        ],
    }
