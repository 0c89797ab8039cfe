"""The newest picture of a broadcast, for those whose signal is too weak for video.

A short-lived ffmpeg of its own takes it from the newest segment, so that it never holds up the segments themselves.
"""

import resource
import subprocess
import time
from pathlib import Path

import imageio_ffmpeg

from live.engines.embedded import STILL

EVERY = 4.0  # seconds
PATIENCE = 10.0
MEMORY = 1024**3


class Stills:
    """Takes one of each broadcast every EVERY seconds."""

    def __init__(self) -> None:
        self._running: dict[int, tuple[float, subprocess.Popen[bytes]]] = {}

    def take(self, broadcast_id: int, segment: Path) -> None:
        """Take the picture of this segment, unless the last one is new enough or still being made. Doesn't wait."""
        now = time.monotonic()
        began, last = self._running.get(broadcast_id, (-1e9, None))
        if last is not None and last.poll() is None:
            if now - began > PATIENCE:
                last.kill()
            return
        if now - began >= EVERY:
            self._running[broadcast_id] = now, _start(segment)

    def forget(self, broadcast_id: int) -> None:
        """The broadcast is over."""
        _began, last = self._running.pop(broadcast_id, (0.0, None))
        if last is not None:
            last.kill()
            last.wait()


def _start(segment: Path) -> subprocess.Popen[bytes]:
    command = [
        imageio_ffmpeg.get_ffmpeg_exe(),
        *(
            "-loglevel",
            "quiet",
            "-nostdin",
            "-protocol_whitelist",
            "file",
            "-f",
            "mpegts",
            "-codec_whitelist",
            "h264,aac",
        ),
        *("-skip_frame", "nokey", "-threads", "1", "-i", str(segment)),
        *("-frames:v", "1", "-an", "-map_metadata", "-1", "-vf", "scale='min(480,iw)':-2", "-q:v", "8"),
        *("-f", "image2", "-update", "1", "-atomic_writing", "1", "-y", str(segment.with_name(STILL))),
    ]
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=segment.parent,
        env={"LC_ALL": "C"},
    )
    resource.prlimit(process.pid, resource.RLIMIT_AS, (MEMORY, MEMORY))
    return process
