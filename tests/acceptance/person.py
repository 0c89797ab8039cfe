"""Somebody at a screen: a browser of their own, one language, one pair of hands, and an inspector who looks along."""

import re
from datetime import timedelta
from typing import Any, Protocol

from django.utils.translation import gettext, ngettext, override
from playwright.sync_api import Browser, Locator, Page, expect

from tests.acceptance.looking import Inspector

PATIENCE = timedelta(seconds=30)  # for what the worker does
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True, "device_scale_factor": 2}
LAPTOP = {"viewport": {"width": 1280, "height": 800}, "color_scheme": "dark"}


class Exactly(str):
    """Words that stand on the page just so: a name, a number, or what was translated already."""


class Hands(Protocol):
    """The ways of using a page."""

    passes_by: bool  # whether they go over other options of a select on the way to the one that is wanted

    def press(self, target: Locator) -> None: ...
    def write(self, field: Locator, text: str) -> None: ...
    def pick(self, option: Locator) -> None: ...
    def choose(self, select: Locator, option: str) -> None: ...


class Thumb:
    """Taps."""

    passes_by = False

    def press(self, target: Locator) -> None:
        target.tap()

    def write(self, field: Locator, text: str) -> None:
        field.tap()
        field.fill(text)

    def pick(self, option: Locator) -> None:
        option.tap()
        expect(option).to_be_checked()

    def choose(self, select: Locator, option: str) -> None:
        """The list it opens belongs to the system, so no thumb is seen here."""
        select.focus()
        select.select_option(label=option)


class Keyboard:
    """Tabs to what it wants and sees where it is, types, and presses Enter: never touches a mouse."""

    passes_by = True
    TABS = 150
    TRIES = 3
    SHOWS_FOCUS = """element => [element, element.nextElementSibling, element.closest(".search, .card")].some(
        part => part && getComputedStyle(part).outlineStyle !== "none")"""

    def reach(self, target: Locator) -> None:
        """Tab until the target has the focus; fails when it cannot be reached, or when one cannot see that it was."""
        expect(target).to_be_visible()
        element, keyboard = target.element_handle(), target.page.keyboard
        for _ in range(self.TABS):
            if element.evaluate("element => element === document.activeElement"):
                break
            keyboard.press("Tab")
        expect(target).to_be_focused()
        assert target.evaluate(self.SHOWS_FOCUS), f"one cannot see that {target} has the focus"

    def press(self, target: Locator) -> None:
        self.reach(target)
        target.page.keyboard.press("Enter")

    def write(self, field: Locator, text: str) -> None:
        self.reach(field)
        field.page.keyboard.press("ControlOrMeta+a")
        field.page.keyboard.type(text)

    def pick(self, option: Locator) -> None:
        """A checkbox by Space. Of radio buttons, Tab reaches one, and the arrows the others."""
        keyboard = option.page.keyboard
        if option.get_attribute("type") == "radio" and not option.is_checked():
            name = option.get_attribute("name")
            group = option.page.locator(f'input[type=radio][name="{name}"]').filter(visible=True)
            chosen = group.and_(option.page.locator(":checked"))
            self.reach(chosen if chosen.count() else group.first)
            for _ in range(group.count()):
                if option.is_checked():
                    break
                keyboard.press("Space" if option.evaluate("e => e === document.activeElement") else "ArrowDown")
        elif not option.is_checked():
            self.reach(option)
            keyboard.press("Space")
        expect(option).to_be_checked()

    def choose(self, select: Locator, option: str) -> None:
        """Types what the option begins with; once more where the browser took the letters for two words."""
        self.reach(select)
        for _ in range(self.TRIES):
            select.page.keyboard.type(option)
            if select.locator("option:checked").inner_text() == option:
                break
            select.page.wait_for_timeout(1500)  # as long as a browser remembers what was typed
        expect(select.locator("option:checked")).to_have_text(option)


