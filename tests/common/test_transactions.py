"""Use-cases commit; steps insist on a use-case around them; neither can be muddled."""

import pytest
from django.db import connection, transaction

from accounts.models import Region
from common.transactions import needs_transaction, use_case


def make_region(code: str) -> None:
    Region.objects.create(code=code, name_zh="省", name_en="Province", level=Region.Level.PROVINCE)


@needs_transaction
def step(code: str) -> None:
    """A step that writes."""
    make_region(code)


@use_case
def work(code: str, *, fails: bool = False) -> str:
    """A use-case of one step."""
    step(code)
    if fails:
        raise ZeroDivisionError
    return code


@pytest.mark.django_db(transaction=True)
def test_a_step_outside_a_transaction_refuses_and_writes_nothing() -> None:
    with pytest.raises(RuntimeError, match="step is a step"):
        step("110000")

    assert not Region.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_what_a_use_case_returned_is_committed() -> None:
    assert work("110000") == "110000"

    assert not connection.in_atomic_block
    assert Region.objects.get().code == "110000"


@pytest.mark.django_db(transaction=True)
def test_a_use_case_that_fails_leaves_nothing() -> None:
    with pytest.raises(ZeroDivisionError):
        work("110000", fails=True)

    assert not Region.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_use_case_inside_another_transaction_refuses() -> None:
    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        work("110000")

    assert not Region.objects.exists()


def test_decorated_functions_keep_their_names_and_docs() -> None:
    assert step.__name__ == "step"
    assert step.__doc__ == "A step that writes."
    assert work.__name__ == "work"
