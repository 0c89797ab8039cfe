"""What farmers, moderators and buyers do at their screens, each in a few named steps."""

from dataclasses import dataclass
from io import BytesIO
from typing import Any

from PIL import Image
from playwright.sync_api import FilePayload, expect

from tests.acceptance.person import Exactly, Person
from tests.marketplace.pictures import SECRET, telling_jpeg


@dataclass(frozen=True)
class Household:
    """What somebody says of themselves when they want to sell."""

    name: str
    province: str
    county: str
    town: str
    village: str
    payee: str
    alipay: str


@dataclass(frozen=True)
class Box:
    """What a farmer offers."""

    produce: str
    weight: str
    price: str
    packs: str
    words: str


@dataclass(frozen=True)
class Home:
    """Where a buyer wants parcels."""

    recipient: str
    phone: str
    province: str
    city: str
    district: str
    detail: str


class Farmer(Person):
    def apply(self, household: Household) -> None:
        """From the application's page to "we have it"."""
        self.write("Name that buyers see", household.name)
        self.pick("household")
        self.choose("Province", household.province)
        self.choose("County", household.county)
        self.write("Town or township", household.town)
        self.write("Village", household.village)
        self.pick("A woman leads this household or cooperative")
        self.pick("Alipay")
        self.write("Name on the account", household.payee)
        self.write("Card number or account", household.alipay)
        self.press("Send it")
        self.sees("We have it")

    def list_harvest(self, box: Box) -> None:
        """The three steps, a look at the whole, and off to the moderators. The photo says where it was taken."""
        main = self.page.get_by_role("main")
        photo: FilePayload = {
            "name": "IMG_0001.jpg",
            "mimeType": "image/jpeg",
            "buffer": telling_jpeg(orientation=6),
        }
        self.field("Take or choose photos").set_input_files(photo)
        expect(main.get_by_role("radio", name=self.words("Cover"))).to_be_visible()
        self.write("Search for your produce", box.produce)
        self.pick(Exactly(box.produce))
        self.press("Next: weight and price")
        self.write("One box weighs", box.weight)
        self.pick("kg")
        self.write("Price of a box, in yuan", box.price)
        self.write("How many boxes you have", box.packs)
        self.press("Next: when was it picked?")
        self.pick("Today")
        self.pick("first grade")
        self.write("In your own words", box.words)
        self.press("Next: look it over")
        self.sees(Exactly(box.words))
        self.press("Send it to the moderators")
        self.back_at("/sell/")
        self.sees("With the moderators")

    def change_words(self, listing: int, words: str) -> None:
        """Other words for what is on sale already, sent to the moderators."""
        self.open(f"/sell/listings/{listing}/")
        self.press("Change photos, words or origin")
        self.press("Next: words and origin")
        self.write("In your own words", words)
        self.press("Next: look it over")
        self.press("Send it to the moderators")

    def change_on_the_spot(self, listing: int, label: str, value: str, answer: str) -> None:
        """Price or stock, in place."""
        self.open(f"/sell/listings/{listing}/")
        field = self.field(label)
        self.hands.write(field, value)
        self.page.keyboard.press("Enter")
        expect(self.page.get_by_role("main").get_by_role("status").filter(has_text=self.words(answer))).to_be_visible()
        expect(self.field(label)).to_have_value(value)
        self.look()

    def post(self, what: str, courier: str, tracking_number: str, *, to: Home) -> None:
        """From the farm's home: what to pack, where it goes, and what the courier wrote on the slip."""
        self.open("/sell/")
        self.sees(Exactly(what))
        self.follow("Pack list and addresses")
        self.sees(Exactly(to.recipient))
        self.sees(Exactly(to.detail))
        self.follow("I have posted it")
        self.pick(courier)
        self.write("Tracking number", tracking_number)
        self.press("I have posted it")
        self.sees("on the way")


