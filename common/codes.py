"""Codes that people read off paper and type in, and the same as a picture for a phone's camera."""

import io
import secrets

import segno

LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # nothing that looks like something else on a printed label


def new_code(length: int) -> str:
    """So many letters and digits drawn at random, 32 to choose from for each."""
    return "".join(secrets.choice(LETTERS) for _letter in range(length))


def qr_svg(address: str) -> bytes:
    """An address as a QR code on white, an SVG file that says it as its title."""
    svg = io.BytesIO()
    segno.make(address, error="m", micro=False).save(svg, kind="svg", scale=6, border=4, light="#fff", title=address)
    return svg.getvalue()
