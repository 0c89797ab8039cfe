"""The produce taxonomy: loaded from marketplace/data, as often as one likes."""

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path

from common.transactions import use_case
from marketplace.models import Produce

DATA = Path(__file__).resolve().parent.parent / "data"


def _rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _produce(row: Mapping[str, str], position: int, picture: str, parent: Produce | None) -> Produce:
    return Produce(
        slug=row["slug"],
        parent=parent,
        name_zh=row["name_zh"],
        name_en=row["name_en"],
        unit=Produce.Unit.LITRE if row["unit"] == "L" else Produce.Unit.KG,
        shelf_life_days=int(row["shelf_life_days"]) if row["shelf_life_days"] else None,
        cold=Produce.Cold((row["needs_cold_chain"] or "no").upper()),
        harvest_months=[int(month) for month in (row["harvest_months"] or "").split()],
        picture=picture,
        position=position,
    )


def _save(produce: Iterable[Produce]) -> dict[str, Produce]:
    saved = Produce.objects.bulk_create(
        produce,
        update_conflicts=True,
        unique_fields=["slug"],
        update_fields=[
            field.name for field in Produce._meta.concrete_fields if not field.primary_key and field.name != "slug"
        ],
    )
    return {each.slug: each for each in saved}


@use_case
def load_produce() -> int:
    """Bring every group and kind up to what the files say, and return how many there are.

    Kinds that are not in the files stay: listings may stand on them.
    """
    pictures = {row["category_slug"]: row["picture"] for row in _rows("category_images.csv")}
    rows = list(enumerate(_rows("produce_taxonomy.csv")))
    groups = _save(
        _produce(row, position, pictures.get(row["slug"], ""), None) for position, row in rows if not row["parent_slug"]
    )
    kinds = _save(
        _produce(row, position, pictures.get(row["slug"], ""), groups[row["parent_slug"]])
        for position, row in rows
        if row["parent_slug"]
    )
    return len(groups) + len(kinds)
