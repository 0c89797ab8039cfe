"""The floor: the least that Django can do for a page and for an order. One query and a small template; one transaction.

No middleware, no session, no translation: nothing that a shop needs. It says what the machine and Django cost.
"""

import os
from typing import Any

import dj_database_url
import django
from django.conf import settings

settings.configure(
    DATABASES={"default": {**dj_database_url.parse(os.environ["DATABASE_URL"]), "CONN_MAX_AGE": 60}},
    ROOT_URLCONF="bench.floor",
    ALLOWED_HOSTS=["*"],
    SECRET_KEY="floor",  # signs nothing
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates"}],
    USE_TZ=True,
)
django.setup()

from django.core.handlers.wsgi import WSGIHandler
from django.db import models, transaction
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import path

PAGE = 24
TEMPLATE = engines["django"].from_string(
    """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Offers</title></head><body><ul>
{% for offer in offers %}<li><a href="/offers/{{ offer.pk }}/">{{ offer.name }}</a> {{ offer.price_fen }} {{ offer.left }}</li>
{% endfor %}</ul></body></html>"""
)


class Offer(models.Model):
    """Something to sell, with its stock."""

    name = models.CharField(max_length=60)
    price_fen = models.PositiveIntegerField()
    harvested = models.PositiveIntegerField()
    held = models.PositiveIntegerField()

    class Meta:
        app_label, db_table, managed = "floor", "floor_offer", False

    def __str__(self) -> str:
        return self.name

    @property
    def left(self) -> int:
        return self.harvested - self.held


class Order(models.Model):
    """What was ordered."""

    total_fen = models.PositiveIntegerField()

    class Meta:
        app_label, db_table, managed = "floor", "floor_order", False

    def __str__(self) -> str:
        return str(self.pk)


class Line(models.Model):
    """So many of an offer in an order."""

    order = models.ForeignKey(Order, models.PROTECT)
    offer = models.ForeignKey(Offer, models.PROTECT)
    packs = models.PositiveIntegerField()

    class Meta:
        app_label, db_table, managed = "floor", "floor_line", False

    def __str__(self) -> str:
        return str(self.pk)


class Hold(models.Model):
    """Stock set aside for it."""

    order = models.ForeignKey(Order, models.PROTECT)
    offer = models.ForeignKey(Offer, models.PROTECT)
    packs = models.PositiveIntegerField()

    class Meta:
        app_label, db_table, managed = "floor", "floor_hold", False

    def __str__(self) -> str:
        return str(self.pk)


def page(request: HttpRequest) -> HttpResponse:
    """One query, a small template."""
    return HttpResponse(TEMPLATE.render({"offers": Offer.objects.order_by("-pk")[:PAGE]}))


def order(request: HttpRequest, pk: int) -> HttpResponse:
    """A guarded UPDATE of stock and three inserts, in one transaction."""
    with transaction.atomic():
        if not Offer.objects.filter(pk=pk, harvested__gt=F("held")).update(held=F("held") + 1):
            return HttpResponse(status=409)
        placed = Order.objects.create(total_fen=4980)
        Line.objects.create(order=placed, offer_id=pk, packs=1)
        Hold.objects.create(order=placed, offer_id=pk, packs=1)
    return HttpResponse(status=302, headers={"Location": "/"})


def live(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok")


urlpatterns: list[Any] = [path("", page), path("order/<int:pk>/", order), path("health/live", live)]
application = WSGIHandler()
