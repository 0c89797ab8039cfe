"""A buyer's addresses: regions that belong together, one default, nobody else's."""

import pytest
from django.urls import reverse

from accounts.models import Address, Region
from accounts.services import addresses
from common.errors import InvalidInput, WrongState
from tests.accounts.signing_in import EN, ZH
from tests.make import make_address, make_region, make_shanghai, make_user

pytestmark = pytest.mark.django_db

LIST = reverse("accounts:address_list")
NEW = reverse("accounts:address_create")
CHILDREN = reverse("accounts:region_children")


@pytest.fixture
def buyer(client):
    buyer = make_user("Buyer")
    client.force_login(buyer)
    return buyer


def form(**changes):
    province, prefecture, county = make_shanghai()
    return {
        "recipient": "王小明",
        "phone": "139 0000 0000",
        "province": province.pk,
        "prefecture": prefecture.pk,
        "county": county.pk,
        "detail": "漕溪北路 1 号 502 室",
    } | changes


def details(**changes):
    return addresses.AddressDetails(**form(phone="+8613900000000") | changes)


def edit(address):
    return reverse("accounts:address_edit", args=[address.pk])


def test_an_address_is_kept_and_the_first_is_the_default(client, buyer):
    response = client.post(NEW, form())

    assert response.url == LIST
    address = Address.objects.get()
    assert address.user == buyer
    assert address.phone == "+8613900000000"
    assert address.is_default
    assert "上海市徐汇区" in client.get(LIST, headers=ZH).content.decode()
    assert "Xuhui District, Shanghai" in client.get(LIST, headers=EN).content.decode()


def test_where_it_was_needed_is_where_it_leads_back(client, buyer):
    assert client.post(f"{NEW}?next=/checkout/", form()).url == "/checkout/"
    assert client.post(f"{NEW}?next=https://evil.example/", form()).url == LIST


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("recipient", ""),
        ("recipient", "王" * 41),
        ("phone", ""),
        ("phone", "12345"),
        ("province", ""),
        ("province", "310104"),
        ("prefecture", ""),
        ("prefecture", "440100"),
        ("county", ""),
        ("county", "440103"),
        ("detail", " "),
        ("detail", "x" * 201),
    ],
)
@pytest.mark.parametrize(("language", "is_chinese"), [(EN, False), (ZH, True)])
def test_a_slip_is_said_beside_its_field_and_the_rest_is_kept(client, buyer, field, typed, language, is_chinese):
    response = client.post(NEW, form(**{field: typed}), headers=language)

    assert response.status_code == 422
    shown = response.context["form"]
    assert any("一" <= letter <= "鿿" for letter in shown[field].errors[0]) is is_chinese
    assert f'id="id_{field}_error"' in response.content.decode()
    assert all(shown[name].value() == value for name, value in form(**{field: typed}).items())
    assert not Address.objects.exists()


class TestRegions:
    @pytest.fixture
    def guangdong(self):
        """Guangzhou with one district, Dongguan without any."""
        province = make_region("440000", "广东省", "Guangdong", Region.Level.PROVINCE)
        guangzhou = make_region("440100", "广州市", "Guangzhou City", Region.Level.PREFECTURE, province)
        make_region("440103", "荔湾区", "Liwan District", Region.Level.COUNTY, guangzhou)
        make_region("441900", "东莞市", "Dongguan City", Region.Level.PREFECTURE, province)

    @pytest.mark.parametrize(
        ("codes", "field"),
        [
            (("310104", "310100", "310104"), "province"),
            (("000000", "310100", "310104"), "province"),
            (("440000", "310100", "310104"), "prefecture"),
            (("440000", "440103", "440103"), "prefecture"),
            (("440000", "440100", "310104"), "county"),
            (("440000", "440100", ""), "county"),
            (("440000", "440100", "440100"), "county"),
            (("440000", "441900", "440103"), "county"),
        ],
    )
    def test_each_lies_inside_the_one_before(self, guangdong, codes, field):
        user = make_user()
        where = dict(zip(("province", "prefecture", "county"), codes, strict=True))

        with pytest.raises(InvalidInput) as refusal:
            addresses.create_address(user_id=user.pk, details=details(**where))
        assert refusal.value.field == field
        assert not Address.objects.exists()

    def test_a_prefecture_without_counties_ends_the_address(self, client, buyer, guangdong):
        client.post(NEW, form(province="440000", prefecture="441900", county=""))

        assert Address.objects.get().place == "广东省东莞市"

    def test_what_was_abolished_is_offered_and_taken_no_more(self, client, buyer):
        Region.objects.filter(pk=make_shanghai()[2].pk).update(is_current=False)
        make_region("310101", "黄浦区", "Huangpu District", Region.Level.COUNTY, Region.objects.get(pk="310100"))

        assert client.post(NEW, form()).status_code == 422
        with pytest.raises(InvalidInput):
            addresses.create_address(user_id=buyer.pk, details=details())
        assert "徐汇区" not in client.get(CHILDREN, {"province": "310000"}, headers=ZH).content.decode()

    def test_a_placeholder_prefecture_is_not_part_of_what_is_shown(self, client, buyer):
        Region.objects.filter(pk=make_shanghai()[1].pk).update(is_virtual=True, name_zh="市辖区")

        address = make_address(buyer)

        assert address.place == "上海市徐汇区"

    def test_a_province_with_one_city_needs_no_choice_of_it(self, client):
        page = client.get(CHILDREN, {"province": make_shanghai()[0].pk}, headers=ZH).content.decode()

        assert '<option value="310100" selected>' in page
        assert '<option value="310104">徐汇区</option>' in page
        assert "<html" not in page

    def test_choosing_another_province_forgets_the_city_before(self, client, guangdong):
        make_shanghai()
        page = client.get(CHILDREN, {"province": "440000", "prefecture": "310100", "county": "310104"}, headers=ZH)

        text = page.content.decode()
        assert '<option value="440100">广州市</option>' in text
        assert "徐汇区" not in text

    @pytest.mark.parametrize(
        "query",
        [
            {},
            {"province": "x"},
            {"province": "440000", "prefecture": "'"},
            {"province": "4" * 500},
            {"province": "4\x00"},
        ],
    )
    def test_nonsense_offers_nothing_and_breaks_nothing(self, client, guangdong, query):
        assert client.get(CHILDREN, query).status_code == 200

    def test_the_fragment_asks_once_for_each_select(self, client, django_assert_num_queries):
        codes = [region.pk for region in make_shanghai()]
        with django_assert_num_queries(3):
            client.get(CHILDREN, dict(zip(("province", "prefecture", "county"), codes, strict=True)))

    def test_without_javascript_the_button_fills_the_next_select_and_keeps_what_was_typed(
        self, client, buyer, guangdong
    ):
        response = client.post(NEW, form(province="440000", prefecture="", county="", choose="1"), headers=ZH)

        page = response.content.decode()
        assert response.status_code == 200
        assert not response.context["form"].errors
        assert '<option value="440100">广州市</option>' in page
        assert 'value="王小明"' in page
        assert "<noscript><button" in page
        assert not Address.objects.exists()


