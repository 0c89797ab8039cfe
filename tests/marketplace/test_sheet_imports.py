"""What a sheet does to a farmer's shop: new things, changes, nothing; what it may not do, at which cell."""

from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from common.errors import InvalidInput, NotAllowed, WrongState
from marketplace.models import ImportedRow, Listing, ListingRevision, Lot, SheetImport
from marketplace.queries.sheets import export_rows
from marketplace.services import drafts, imports
from marketplace.services.imports import running, taking
from marketplace.services.imports.knowing import ProduceByName, photo_code
from marketplace.sheets import reading
from marketplace.sheets.writing import as_csv as write_csv
from marketplace.sheets.writing import as_xlsx as write_xlsx
from tests.make import NOON, make_farmer, make_listing, make_lot, make_photo, make_produce, make_user
from tests.marketplace.selling import PRESALE, edit, make_draft, submit
from tests.marketplace.sheeting import A_ROW, agree, as_csv, exported, rows_of, said, saved, send

pytestmark = pytest.mark.django_db


@pytest.fixture
def farmer() -> Any:
    make_produce()
    return make_farmer()


# --- New --------------------------------------------------------------------------------------------------------------


def test_a_row_without_photo_becomes_a_draft_like_one_from_the_page(farmer):
    saved(farmer, A_ROW)

    listing = Listing.objects.get(farmer=farmer)
    draft = listing.revisions.get()
    lot = listing.lots.get()
    assert (listing.status, draft.status) == ("DRAFT", "DRAFT")
    assert (draft.pack_grams, draft.price_fen, draft.packs, draft.keeps_days) == (5000, 4980, 20, 45)
    assert (draft.origin, lot.harvested, lot.picked_on) == (farmer.town, 20, date(2026, 11, 22))
    assert not Listing.objects.shown().exists()


def test_a_row_with_photos_waits_for_a_moderator(farmer):
    photos = [make_photo(farmer.user), make_photo(farmer.user)]
    saved(farmer, A_ROW | {"photos": " ".join(photo_code(photo.key) for photo in photos)})

    revision = ListingRevision.objects.get()
    assert revision.status == "WAITING"
    assert drafts.photo_ids(revision) == [photo.pk for photo in photos]


def test_a_presale_is_taken(farmer):
    row = {key: value for key, value in A_ROW.items() if key != "picked_on"}
    saved(farmer, row | {"expected_from": "2026-12-01", "expected_until": "2026-12-20", "grade": "统货"})

    lot = Lot.objects.get()
    assert (lot.is_presale, lot.grade, lot.expected_until) == (True, "MIXED", date(2026, 12, 20))


@pytest.mark.parametrize("name", ["脐橙", "qicheng", "Qí Chéng", "Navel Orange", "navel oranges", "脐橙 Navel orange"])
def test_produce_goes_by_all_its_names(farmer, name):
    assert ProduceByName().called(name).slug == "navel-orange"


@pytest.mark.parametrize("name", ["脐橙子", "navel orang", "qichen"])
def test_a_name_that_is_nearly_right_is_answered_with_the_right_one(farmer, name):
    with pytest.raises(InvalidInput) as caught:
        ProduceByName().called(name)

    assert "脐橙 Navel orange" in caught.value.message


@pytest.mark.parametrize(
    ("changes", "cell"),
    [
        ({"produce": "榴莲"}, "A2"),
        ({"produce": ""}, "A2"),
        ({"weight": "5"}, "B2"),
        ({"weight": "60kg"}, "B2"),
        ({"price": "0.5"}, "C2"),
        ({"price": "99999"}, "C2"),
        ({"left": "0"}, "D2"),
        ({"left": "-3"}, "D2"),
        ({"left": "200000"}, "D2"),
        ({"picked_on": "2026-11-25"}, "E2"),
        ({"picked_on": "2026-01-01"}, "E2"),
        ({"picked_on": ""}, "E2"),
        ({"grade": "特好"}, "F2"),
        ({"keeps_days": "0"}, "F2"),
        ({"words": "好" * 301}, "F2"),
        ({"origin": "镇" * 61}, "F2"),
        ({"photos": "p000000000000"}, "F2"),
        ({"photos": " ".join(f"p{n:012x}" for n in range(10))}, "F2"),
        ({"listing": "12x"}, "F2"),
        ({"listing": "99999999"}, "F2"),
        ({"price": "#VALUE!"}, "C2"),
    ],
)
def test_each_mistake_is_named_at_its_cell_and_nothing_is_saved(farmer, changes, cell):
    sheet = send(farmer, as_csv(rows_of(A_ROW | changes)))

    assert sheet.status == "REFUSED"
    assert [where for where, _words in said(sheet)] == [cell]
    assert not Listing.objects.exists()
    with pytest.raises(WrongState):
        imports.confirm_sheet(sheet_id=sheet.pk, farmer=farmer, now=NOON)


