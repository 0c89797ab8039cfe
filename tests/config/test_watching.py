"""Request ids, the line about each request, and the figures: what they tell, and what they never do."""

import json
import logging
import re
import time
from io import StringIO

import pytest
import yaml
from django.conf import settings
from django.test import Client
from django.urls import reverse

from common import wake as waking
from common.tracing import follow, request_id
from config import gauges
from config.celery import begin, end
from config.logs import JsonFormatter, RequestIdFilter
from config.metrics import BUCKETS, exposition
from orders.tasks import release_unpaid_orders
from tests.make import make_listing, make_user
from tests.orders.making import make_order

TOKEN = "figures-for-prometheus"
CANARIES = [
    "13912345678",
    "canary@example.com",
    "6222020000001234567",
    "360734199001011234",
    "482913",
    "金丝雀路 77 号",
]


@pytest.fixture
def lines():
    """Everything that is logged, as a production shop writes it."""
    out = StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(JsonFormatter("%(name)s %(request_id)s %(message)s"))
    handler.addFilter(RequestIdFilter())
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield lambda: [json.loads(line) for line in out.getvalue().splitlines()]
    root.removeHandler(handler)
    root.setLevel(level)


def figure(text: str, name: str) -> float:
    found = re.search(rf"^{re.escape(name)} (\S+)$", text, re.MULTILINE)
    return float(found.group(1)) if found else 0.0


@pytest.mark.django_db
class TestRequestIds:
    def test_each_answer_has_its_own(self, client):
        first, second = client.get("/")["X-Request-ID"], client.get("/")["X-Request-ID"]

        assert first != second
        assert request_id() == ""

    @pytest.mark.parametrize(
        ("proxies", "given", "kept"), [(1, "abcdef0123456789", True), (0, "abcdef0123456789", False)]
    )
    def test_only_a_proxy_that_we_trust_chooses_it(self, client, settings, proxies, given, kept):
        settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies

        assert (client.get("/", headers={"X-Request-ID": given})["X-Request-ID"] == given) is kept

    @pytest.mark.parametrize(
        "given", ["short", "x" * 65, "two words here", "line\nbreak000", "13912345678", "<script>00"]
    )
    def test_an_insane_one_is_not_taken(self, client, settings, given):
        settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1

        assert client.get("/", headers={"X-Request-ID": given})["X-Request-ID"] != given

    def test_every_line_of_the_request_carries_it(self, client, lines):
        id_ = client.get("/no-such-page/")["X-Request-ID"]

        assert {line["request_id"] for line in lines()} == {id_}
        assert {line["name"] for line in lines()} == {"chushan.access", "django.request"}


def test_a_task_works_for_the_request_that_woke_it(monkeypatch):
    """From the wake-up's header to the worker's own lines."""
    sent = []
    monkeypatch.setattr(waking.current_app, "send_task", lambda name, **options: sent.append((name, options)))
    publisher = waking._Publisher()
    follow("r0123456789abcdef")
    publisher.ask("orders.tasks.release_unpaid_orders")
    follow("")
    for _ in range(200):
        if sent:
            break
        time.sleep(0.01)
    ((_, options),) = sent
    assert options["headers"] == {"request_id": "r0123456789abcdef"}

    release_unpaid_orders.push_request(headers=options["headers"])
    try:
        begin(task_id="1", task=release_unpaid_orders)
        assert request_id() == "r0123456789abcdef"
        end(task=release_unpaid_orders, state="SUCCESS")
        assert request_id() == ""
    finally:
        release_unpaid_orders.pop_request()


