"""The fund of the demonstration: programmes, gifts by demo buyers, what was granted of them. All made up, and marked so."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from accounts.models import Farmer, Posting, User
from config.demo.cast import Cast, make_steward
from config.demo.history import pay_at_sandbox
from config.demo.timeline import Timeline
from fund import queries
from fund.models import Grant, Payee, Programme
from fund.services import giving, grants, programmes
from payments.gateways.sandbox import NAME
from payments.services.giving import open_gift_payment

DAY = timedelta(days=1)
PAPER = b"%PDF-1.4\n% made up for the demonstration\n%%EOF\n"
PROGRAMMES = (
    ("school-meals", "EDUCATION", "山里孩子的午餐", "Meals at mountain schools",
     "给父母在外打工的孩子，在学校吃一顿热饭。", "A warm meal at school for children whose parents work away."),
    ("village-clinics", "HEALTH", "村卫生室", "Village clinics",
     "给村卫生室配常用药和血压计。", "Common medicines and blood pressure meters for village clinics."),
    ("women-start", "WOMEN", "她的第一箱", "Her first box",
     "给当家的妇女一笔起步金：包装、秤和第一批纸箱。", "A start for women who lead a farm: packing, a scale, the first boxes."),
    ("terraces", "ECOLOGY", "修梯田、种树", "Terraces and trees",
     "修水冲坏的梯田，在坡上种树。", "Mend terraces that the water took, and plant the slopes with trees."),
    ("cold-boxes", "ECOMMERCE", "合作社的冷藏箱", "Cold boxes for cooperatives",
     "给合作社添冷藏箱，让果子路上不坏。", "Cold boxes that cooperatives share, so that fruit survives the road."),
)  # fmt: skip
OF_ONE_COUNTY = "village-clinics"  # of the specialist's
GIFTS = (2000, 5000, 8800, 10000, 20000)
#: (programme, days ago, fen, kind of payee, its name, what for, report, people)
GRANTS = (
    ("school-meals", 21, 12000, "SCHOOL", "演示小学", "二年级一个月的热饭", "三十二个孩子每天中午吃上了热饭。", 32),
    ("village-clinics", 17, 8000, "CLINIC", "演示村卫生室", "血压计两台", "给老人量血压不用再去镇上了。", 120),
    ("terraces", 12, 6000, "COOPERATIVE", "演示合作社", "杉树苗三百棵", "", 0),
)


@dataclass
class Giving:
    """Puts what the fund does on the timeline."""

    timeline: Timeline
    cast: Cast
    dice: random.Random

    def begin(self) -> None:
        """Programmes eight weeks ago, gifts since, grants in the last three weeks, two that still wait."""
        now = self.timeline.now
        self.posted_to = Posting.objects.get(specialist=self.cast.specialist).county_id
        self.one, self.two = (make_steward(number, now) for number in (1, 2))
        self.timeline.at(now - 56 * DAY, self._open)
        for number in range(24):
            when = now - timedelta(days=50 * self.dice.random() + 1)
            self.timeline.at(when, partial(self._give, number))
        self.timeline.at(now - 30 * DAY, self._give_each)
        for wanted in GRANTS:
            self.timeline.at(now - wanted[1] * DAY, partial(self._grant, wanted))
        self.timeline.at(now - 9 * DAY, self._start_a_farm)
        self.timeline.at(now - 4 * DAY, self._allot)
        self.timeline.at(now - DAY, self._prepare_one)

    def _open(self, when: datetime) -> None:
        for slug, area, name_zh, name_en, purpose_zh, purpose_en in PROGRAMMES:
            programmes.open_programme(
                actor=self.one,
                slug=slug,
                area=area,
                name_zh=name_zh,
                name_en=name_en,
                purpose_zh=purpose_zh,
                purpose_en=purpose_en,
                starts_on=timezone.localdate(when),
                county_id=self.posted_to if slug == OF_ONE_COUNTY else None,
                target_fen=5_000_00,
                for_women_led=area == "WOMEN",
                is_demo=True,
                now=when,
            )

    def _give(self, number: int, when: datetime) -> None:
        slug = self.dice.choice(PROGRAMMES)[0] if number % 6 else "education"
        person = self.cast.buyer if number % 8 == 0 else self.dice.choice(self.cast.buyers)
        self._gift(person, slug, self.dice.choice(GIFTS), when, person.name if number % 3 == 0 else "")

    def _give_each(self, when: datetime) -> None:
        """So that there is something for each grant, whatever the dice say."""
        for slug, *_rest in PROGRAMMES:
            self._gift(self.cast.buyer, slug, 20000, when, "")

    def _gift(self, person: User, purpose: str, fen: int, when: datetime, shown_name: str) -> None:
        key = UUID(int=self.dice.getrandbits(128), version=4)
        gift = giving.give(giver=person, purpose=purpose, amount_fen=fen, key=key, now=when, shown_name=shown_name[:30])
        pay_by = when + giving.TIME_TO_PAY
        pay_at_sandbox(open_gift_payment(gift_id=gift.pk, gateway=NAME, now=when, pay_by=pay_by), when)

    def _grant(self, wanted: tuple[str, int, int, str, str, str, str, int], when: datetime) -> None:
        slug, _ago, fen, kind, name, purpose, report, people = wanted
        payee = self._payee(kind, name, when)
        grant = grants.prepare_grant(
            actor=self.one,
            programme_id=Programme.objects.get(slug=slug).pk,
            payee_id=payee.pk,
            amount_fen=fen,
            purpose=purpose,
            now=when,
        )
        self._pay(grant, when + DAY)
        if report:
            grants.report_grant(
                grant_id=grant.pk, actor=self.one, report=report, beneficiaries=people, now=when + 6 * DAY
            )

    def _payee(self, kind: str, name: str, when: datetime) -> Payee:
        account = {"account_kind": "BANK", "account_name": name, "account": "6222000000000000000"}
        return grants.add_payee(actor=self.one, kind=kind, name=name, now=when, **account)

    def _pay(self, grant: Grant, when: datetime) -> None:
        grants.approve_grant(grant_id=grant.pk, actor=self.two, now=when)
        paper = SimpleUploadedFile("receipt.pdf", PAPER, "application/pdf")
        today = timezone.localdate(when)
        grants.add_evidence(
            grant_id=grant.pk, actor=self.one, words="演示用的回单", dated_on=today, paper=paper, now=when
        )
        grants.pay_grant(grant_id=grant.pk, actor=self.two, gateway=NAME, paid_on=today, now=when)

    def _start_a_farm(self, when: datetime) -> None:
        """A starter grant to a woman who leads a farm, if there is one by then."""
        hers = Farmer.objects.verified().filter(women_led=True).order_by("pk").first()
        if hers:
            grant = grants.prepare_grant(
                actor=self.one,
                programme_id=Programme.objects.get(slug="women-start").pk,
                farmer_id=hers.pk,
                is_starter=True,
                amount_fen=5000,
                purpose="秤和第一批纸箱",
                now=when,
            )
            self._pay(grant, when + DAY)

    def _allot(self, when: datetime) -> None:
        """Half of the sales' share that is there gets a purpose; the same of the education area's own money."""
        half = queries.pool_fen() // 2
        meals = Programme.objects.get(slug="school-meals")
        if half > 0:
            made = programmes.prepare_allotment(
                actor=self.one,
                from_area=False,
                area="EDUCATION",
                amount_fen=half,
                reason="开学了，午餐先保证。",
                programme_id=meals.pk,
                now=when,
            )
            programmes.approve_allotment(allotment_id=made.pk, actor=self.two, now=when)

    def _prepare_one(self, when: datetime) -> None:
        """One that waits for whoever is signed in as the admin."""
        grants.prepare_grant(
            actor=self.one,
            programme_id=Programme.objects.get(slug="cold-boxes").pk,
            payee_id=self._payee("COOPERATIVE", "演示果业合作社", when).pk,
            amount_fen=3000,
            purpose="共用冷藏箱一个",
            now=when,
        )