class Person:
    """What anybody can do. Words are given in English, as in the code, and read in the person's own language."""

    def __init__(self, browser: Browser, shop: str, *, language: str, screen: dict[str, Any], hands: Hands) -> None:
        self.language = language
        locale = {"en": "en-GB", "zh-hans": "zh-CN"}[language]
        self.context = browser.new_context(
            **screen, locale=locale, timezone_id="Asia/Shanghai", base_url=shop, reduced_motion="reduce"
        )
        self.inspector = Inspector(self.context, shop=shop, language={"en": "en", "zh-hans": "zh-Hans"}[language])
        self.page = self.context.new_page()
        self.hands = hands

    # --- Words ---

    def words(self, english: str, **values: Any) -> Exactly:
        """What the page says for these words of the code; fails when nobody translated them."""
        if isinstance(english, Exactly):
            return english
        with override(self.language):
            found = gettext(english)
        assert self.language == "en" or found != english, f"not translated: {english!r}"
        return Exactly(found % values if values else found)

    def counted(self, one: str, many: str, n: int, **values: Any) -> Exactly:
        """The same for words that depend on a number."""
        with override(self.language):
            return Exactly(ngettext(one, many, n) % ({"n": n} | values))

    # --- Pages ---

    def look(self) -> None:
        """Let the inspector see the page as it is now."""
        self.inspector.look(self.page)

    def open(self, path: str) -> None:
        self.page.goto(path)
        self.look()

    def arrive_by(self, target: Locator) -> None:
        """Press something that leads to another page."""
        with self.page.expect_navigation():
            self.hands.press(target)
        self.look()

    def follow(self, link: str, within: Locator | None = None) -> None:
        self.arrive_by((within or self.page).get_by_role("link", name=self.words(link)).first)

    def press(self, button: str, within: Locator | None = None) -> None:
        self.arrive_by((within or self.page).get_by_role("button", name=self.words(button), exact=True))

    def back_at(self, path: str) -> None:
        """The address one is at now, without its query."""
        expect(self.page).to_have_url(re.compile(rf"^https?://[^/]+{re.escape(path)}(\?.*)?$"))

    @property
    def tabs(self) -> Locator:
        """The bar at the foot of a phone's screen."""
        return self.page.get_by_role("navigation", name=self.words("Tabs"))

    # --- Forms ---

    def field(self, label: str, within: Locator | None = None) -> Locator:
        """The field whose label is this, or begins with it ("(optional)" may follow)."""
        name = re.compile(rf"^\s*{re.escape(self.words(label))}(\s|$)")
        return (within or self.page.get_by_role("main")).get_by_label(name)

    def write(self, label: str, text: str, within: Locator | None = None) -> None:
        self.hands.write(self.field(label, within), text)

    def pick(self, option: str, within: Locator | None = None) -> None:
        """A radio button or a checkbox, by its label."""
        main = within or self.page.get_by_role("main")
        name = self.words(option)
        radio, box = (main.get_by_role(role, name=name, exact=True) for role in ("radio", "checkbox"))
        self.hands.pick(radio.or_(box).first)

    def choose(self, label: str, option: str) -> None:
        """An option of a select, once it is there."""
        field = self.field(label)
        expect(field).to_be_enabled()
        expect(field.get_by_role("option", name=option)).to_be_attached()
        expect(self.page.locator(".htmx-added, .htmx-settling, .htmx-swapping, .htmx-request")).to_have_count(0)
        self.hands.choose(field, option)

    # --- What one sees ---

    def sees(self, text: str, within: Locator | None = None) -> None:
        expect((within or self.page.get_by_role("main")).get_by_text(self.words(text)).first).to_be_visible()

    def sees_in_time(self, text: str | Locator) -> None:
        """Something that the worker brings: look again until it is there."""
        wanted = text if isinstance(text, Locator) else self.page.get_by_role("main").get_by_text(self.words(text))
        wait_for(self.page, wanted)
        self.look()

    def skip_to_the_content(self) -> None:
        """The first thing that the keyboard reaches leads past the head of the page."""
        self.hands.press(self.page.get_by_role("link", name=self.words("Skip to the content")))
        expect(self.page.get_by_role("main")).to_be_focused()

    # --- Signing in ---

    def sign_in(self, contact: str) -> None:
        """From the sign-in page: ask for a code, find it among the messages sent, type it."""
        self.write("Phone number or e-mail", contact)
        self.press("Send me a code")
        self.write("The 6 digits we sent you", self.code_sent_to(contact))
        self.press("Sign in")

    def code_sent_to(self, contact: str) -> str:
        """The newest sign-in code on the page of messages, which the sign-in page links to and opens beside itself."""
        with self.context.expect_page() as opened:
            self.hands.press(self.page.get_by_role("main").locator('a[href="/outbox/"]'))
        code = self.newest_message(opened.value, contact, re.compile(r"\b\d{6}\b"))
        opened.value.close()
        found = re.search(r"\b\d{6}\b", code)
        assert found
        return found.group()

    def newest_message(self, outbox: Page, contact: str, words: str | re.Pattern[str]) -> str:
        """The newest message to this contact with these words, on the page of messages sent."""
        search = outbox.get_by_label(self.words("Phone number or e-mail"))
        search.fill(contact)
        with outbox.expect_navigation():
            search.press("Enter")
        letters = outbox.get_by_role("main").get_by_role("listitem").filter(has_text=words)
        wait_for(outbox, letters.first)
        self.inspector.look(outbox)
        return letters.first.inner_text()

    def was_sent(self, contact: str, words: str) -> None:
        """A text message or an e-mail really left the shop (here: for the page of messages)."""
        outbox = self.context.new_page()
        outbox.goto("/outbox/")
        self.newest_message(outbox, contact, self.words(words))
        outbox.close()

    # --- Notifications ---

    def has_news(self, *titles: str) -> None:
        """The bell counts what is new, the list says what it is, and the bell is still once all is read."""
        self.open("/me/")
        name = self.words("Notifications")
        bell = self.page.get_by_role("navigation", name=self.words("Main")).get_by_role("link", name=name)
        expect(bell).to_have_accessible_name(f"{name} {len(titles)}")
        self.arrive_by(bell)
        mark = self.words("New:")
        new = self.page.get_by_role("main").get_by_role("heading", level=2).filter(has_text=mark)
        told = sorted(heading.removeprefix(mark).strip() for heading in new.all_inner_texts())
        assert told == sorted(self.words(title) for title in titles), told
        self.press("Mark all as read")
        expect(bell).to_have_accessible_name(name)


def wait_for(page: Page, wanted: Locator) -> None:
    """Load the page again and again until it shows `wanted`."""
    turns = int(PATIENCE.total_seconds())
    for turn in range(turns):
        try:
            expect(wanted.first).to_be_visible(timeout=1000)
        except AssertionError:
            if turn == turns - 1:
                raise
            page.reload()
        else:
            return