class Moderator(Person):
    def verify(self, household: Household, reason: str) -> None:
        self.open("/me/")
        self.follow("Farmers to verify")
        self.follow(Exactly(household.name))
        self.sees(Exactly(household.village))
        self.write("Reason", reason)
        self.press("Verify")
        self.back_at("/moderation/farmers/")
        self.sees("Nobody is waiting")

    def approve(self, produce: str, *sees: str) -> None:
        """The oldest revision of this produce in the queue, once its photo can be seen."""
        self.open("/me/")
        self.follow("Listings to look at")
        self.follow(Exactly(produce))
        for words in sees:
            self.sees(Exactly(words))
        approve = self.page.get_by_role("button", name=self.words("Approve"), exact=True)
        self.sees_in_time(approve.and_(self.page.locator(":enabled")))
        self.press("Approve")
        self.sees("Nothing waits")

    def show_review(self, words: str) -> None:
        self.open("/me/")
        self.follow("Reviews to look at")
        self.sees(Exactly(words))
        self.press("Show it")
        self.sees("Nothing is waiting")


class Buyer(Person):
    def search(self, words: str) -> None:
        """From the box at the top of every page."""
        self.hands.write(self.page.get_by_role("combobox", name=self.words("Search")), words)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")
        self.look()

    def open_offer(self, farmer: str) -> None:
        """The card of this farmer among what was found."""
        card = self.page.get_by_role("article").filter(has_text=farmer)
        self.arrive_by(card.get_by_role("link"))

    def ask_for_postage(self, province: str) -> None:
        with self.page.expect_navigation():
            self.choose("Sent to", province)
            if self.hands.passes_by:
                self.hands.press(self.page.get_by_role("button", name=self.words("Show postage")))
        self.look()

    def put_in_cart(self, packs: int = 1) -> None:
        """With the button that stays on the page."""
        self.write("How many", str(packs))
        self.hands.press(self.page.get_by_role("button", name=self.words("Add to cart")))
        self.sees("It is in your cart.")
        self.look()

    def add_address(self, home: Home) -> None:
        self.follow("Add an address")
        self.write("Who receives it", home.recipient)
        self.write("Their phone", home.phone)
        self.choose("Province", home.province)
        self.choose("City", home.city)
        self.choose("District or county", home.district)
        self.write("Street, building, door", home.detail)
        self.press("Save the address")
        self.back_at("/checkout/")
        self.sees(Exactly(home.detail))

    def pay(self) -> str:
        """Place the order and pay at the provider's own page; gives the order's number."""
        self.press("Place the order and pay")
        number = self.page.url.split("/orders/")[1].split("/")[0]
        total = self.page.get_by_role("main").locator(".total .price").inner_text()
        self.press(self.words("Pay %(amount)s", amount=total))
        assert "/sandbox-provider/" in self.page.url
        self.press(self.words("Pay %(amount)s", amount=total))
        self.sees_in_time("Paid. Thank you!")
        self.follow("See the order")
        return number

    def parcel_of(self, farmer: str) -> Any:
        """The part of the order's page about this farmer's parcel."""
        return self.page.get_by_role("region", name=farmer)

    def review(self, produce: str, stars: str, words: str) -> None:
        self.follow(self.words("How was it? Rate the %(produce)s", produce=produce))
        self.pick(stars)
        self.write("In your words", words)
        photo: FilePayload = {"name": "IMG_0002.jpg", "mimeType": "image/jpeg", "buffer": telling_jpeg()}
        self.field("Photos of what arrived").set_input_files(photo)
        self.press("Send")
        self.sees("a moderator looks at your words")

    def finds_nothing_private_in_photos(self) -> None:
        """Each copy of each photo shown here is a WebP picture of nothing but pixels."""
        shown = self.page.get_by_role("main").locator("img[srcset]")
        copies = {part.split()[0] for image in shown.all() for part in image.get_attribute("srcset").split(",")}
        assert copies
        for copy in copies:
            data = self.context.request.get(copy).body()
            with Image.open(BytesIO(data)) as picture:
                assert picture.format == "WEBP"
                assert not {"exif", "xmp", "comment"} & picture.info.keys()
                assert len(picture.getexif()) == 0
            assert SECRET not in data