class TestDefault:
    def test_there_is_always_one_among_any(self, client, buyer):
        first = addresses.create_address(user_id=buyer.pk, details=details())
        second = addresses.create_address(user_id=buyer.pk, details=details(detail="二号"))
        third = addresses.create_address(user_id=buyer.pk, details=details(detail="三号", is_default=True))

        def default():
            return Address.objects.get(user=buyer, is_default=True)

        assert default() == third
        client.post(reverse("accounts:address_default", args=[first.pk]))
        assert default() == first
        client.post(edit(second), form(is_default="on"))
        assert default() == second
        client.post(reverse("accounts:address_delete", args=[second.pk]))
        assert default() == third, "the newest of those left"
        client.post(edit(third), form())
        assert default() == third, "unticking it doesn't leave none"

    def test_an_address_that_is_gone_meanwhile(self, buyer):
        address = make_address(buyer)
        address.delete()

        with pytest.raises(WrongState):
            addresses.change_address(user_id=buyer.pk, address_id=address.pk or 1, details=details())
        addresses.delete_address(user_id=buyer.pk, address_id=1)

    def test_twenty_are_enough(self, client, buyer):
        for number in range(20):
            make_address(buyer, detail=f"{number} 号")

        response = client.post(NEW, form(), headers=EN)

        assert response.status_code == 422
        assert "You can keep 20 addresses" in response.context["form"].non_field_errors()[0]
        assert Address.objects.count() == 20


class TestStrangers:
    @pytest.mark.parametrize("action", ["edit", "delete", "default"])
    def test_another_persons_address_is_not_there(self, client, buyer, action):
        theirs = make_address(make_user(), is_default=True)
        url = reverse(f"accounts:address_{action}", args=[theirs.pk])

        assert client.post(url, form(detail="mine now")).status_code == 404
        theirs.refresh_from_db()
        assert theirs.detail == "漕溪北路 1 号 502 室"

    def test_another_persons_address_is_not_shown(self, client, buyer):
        theirs = make_address(make_user())

        assert client.get(edit(theirs)).status_code == 404
        assert theirs.detail not in client.get(LIST).content.decode()

    def test_services_do_not_reach_it_either(self, buyer):
        theirs = make_address(make_user())

        with pytest.raises(WrongState):
            addresses.change_address(user_id=buyer.pk, address_id=theirs.pk, details=details(detail="mine"))
        with pytest.raises(WrongState):
            addresses.make_default(user_id=buyer.pk, address_id=theirs.pk)
        addresses.delete_address(user_id=buyer.pk, address_id=theirs.pk)
        theirs.refresh_from_db()
        assert theirs.detail == "漕溪北路 1 号 502 室"

    @pytest.mark.parametrize("url", [LIST, NEW, "/me/addresses/1/"])
    def test_guests_are_asked_to_sign_in(self, client, url):
        assert client.get(url).url.startswith(reverse("account_request_login_code"))

    @pytest.mark.parametrize("action", ["delete", "default"])
    def test_a_link_changes_nothing(self, client, buyer, action):
        address = make_address(buyer)

        assert client.get(reverse(f"accounts:address_{action}", args=[address.pk])).status_code == 405
        assert Address.objects.exists()


def test_the_list_asks_the_same_whatever_it_shows(client, buyer, django_assert_num_queries):
    make_address(buyer)
    with django_assert_num_queries(5):  # session, user, addresses, cart, unread
        client.get(LIST)
    for _ in range(8):
        make_address(buyer)
    with django_assert_num_queries(5):
        client.get(LIST)