@pytest.mark.django_db
class TestTheLine:
    def test_says_what_was_asked_for_and_by_what_kind_of_person(self, client, lines):
        buyer = make_user("Buyer")
        order = make_order(buyer)
        client.force_login(buyer)

        client.get(reverse("orders:order_detail", args=[order.number]))

        (line,) = [one for one in lines() if one["name"] == "chushan.access"]
        assert (line["method"], line["route"]) == ("GET", "orders:order_detail")
        assert (line["status"], line["who"]) == (200, "person")
        assert line["queries"] > 0
        assert order.number not in json.dumps(line)

    def test_nothing_private_from_any_way_in(self, lines, settings):
        """Typed into addresses, forms, headers, a page that breaks, the administration, a task's arguments."""
        settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
        settings.DEBUG_PROPAGATE_EXCEPTIONS = False
        client = Client(raise_request_exception=False)
        make_listing()
        staff = make_user("Staff", is_staff=True, is_superuser=True)
        for canary in CANARIES:
            client.get("/search/", {"q": canary}, headers={"X-Request-ID": canary, "User-Agent": canary})
            client.get(f"/{canary}/")
            client.post(reverse("account_request_login_code"), {"login": canary})
            client.post(reverse("account_confirm_login_code"), {"code": canary})
            client.post("/cart/add/", {"packs": canary})
        client.force_login(staff)
        for canary in CANARIES:
            client.get("/admin/accounts/user/", {"q": canary})
            client.post("/admin/accounts/user/add/", {"phone": canary, "email": canary})
            logging.getLogger("celery.worker").error("Task failed: args=%r", [canary])
        said = "\n".join(json.dumps(line, ensure_ascii=False) for line in lines())

        assert len(lines()) > 5 * len(CANARIES)
        assert [canary for canary in CANARIES[:4] if canary in said] == []
        access = "\n".join(json.dumps(line, ensure_ascii=False) for line in lines() if line["name"] == "chushan.access")
        assert [canary for canary in CANARIES if canary in access] == []


@pytest.mark.django_db
class TestFigures:
    def test_nobody_gets_them_without_the_token(self, client, settings):
        for token, header in [
            ("", ""),
            ("", "Bearer "),
            (TOKEN, ""),
            (TOKEN, "Bearer wrong"),
            (TOKEN, f"Basic {TOKEN}x"),
        ]:
            settings.METRICS_TOKEN = token
            assert client.get("/metrics", headers={"Authorization": header}).status_code == 404

    def test_prometheus_does(self, client, settings):
        settings.METRICS_TOKEN = TOKEN
        make_order()

        text = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).content.decode()

        assert figure(text, 'chushan_orders{status="UNPAID"}') == 1
        assert figure(text, "chushan_packs_held") == 1
        assert [figure(text, f'chushan_up{{part="{part}"}}') for part in ("database", "cache")] == [1, 1]
        assert {name for name in gauges.FIGURES if f"\n{name} " not in text} == set()

    def test_requests_are_counted_by_route_and_never_by_path(self, client):
        before = figure(exposition().decode(), 'chushan_requests_total{method="GET",route="none",status="404"}')
        for number in range(5):
            client.get(f"/nothing-{number}/")

        text = exposition().decode()
        assert figure(text, 'chushan_requests_total{method="GET",route="none",status="404"}') == before + 5
        assert "nothing-" not in text
        assert len(re.findall(r'chushan_request_seconds_bucket\{le="[^"]+",route="none"\}', text)) == len(BUCKETS) + 1

    def test_an_invented_method_makes_no_new_series(self, client):
        client.generic("INVENTED", "/")

        assert "INVENTED" not in exposition().decode()

    def test_reading_the_shop_costs_one_statement_for_all_ages(self, django_assert_num_queries):
        with django_assert_num_queries(1 + len(gauges.GROUPS)):
            gauges._read()

    def test_tasks_are_counted_by_outcome(self):
        release_unpaid_orders.push_request(headers=None)
        begin(task_id="7", task=release_unpaid_orders)
        end(task=release_unpaid_orders, state="FAILURE")
        release_unpaid_orders.pop_request()

        text = exposition().decode()
        assert figure(text, 'chushan_tasks_total{outcome="failure",task="orders.tasks.release_unpaid_orders"}') >= 1


def test_every_alert_reads_figures_that_there_are_and_is_explained():
    rules = yaml.safe_load((settings.BASE_DIR / "deploy" / "alerts.yml").read_text())["groups"][0]["rules"]
    runbook = (settings.BASE_DIR / "docs" / "runbook.md").read_text()
    there = {*gauges.FIGURES, *gauges.GROUPS, "chushan_up", "chushan_requests_total", "chushan_tasks_total"}
    there |= {"chushan_request_seconds_bucket"}

    for rule in rules:
        assert f"**{rule['alert']}**" in runbook
        assert set(re.findall(r"chushan_\w+", rule["expr"])) <= there
