"""Broadcasts of the demo: one that can be watched again, made of drawings by the real engine, and two that are announced.

Whoever watches it sees that nobody filmed this: it is the shop's own drawings.
"""

import subprocess
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import imageio_ffmpeg
from django.utils import timezone

from accounts.models import Farmer, User
from config.demo import pictures, words
from config.demo.farms import Farm, Farms
from live import queries, spool
from live.engines.supervisor import Supervisor
from live.models import Broadcast, IngestSession
from live.services import airing, commenting, planning, recorders
from live.services.planning import Laid
from marketplace.models import Listing
from training.models import Course
from training.services import learning

SECONDS_EACH = 6  # for each thing on the table
PATIENCE = 60.0  # seconds for the engine
BOXES = 6


def announce_and_show(farms: Farms, demo_farm: Farm) -> None:
    """The demo farmer was on air just now, and will be again; another farmer's first broadcast is announced."""
    farmer, now = demo_farm.seller, farms.now
    if table := queries.could_lie_on_table(farmer):
        _take_the_course(farmer.user, now)
        _show(farms, farmer, table[:3])
        _announce(farmer, table[:1], words.SHOWS[1], _evening(now, days=2), now)
    for listing in farms.on_sale:
        if listing.farmer_id != farmer.pk and (table := queries.could_lie_on_table(listing.farmer)):
            _take_the_course(listing.farmer.user, now)
            _announce(listing.farmer, table[:2], words.SHOWS[2], _evening(now, days=1), now)
            break


def _announce(farmer: Farmer, table: Sequence[Listing], title: str, planned_for: datetime, now: datetime) -> Broadcast:
    laid = [_laid(listing) for listing in table]
    return planning.plan_broadcast(farmer=farmer, title=title, planned_for=planned_for, minutes=60, table=laid, now=now)


def _laid(listing: Listing) -> Laid:
    """A few boxes, for a tenth less."""
    price = listing.price_fen or 0
    left = sum(lot.left for lot in listing.lots.open())
    return Laid(listing.pk, price - price // 100 * 10, max(1, min(BOXES, left // 3)))


def _evening(now: datetime, *, days: int) -> datetime:
    """Eight in the evening, when people watch."""
    return timezone.localtime(now).replace(hour=20, minute=0, second=0, microsecond=0) + timedelta(days=days)


def _take_the_course(user: User, now: datetime) -> None:
    for course in Course.objects.published().filter(needed_for_broadcasts=True):
        for lesson in course.lessons.all():
            right = dict(lesson.questions.filter(answers__is_right=True).values_list("pk", "answers__pk"))
            learning.finish_lesson(user=user, lesson_id=lesson.pk, answers=right, done_at=now, now=now)


def _show(farms: Farms, farmer: Farmer, table: Sequence[Listing]) -> None:
    """From going live to the replay, with something said in between."""
    now = timezone.now()  # ffmpeg's clock is today's, and chapters are found by it
    show = _announce(farmer, table, words.SHOWS[0], now, now)
    airing.go_live(broadcast_id=show.pk, farmer=farmer, now=now)
    session = recorders.open_session(
        broadcast_id=show.pk, farmer=farmer, format=IngestSession.Format.WEBM_H264, now=now
    )
    video = _slides(table)
    spool.append(session.key, 0, video, most=len(video))
    for place, item in enumerate(show.items.all()):
        then = now + timedelta(seconds=SECONDS_EACH * place)
        airing.pin_item(broadcast_id=show.pk, farmer=farmer, item_id=item.pk, now=then)
    _talk(show, farmer, farms.cast.buyers, now)
    over = now + timedelta(seconds=SECONDS_EACH * len(table))
    airing.end_broadcast(broadcast_id=show.pk, farmer=farmer, now=over)
    engine, end = Supervisor(), time.monotonic() + PATIENCE
    while Broadcast.objects.filter(pk=show.pk, recorded_ms=None).exists() and time.monotonic() < end:
        engine.step()
        time.sleep(0.1)


def _talk(show: Broadcast, farmer: Farmer, buyers: Sequence[User], now: datetime) -> None:
    for number, (asked, answer) in enumerate(words.TALK):
        then = now + timedelta(seconds=3 + 4 * number)
        question = commenting.say(broadcast_id=show.pk, author=buyers[number], text=asked, now=then)
        then += timedelta(seconds=2)
        commenting.say(broadcast_id=show.pk, author=farmer.user, text=answer, now=then, answers_id=question.pk)


def _slides(table: Sequence[Listing]) -> bytes:
    """A drawing of each thing for some seconds, without sound, as a phone would have sent it."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        for place, listing in enumerate(table):
            if listing.produce is None:
                raise ValueError("what is on sale has its produce")
            copies = pictures.clean_copies(listing.produce, place).copies
            Path(folder, f"{place}.webp").write_bytes(copies[max(copies)])
        command = [
            imageio_ffmpeg.get_ffmpeg_exe(),
            *("-loglevel", "error", "-framerate", f"1/{SECONDS_EACH}", "-i", str(folder / "%d.webp")),
            *("-f", "lavfi", "-i", "anullsrc=r=48000:cl=mono", "-shortest", "-r", "10"),
            *("-vf", "scale=640:480:force_original_aspect_ratio=increase,crop=640:480"),
            *("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "10"),
            *("-c:a", "libopus", "-b:a", "16k", "-f", "matroska", str(folder / "show.mkv")),
        ]
        subprocess.run(command, check=True)
        return (folder / "show.mkv").read_bytes()
