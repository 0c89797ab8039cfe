"""The rows of test_who_may for the pages of the fund."""

from collections.abc import Callable
from typing import Any

from tests.config.village import Village

OPEN = ("200 200 200 200", "405 405 405", "buyer")
FUND_MAY: dict[str, tuple[str, str, str]] = {
    "fund:overview": OPEN,
    "fund:programme": OPEN,
    "fund:entries": OPEN,
    "fund:give": ("200 200 200 200", "422 422 422", "buyer"),
    "fund:gift": ("200 200 200 200", "-> -> ->", "buyer"),  # its address is the key, for guests have no other
    "fund:receipt": OPEN,
    "fund:mine": ("in 200 200 200", "405 405 405", "buyer"),
    "fund:farm_grants": ("in join 200 200", "405 405 405", "grower"),
    "fund:desk": ("in 404 404 200", "405 405 405", "steward"),
    "fund:payee_close": ("405 405 405 405", "in 404 404", "steward"),
    "fund:evidence": ("in 404 404 200", "405 405 405", "steward"),
    **{
        f"fund:{what}": ("in 404 404 200", "in 404 404", "steward")
        for what in (
            "programme_open",
            "programme_change",
            "payee_add",
            "allotment_prepare",
            "allotment",
            "gift_desk",
            "gift_return",
            "grant_prepare",
            "grant",
        )
    },
    "fund:photo_queue": ("in 404 404 200", "405 405 405", "moderator"),
    "fund:photo_decide": ("405 405 405 405", "in 404 404", "moderator"),
}

FUND_IN: dict[str, Callable[[Village], list[Any]]] = {
    "fund:programme": lambda v: [v.programme.slug],
    "fund:entries": lambda v: [v.programme.slug],
    "fund:gift": lambda v: [v.gift.token],
    "fund:receipt": lambda v: [v.gift.token],
    "fund:programme_change": lambda v: [v.programme.pk],
    "fund:payee_close": lambda v: [v.grant.payee_id],
    "fund:allotment": lambda v: [v.allotment.pk],
    "fund:gift_desk": lambda v: [v.gift.pk],
    "fund:gift_return": lambda v: [v.gift_return.pk],
    "fund:grant": lambda v: [v.grant.pk],
    "fund:evidence": lambda v: [v.grant_paper.pk],
    "fund:photo_decide": lambda v: [v.grant_photo.pk],
}
