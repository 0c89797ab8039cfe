"""An order is put down to the link that led to it: one step deep, not to oneself, not round in a ring."""

from datetime import timedelta

import pytest
from django.apps import apps
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone

from marketplace.models import ShareLink
from orders.models import Attribution, Order
from tests.make import make_address, make_listing, make_user
from tests.marketplace.test_sharing import make_link
from tests.orders.making import make_cart, make_order, total_of

pytestmark = pytest.mark.django_db


def bought_by(buyer, link, **fields) -> Attribution:
    order = make_order(buyer, {make_listing(): 1}, now=fields.pop("now", timezone.now()), led_by=link.code, **fields)
    return order.attribution


def person(name, **fields):
    """Somebody with a phone and an address of their own."""
    user = make_user(name)
    phone = f"+86139{user.pk:08d}"
    make_address(user, phone=phone, detail=f"漕溪北路 {user.pk} 号", is_default=True)
    return user


def test_a_stranger_s_order_is_put_down_to_who_shared():
    sharer, buyer = person("Sharer"), person("Buyer")

    attribution = bought_by(buyer, make_link(sharer))

    assert (attribution.link.sharer, attribution.refused, attribution.reward_basis_points) == (sharer, "", 100)


def test_an_order_without_a_link_or_by_a_made_up_one_is_nobody_s():
    assert not Attribution.objects.filter(order=make_order(person("Buyer"))).exists()
    assert not Attribution.objects.filter(order=make_order(person("Another"), led_by="ZZZZZZZZ")).exists()


def test_a_guest_who_opens_their_own_link_and_signs_in_then_is_still_themself(client):
    sharer = person("Sharer")
    link = make_link(sharer)
    client.get(f"/s/{link.code}/")  # nobody is signed in yet
    client.force_login(sharer)
    cart = make_cart(sharer, {make_listing(): 1})
    sent = {"address": sharer.addresses.get().pk, "expected_total_fen": total_of(cart), "checkout_key": "0" * 32}
    response = client.post("/checkout/", sent)

    assert response.status_code == 302
    assert Order.objects.get().attribution.refused == "SELF"


@pytest.mark.parametrize("same", ["phone of their account", "phone of an address", "address ordered to before"])
def test_a_second_account_of_the_same_person_is_themself(same):
    sharer, second = person("Sharer"), person("Second account")
    mine, theirs = sharer.addresses.get(), second.addresses.get()
    if same == "phone of their account":
        sharer.phone = theirs.phone
        sharer.save()
    elif same == "phone of an address":
        make_address(sharer, phone=theirs.phone)
    else:
        type(mine).objects.filter(pk=theirs.pk).update(detail=mine.detail)
        make_order(sharer, {make_listing(): 1})

    assert bought_by(second, make_link(sharer)).refused == "SELF"


@pytest.mark.parametrize("people", [2, 3, 5])
def test_a_ring_of_any_size_earns_nothing_at_its_end(people):
    ring = [person(f"Person {number}") for number in range(people)]
    links = [make_link(one) for one in ring]
    made = [bought_by(ring[(place + 1) % people], links[place]).refused for place in range(people)]

    assert made == [""] * (people - 1) + ["RING"]


def test_a_chain_is_no_ring_and_an_old_ring_is_forgotten(settings):
    first, second, third = (person(name) for name in ("A", "B", "C"))
    link = make_link(first)
    long_ago = timezone.now() - timedelta(days=settings.SHARE_RING_DAYS + 1)

    assert bought_by(second, link, now=long_ago).refused == ""
    assert bought_by(third, make_link(second)).refused == ""
    assert bought_by(first, make_link(second)).refused == "", "what was long ago closes no ring"


def test_the_schema_has_no_place_for_a_second_level():
    """Nothing in the two tables points to either of them, but an attribution to its link."""
    ours = {ShareLink, Attribution}
    pointing = {
        (model.__name__, field.name, field.related_model.__name__)
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if field.concrete and field.is_relation and field.related_model in ours
    }
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT conrelid::regclass::text, confrelid::regclass::text FROM pg_constraint
               WHERE contype = 'f' AND confrelid IN ('marketplace_sharelink'::regclass, 'orders_attribution'::regclass)"""
        )
        keys = {tuple(row) for row in cursor.fetchall()}

    assert ("Attribution", "link", "ShareLink") in pointing, "or the check sees nothing"
    assert {(model, to) for model, _field, to in pointing if model in {"ShareLink", "Attribution"}} == {
        ("Attribution", "ShareLink")
    }
    assert ("orders_attribution", "marketplace_sharelink") in keys
    assert not {key for key in keys if key[0] == "marketplace_sharelink" or key[1] == key[0]}
    assert Attribution._meta.get_field("order").unique, "one sharer for an order, not a chain of them"


def test_postgresql_refuses_who_leads_themself_a_second_link_and_changes():
    sharer, buyer = person("Sharer"), person("Buyer")
    link = make_link(sharer)
    attribution = bought_by(buyer, link)
    own = make_order(sharer, {make_listing(): 1})
    facts = {"link": link, "reward_basis_points": 100, "attributed_at": timezone.now()}
    with pytest.raises(IntegrityError, match="leads themself"), transaction.atomic():
        Attribution.objects.create(order=own, **facts)
    with pytest.raises(IntegrityError), transaction.atomic():
        Attribution.objects.create(order=attribution.order, **facts)
    with pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic():
        Attribution.objects.update(refused="SELF")
