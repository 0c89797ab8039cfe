"""What a photo looks like, in 64 bits: nearly the same picture gives nearly the same bits, whatever its size or file.

A difference hash: the picture in 9 by 8 shades of grey, one bit for "darker than its right neighbour". Two photos are
near-duplicates when at most NEAR bits differ. To find them without comparing with every photo, the bits are cut into four
bands of 16: with at most 7 bits apart, one band differs in at most one bit, so looking for each band and its 16 neighbours
finds all of them.
"""

from PIL import Image

NEAR = 7
BANDS = 4
_BITS = 16
_MASK = (1 << _BITS) - 1
_TOO_PLAIN = 6  # fewer bits set, or clear, than that: a wall, a sky, a black picture; they all look the same


def fingerprint_of(picture: Image.Image) -> int | None:
    """The 64 bits as a signed integer, as PostgreSQL's bigint keeps them; None for a picture with nothing on it."""
    shades = picture.convert("L").resize((9, 8), Image.Resampling.BOX).tobytes()
    bits = 0
    for row in range(8):
        for column in range(8):
            at = row * 9 + column
            bits = bits << 1 | (shades[at] < shades[at + 1])
    if not _TOO_PLAIN <= bits.bit_count() <= 64 - _TOO_PLAIN:
        return None
    return bits - (1 << 64) if bits >> 63 else bits


def apart(one: int, other: int) -> int:
    """In how many of 64 bits two fingerprints differ."""
    return ((one ^ other) & ((1 << 64) - 1)).bit_count()


def bands_of(fingerprint: int | None) -> list[int]:
    """The four bands, each with its number in front, for the index; none of no fingerprint."""
    if fingerprint is None:
        return []
    bits = fingerprint & ((1 << 64) - 1)
    return [number << _BITS | (bits >> number * _BITS & _MASK) for number in range(BANDS)]


def probes_of(fingerprint: int) -> list[int]:
    """Every band that a near-duplicate may share with it: its own four, and those one bit away."""
    return [band ^ flip for band in bands_of(fingerprint) for flip in [0, *(1 << bit for bit in range(_BITS))]]
