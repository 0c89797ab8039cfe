"""The map of provinces as SVG paths, and where on it a county stands. Read and projected once in each process."""

import json
from dataclasses import dataclass
from functools import cache
from math import cos, radians
from pathlib import Path
from typing import Any

from accounts.models import County
from insights.figures import Added

FILE = Path(__file__).resolve().parent / "data" / "china_provinces_light.geojson"
WEST, NORTH = 73.4, 53.7
SCALE = 16.0  # of a degree of latitude
SQUEEZE = cos(radians(36))  # of a degree of longitude in the middle of the country
WIDTH, HEIGHT = 800, 580
STEPS = ((1_000_000, 3), (10_000_000, 5), (100_000_000, 8))  # fen, and the radius of dots below that
LARGEST = 11


@dataclass(frozen=True)
class Outline:
    """A province, or the inset of the islands in the South China Sea, which is drawn beside where it lies."""

    path: str
    name_zh: str
    name_en: str
    is_inset: bool


@dataclass(frozen=True)
class Dot:
    """A county on the map: the larger, the more was sold."""

    county: County
    added: Added
    x: str
    y: str
    r: int


def _point(longitude: float, latitude: float) -> tuple[float, float]:
    return (longitude - WEST) * SCALE * SQUEEZE, (NORTH - latitude) * SCALE


@cache
def outlines() -> tuple[Outline, ...]:
    """All provinces and the inset."""
    features = json.loads(FILE.read_text(encoding="utf-8"))["features"]
    return tuple(
        Outline(
            _path(each["geometry"]),
            each["properties"]["name_zh"],
            each["properties"]["name_en"],
            bool(each["properties"].get("inset")),
        )
        for each in features
    )


def _path(geometry: dict[str, Any]) -> str:
    polygons = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
    parts = []
    for ring in (ring for polygon in polygons for ring in polygon):
        points = [f"{x:.1f} {y:.1f}" for x, y in (_point(*at) for at in ring)]
        parts.append("M" + "L".join(points) + "Z")
    return "".join(parts)


def dots(counties: list[tuple[County, Added]]) -> list[Dot]:
    """One for each county, the largest first, so that small ones lie on top."""
    found = []
    for county, added in sorted(counties, key=lambda each: -each[1].sold_fen):
        x, y = _point(county.longitude, county.latitude)
        radius = next((radius for fen, radius in STEPS if added.sold_fen < fen), LARGEST)
        found.append(Dot(county, added, f"{x:.1f}", f"{y:.1f}", radius))
    return found