def test_all_mistakes_are_named_at_once(farmer):
    bad = A_ROW | {"weight": "5", "price": "x", "produce": "榴莲"}

    sheet = send(farmer, as_csv(rows_of(A_ROW, bad, bad | {"left": "many"})))

    assert [where for where, _words in said(sheet)] == ["A3", "B3", "C3", "A4", "B4", "C4", "D4"]


def test_anothers_photo_and_anothers_listing_are_not_there(farmer):
    other = make_farmer("Another", user=make_user("other"))
    theirs, photo = make_listing(other), make_photo(other.user)

    sheet = send(
        farmer, as_csv(rows_of(A_ROW | {"photos": photo_code(photo.key)}, {"listing": theirs.pk, "price": "9"}))
    )

    assert [words.partition(" with")[0] for _where, words in said(sheet)] == [
        "You have no photo",
        "You have no listing",
    ]
    theirs.refresh_from_db()
    assert theirs.price_fen == 4980


def test_the_same_row_twice_in_one_sheet_is_a_mistake(farmer):
    sheet = send(farmer, as_csv(rows_of(A_ROW, A_ROW)))

    assert sheet.problems[0]["params"] == {"first": 2}


def test_a_sheet_sent_again_makes_nothing_twice_but_may_bring_the_photos(farmer):
    saved(farmer, A_ROW)
    again = send(farmer, write_csv([A_ROW]))
    photo = make_photo(farmer.user)
    saved(farmer, A_ROW | {"photos": photo_code(photo.key)})

    assert (again.new_count, again.unchanged_count) == (0, 1)
    assert ListingRevision.objects.get().status == "WAITING"


def test_what_was_thrown_away_may_be_imported_anew(farmer):
    saved(farmer, A_ROW)
    drafts.discard_draft(listing_id=Listing.objects.get().pk, farmer=farmer, now=NOON)

    saved(farmer, A_ROW)

    assert Listing.objects.count() == 2
    assert ImportedRow.objects.get().listing == Listing.objects.latest("pk")


# --- There and back ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("write", [write_csv, write_xlsx])
def test_an_export_imports_again_unchanged(farmer, write):
    live = make_listing(farmer, words="=1+1")
    make_lot(live, 7, expected_from=date(2026, 12, 1), expected_until=date(2026, 12, 9), grade="SPECIAL")
    make_listing(farmer, packs=None, pack_grams=250, price_fen=1005)
    edit(make_listing(farmer), farmer)
    make_draft(farmer, harvest=PRESALE)
    submit(farmer)
    drafts.start_listing(farmer=farmer, produce=make_produce(), photos=[], now=NOON)
    picked = make_lot(live, 3, expected_from=date(2026, 11, 1), expected_until=date(2026, 12, 9))
    Lot.objects.filter(pk=picked.pk).update(picked_on=date(2026, 11, 20))
    before = [list(model.objects.order_by("pk").values()) for model in (Listing, ListingRevision, Lot)]

    sheet = send(farmer, write(export_rows(farmer)))

    assert (said(sheet), sheet.status) == ([], "READY")
    assert (sheet.new_count, sheet.changed_count, sheet.unchanged_count) == (0, 0, 8)
    agree(sheet)
    assert before == [list(model.objects.order_by("pk").values()) for model in (Listing, ListingRevision, Lot)]


def test_exports_ask_a_fixed_number_of_queries(farmer, django_assert_num_queries):
    for _number in range(3):
        make_listing(farmer)
        make_draft(farmer)

    with django_assert_num_queries(4):
        assert len(list(export_rows(farmer))) == 6


def test_looking_at_a_sheet_asks_a_fixed_number_of_queries(farmer, django_assert_max_num_queries):
    for _number in range(8):
        make_listing(farmer)
    table = reading.read(write_csv(export_rows(farmer)))

    with django_assert_max_num_queries(8):
        running.make_plan(farmer=farmer, table=table, now=NOON)


