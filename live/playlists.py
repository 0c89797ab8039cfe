"""Playlists: the segments of all recorders of a broadcast, as one for watching now and one for watching again.

ffmpeg writes a list of its own per recorder; these are made of them. Segment names never repeat, because each begins
with its session's key.
"""

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

NOW = "live.m3u8"
AGAIN = "replay.m3u8"
WINDOW = 12  # segments of about a second: what a watcher who comes late is told of
_LENGTH = re.compile(r"#EXTINF:([\d.]+)")
_MOMENT = re.compile(r"#EXT-X-PROGRAM-DATE-TIME:(\S+)")
_NAME = re.compile(r"[0-9a-f]{32}-\d{6}\.ts")


@dataclass(frozen=True)
class Segment:
    """One piece of video: its file, its length in seconds, when it was taken; `after_gap` when a new recorder begins."""

    name: str
    seconds: float
    taken_at: datetime
    after_gap: bool = False


def read(file: Path) -> list[Segment]:
    """What ffmpeg's list of one session holds; nothing for one that is not there yet. The first is `after_gap`."""
    try:
        lines = file.read_text().splitlines()
    except FileNotFoundError:
        return []
    found: list[Segment] = []
    seconds, moment = 0.0, None
    for line in lines:
        if match := _LENGTH.match(line):
            seconds = float(match[1])
        elif match := _MOMENT.match(line):
            moment = datetime.fromisoformat(match[1])
        elif _NAME.fullmatch(line) and moment is not None:
            found.append(Segment(line, seconds, moment, after_gap=not found))
            moment += timedelta(seconds=seconds)
    return found


def now(segments: Sequence[Segment], *, is_over: bool) -> str:
    """The playlist for watching along: the newest segments, with the numbers that players count on."""
    first = max(0, len(segments) - WINDOW)
    gaps = sum(segment.after_gap for segment in segments[1:first])  # marks that have left the list
    lines = [*_head(segments), f"#EXT-X-MEDIA-SEQUENCE:{first}", f"#EXT-X-DISCONTINUITY-SEQUENCE:{gaps}"]
    return _text(lines, segments[first:], begins=first == 0, is_over=is_over)


def again(segments: Sequence[Segment]) -> str:
    """The playlist for watching the whole of it again."""
    lines = [*_head(segments), "#EXT-X-MEDIA-SEQUENCE:0", "#EXT-X-PLAYLIST-TYPE:VOD"]
    return _text(lines, segments, begins=True, is_over=True)


def position_ms(segments: Iterable[Segment], moment: datetime) -> int:
    """Where in the recording a moment is, in ms: what was before the video is its beginning, a gap is where it goes on."""
    past = 0.0
    for segment in segments:
        into = (moment - segment.taken_at).total_seconds()
        if into < segment.seconds:
            return round((past + max(0.0, into)) * 1000)
        past += segment.seconds
    return round(past * 1000)


def length_ms(segments: Iterable[Segment]) -> int:
    return round(sum(segment.seconds for segment in segments) * 1000)


def _head(segments: Sequence[Segment]) -> list[str]:
    longest = max((segment.seconds for segment in segments), default=1.0)
    return ["#EXTM3U", "#EXT-X-VERSION:3", f"#EXT-X-TARGETDURATION:{max(1, math.floor(longest + 0.5))}"]


def _text(lines: list[str], segments: Sequence[Segment], *, begins: bool, is_over: bool) -> str:
    for place, segment in enumerate(segments):
        if segment.after_gap and not (begins and place == 0):
            lines.append("#EXT-X-DISCONTINUITY")
        stamp = segment.taken_at.isoformat(timespec="milliseconds")
        lines += [f"#EXT-X-PROGRAM-DATE-TIME:{stamp}", f"#EXTINF:{segment.seconds:.6f},", segment.name]
    if is_over:
        lines.append("#EXT-X-ENDLIST")
    return "\n".join(lines) + "\n"
