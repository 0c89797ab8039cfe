"""The bank's file: one line for each payout, as CSV in UTF-8 with a mark that spreadsheet programs know it by."""

import csv
import io
from collections.abc import Iterable

from django.utils.translation import gettext as _

from common.money import yuan
from marketplace.sheets.cells import defused
from payments.models import Payout


def bank_file(payouts: Iterable[Payout]) -> bytes:
    """Reference, name, kind of account, account, yuan. Whatever a spreadsheet might run as a formula is defused.

    Mainland phone numbers, which Alipay and WeChat know people by, stand without +86, so they need no defusing.
    """
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([_("Reference"), _("Name of the account"), _("Kind"), _("Account"), _("Amount in yuan")])
    for payout in payouts:
        account = payout.payee_account.removeprefix("+86")
        row = [payout.reference, payout.payee_name, payout.get_payee_kind_display(), account, yuan(payout.amount_fen)]
        writer.writerow([defused(str(cell)) for cell in row])
    return b"\xef\xbb\xbf" + out.getvalue().encode()