# --- Sending, agreeing, failing ---------------------------------------------------------------------------------------


def test_if_something_else_would_happen_now_the_farmer_looks_again(farmer):
    make_listing(farmer)
    sheet = send(farmer, write_csv([exported(farmer, price="50", words="甜。")]))
    Listing.objects.update(price_fen=5000)

    agree(sheet)

    assert (sheet.status, sheet.has_moved_on) == ("READY", True)
    assert ListingRevision.objects.count() == 1, "nothing was saved"
    assert agree(sheet).status == "DONE"


def test_if_it_cannot_be_done_any_more_nothing_of_it_is(farmer):
    lot = make_listing(farmer).lots.get()
    sheet = send(farmer, write_csv([exported(farmer, left=5), A_ROW]))
    Lot.objects.filter(pk=lot.pk).update(closed_at=NOON)

    agree(sheet)

    assert (sheet.status, Listing.objects.count()) == ("REFUSED", 1)


def test_a_sheet_that_kills_its_worker_ends(farmer):
    sheet = imports.take_sheet(farmer=farmer, upload=SimpleUploadedFile("x.csv", b"x"), now=NOON)
    for _attempt in range(running.MAX_ATTEMPTS):
        running._claim_next(now=timezone.now())
        SheetImport.objects.update(claimed_until=None)

    imports.run_next(now=timezone.now())

    sheet.refresh_from_db()
    assert (sheet.status, sheet.problem_count) == ("REFUSED", 1)


def test_a_claim_lapses_and_another_worker_takes_the_sheet_up(farmer):
    imports.take_sheet(farmer=farmer, upload=SimpleUploadedFile("x.csv", as_csv(rows_of(A_ROW))), now=NOON)
    running._claim_next(now=NOON)

    assert not imports.run_next(now=NOON)
    assert imports.run_next(now=NOON + running.CLAIM * 2)
    assert SheetImport.objects.get().status == "READY"


def test_a_failure_while_saving_saves_nothing_and_is_tried_again(farmer, monkeypatch):
    sheet = send(farmer, write_csv([A_ROW]))
    monkeypatch.setattr(running, "carry_out", lambda *_args, **_kwargs: 1 / 0)
    imports.confirm_sheet(sheet_id=sheet.pk, farmer=farmer, now=NOON)
    assert imports.run_next(now=timezone.now())
    monkeypatch.undo()

    sheet.refresh_from_db()
    assert (sheet.status, Listing.objects.count()) == ("SAVING", 0)
    assert agree(sheet).status == "DONE"


def test_files_are_forgotten_when_they_are_through(farmer):
    done, left = saved(farmer, A_ROW), send(farmer, write_csv([A_ROW]))
    dropped = imports.drop_sheet(sheet_id=send(farmer, b"x").pk, farmer=farmer, now=NOON)

    assert running.forget_files(now=timezone.now()) == 2
    assert running.forget_files(now=timezone.now() + running.FORGET_AFTER * 2) == 1
    for sheet in (done, left, dropped):
        sheet.refresh_from_db()
        assert not sheet.file
    assert left.status == "DROPPED"


def test_too_many_and_too_large_are_refused(farmer, monkeypatch):
    monkeypatch.setattr(taking, "SHEETS_PER_DAY", 1)
    monkeypatch.setattr(taking, "MAX_BYTES", 10)
    for data in (b"", b"x" * 11):
        with pytest.raises(InvalidInput):
            imports.take_sheet(farmer=farmer, upload=SimpleUploadedFile("x.csv", data), now=timezone.now())
    imports.take_sheet(farmer=farmer, upload=SimpleUploadedFile("x.csv", b"x"), now=timezone.now())
    with pytest.raises(taking.TooManySheets):
        imports.take_sheet(farmer=farmer, upload=SimpleUploadedFile("x.csv", b"x"), now=timezone.now())


def test_nobody_agrees_to_or_drops_anothers_sheet(farmer):
    sheet, other = send(farmer, write_csv([A_ROW])), make_farmer("Another", user=make_user("other"))

    for act in (imports.confirm_sheet, imports.drop_sheet):
        with pytest.raises(NotAllowed):
            act(sheet_id=sheet.pk, farmer=other, now=NOON)
    sheet.refresh_from_db()
    assert sheet.status == "READY"
