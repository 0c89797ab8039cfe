"""A buyer's addresses. Each change locks the buyer, so that there is always exactly one default among any."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from accounts.models import Address, Region, User
from common.errors import InvalidInput, WrongState
from common.transactions import needs_transaction, use_case

MAX_ADDRESSES = 20


@dataclass(frozen=True)
class AddressDetails:
    """Where a parcel goes: regions by code, phone in E.164. `county` is empty where a prefecture has none."""

    recipient: str
    phone: str
    province: str
    prefecture: str
    county: str
    detail: str
    is_default: bool = False


@use_case
def create_address(*, user_id: int, details: AddressDetails) -> Address:
    """Keep one more address; the first is the default. Raises InvalidInput for regions that don't belong together."""
    _lock(user_id)
    count = Address.objects.filter(user_id=user_id).count()
    if count >= MAX_ADDRESSES:
        raise InvalidInput(_("You can keep %(count)s addresses. Please delete one first."), count=MAX_ADDRESSES)
    address = Address(user_id=user_id)
    _fill(address, details)
    if details.is_default or count == 0:
        _move_default_to(address)
    address.save()
    return address


@use_case
def change_address(*, user_id: int, address_id: int, details: AddressDetails) -> Address:
    """Correct an address of this user. Raises as `create_address` does; WrongState when it is gone."""
    _lock(user_id)
    address = _own(user_id, address_id)
    _fill(address, details)
    if details.is_default:
        _move_default_to(address)
    address.save()
    return address


@use_case
def delete_address(*, user_id: int, address_id: int) -> None:
    """Forget an address; orders keep their copy. If it was the default, the newest of the others is it now."""
    _lock(user_id)
    for address in Address.objects.filter(user_id=user_id, pk=address_id):
        address.delete()
        if address.is_default and (heir := Address.objects.filter(user_id=user_id).order_by("-pk").first()):
            _move_default_to(heir)
            heir.save(update_fields=["is_default"])


@use_case
def make_default(*, user_id: int, address_id: int) -> None:
    """Let checkout offer this address first. Raises WrongState when it is gone."""
    _lock(user_id)
    address = _own(user_id, address_id)
    _move_default_to(address)
    address.save(update_fields=["is_default"])


def _lock(user_id: int) -> None:
    User.objects.select_for_update(no_key=True).get(pk=user_id)


def _own(user_id: int, address_id: int) -> Address:
    address = Address.objects.filter(user_id=user_id, pk=address_id).first()
    if address is None:
        raise WrongState
    return address


@needs_transaction
def _move_default_to(address: Address) -> None:
    Address.objects.filter(user_id=address.user_id, is_default=True).update(is_default=False)
    address.is_default = True


def _fill(address: Address, details: AddressDetails) -> None:
    address.province, address.prefecture, address.county = _chain(details)
    address.recipient, address.phone, address.detail = details.recipient, details.phone, details.detail


def _chain(details: AddressDetails) -> tuple[Region, Region, Region | None]:
    """The three regions, each inside the one before and none abolished."""
    found = Region.objects.filter(is_current=True).in_bulk([details.province, details.prefecture, details.county])
    province, prefecture = found.get(details.province), found.get(details.prefecture)
    if province is None or province.level != Region.Level.PROVINCE:
        raise InvalidInput(_("Please choose a province."), field="province")
    if prefecture is None or prefecture.parent_id != province.pk:
        raise InvalidInput(_("Please choose a city in %(place)s."), field="prefecture", place=province.local_name)
    county = found.get(details.county)
    if county is None and not Region.objects.filter(parent=prefecture, is_current=True).exists():
        return province, prefecture, None
    if county is None or county.parent_id != prefecture.pk:
        raise InvalidInput(
            _("Please choose a district or county in %(place)s."), field="county", place=prefecture.local_name
        )
    return province, prefecture, county
