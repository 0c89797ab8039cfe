"""A bounded load of checkouts over HTTP. A client that gets no answer, or an error, asks again with the same key."""

import random
import threading
import time
import uuid
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from urllib.parse import urljoin

import requests

from accounts.models import User
from tests.acceptance.browsing import Browser, Forms

PATIENCE = 90.0  # seconds that a client goes on asking
THINKING = (0.05, 0.25)  # seconds between two orders of one client


@dataclass
class Record:
    """What the clients were told, under a lock."""

    answered: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))  # key: order numbers
    asked: set[str] = field(default_factory=set)
    seconds: list[float] = field(default_factory=list)  # of the requests that were answered with an order
    waits: list[float] = field(default_factory=list)  # from the first request with a key to its answer
    troubles: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def percentile(self, share: float) -> float:
        """In seconds; 0 when nobody was answered."""
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0


class Load:
    """So many clients buying one box after another while the block runs."""

    def __init__(self, address: str, buyers: list[User], listing_id: int, seed: int) -> None:
        self.record = Record()
        self._over = threading.Event()
        self._clients = [
            threading.Thread(
                target=self._buy, args=(Browser(address, buyer), listing_id, random.Random(seed + buyer.pk))
            )
            for buyer in buyers
        ]

    def __enter__(self) -> Record:
        for client in self._clients:
            client.start()
        return self.record

    def __exit__(self, *exception: object) -> None:
        self._over.set()
        for client in self._clients:
            client.join()

    def _buy(self, browser: Browser, listing_id: int, dice: random.Random) -> None:
        while not self._over.wait(dice.uniform(*THINKING)):
            try:
                page = browser.get(f"/listings/{listing_id}/")
                if page.status_code != 200 or browser.send_form(page, "/cart/add/").status_code != 302:
                    self._trouble("page", 0.2)
                    continue
                page = browser.get("/checkout/")
                if page.status_code != 200:
                    self._trouble("page", 0.2)
                    continue
            except (requests.RequestException, AssertionError):
                self._trouble("page", 0.2)
                continue
            self._check_out(browser, page)

    def _check_out(self, browser: Browser, page: requests.Response) -> None:
        forms = [fields for _action, fields in Forms(page.text).forms if "checkout_key" in fields]
        if not forms:
            self._trouble("page", 0.2)
            return
        key = str(uuid.UUID(forms[0]["checkout_key"]))
        with self.record.lock:
            self.record.asked.add(key)
        first = time.monotonic()
        while time.monotonic() - first < PATIENCE:
            started = time.monotonic()
            try:
                answer = browser.http.post(
                    urljoin(browser.address, "/checkout/"),
                    data=forms[0],
                    headers={"Referer": page.url},
                    allow_redirects=False,
                    timeout=30,
                )
            except requests.RequestException as error:
                self._trouble(type(error).__name__, 0.2)
                continue
            where = answer.headers.get("Location", "")
            if answer.status_code == 302 and where.endswith("/pay/"):
                now = time.monotonic()
                with self.record.lock:
                    self.record.answered[key].add(where.split("/")[-3])
                    self.record.seconds.append(now - started)
                    self.record.waits.append(now - first)
                return
            self._trouble(str(answer.status_code), 0.2)
            if answer.status_code < 500:
                return  # refused for a reason that asking again does not change
        self._trouble("gave up", 0)

    def _trouble(self, name: str, wait: float) -> None:
        with self.record.lock:
            self.record.troubles[name] += 1
        time.sleep(wait)
