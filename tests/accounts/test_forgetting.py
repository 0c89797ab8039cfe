"""The hourly task deletes those who asked for a code and never came."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from accounts.tasks import forget_unverified_people
from tests.accounts.signing_in import ask, forget_minutes
from tests.make import make_user

pytestmark = pytest.mark.django_db

YESTERDAY = timedelta(days=1, minutes=1)


def test_those_who_never_came_are_forgotten_after_a_day(client):
    ask(client, "13912345678")
    forget_unverified_people()
    assert User.objects.count() == 1, "not within the day"

    User.objects.update(joined_at=timezone.now() - YESTERDAY)
    forget_unverified_people()
    forget_unverified_people()

    assert not User.objects.exists()


def test_asking_again_starts_the_day_anew(client):
    ask(client, "13912345678")
    User.objects.update(joined_at=timezone.now() - YESTERDAY)
    forget_minutes()

    ask(Client(), "13912345678")
    forget_unverified_people()

    assert User.objects.exists()


@pytest.mark.parametrize(
    "fields",
    [
        {"last_login": timezone.now()},
        {"phone_verified": True},
        {"name": "Made by staff"},
        {"is_staff": True},
        {"is_moderator": True},
        {"is_demo": True},
        {"password": "argon2$something"},
    ],
    ids=lambda fields: next(iter(fields)),
)
def test_everybody_else_stays(fields):
    user = make_user("", phone_verified=False)
    User.objects.update(**{"joined_at": timezone.now() - YESTERDAY} | fields)

    forget_unverified_people()

    assert User.objects.filter(pk=user.pk).exists()
