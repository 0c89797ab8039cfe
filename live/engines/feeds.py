"""A feed: one ffmpeg that reads what one recorder sent and writes segments of about a second.

`Feed` gives it the spool of a phone's recorder; `Pull` lets it read a stream from the media server.
"""

import contextlib
import os
import resource
import subprocess
import time
from pathlib import Path
from urllib.parse import urlsplit

import imageio_ffmpeg
from django.conf import settings

from live import spool
from live.models import IngestSession

AT_ONCE = 256 * 1024
LOOK_AT_SIZE = 10.0  # seconds
NO_PICTURE = "10000000"  # microseconds without a byte from the media server: it is not there
PATIENCE = 20.0  # seconds for ffmpeg to finish once it has everything
MEMORY = 2 * 1024**3
LONGEST_FILE = 256 * 1024**2
DECODERS = "h264,vp8,aac,opus"  # what phones record; the rest of ffmpeg's hundreds is nobody's to try
_TRANSCODE = [
    *(
        "-c:v",
        "libx264",
        "-preset",
        "veryfast",
        "-tune",
        "zerolatency",
        "-profile:v",
        "baseline",
        "-pix_fmt",
        "yuv420p",
    ),
    *("-vf", "scale='min(960,iw)':-2", "-b:v", "1200k", "-maxrate", "1500k", "-bufsize", "1500k", "-threads", "2"),
    *("-force_key_frames", "expr:gte(t,n_forced)"),
]


def command(session: IngestSession, out: Path) -> list[str]:
    """What to run. Everything in it is ours: the format is one of a list, the paths are made of UUIDs."""
    demuxer = "mov" if session.format == IngestSession.Format.MP4_H264 else "matroska"
    return [
        imageio_ffmpeg.get_ffmpeg_exe(),
        *("-hide_banner", "-loglevel", "error", "-nostdin", "-protocol_whitelist", "pipe", "-f", demuxer),
        *("-codec_whitelist", DECODERS),
        *("-probesize", "500000", "-analyzeduration", "1000000", "-i", "pipe:0"),
        *("-map", "0:v:0", "-map", "0:a:0?", "-dn", "-sn", "-map_metadata", "-1"),
        *(_TRANSCODE if session.must_be_transcoded else ["-c:v", "copy"]),
        *("-c:a", "aac", "-b:a", "96k", "-ar", "48000", "-ac", "2"),
        *_segments(session, out),
    ]


def pull_command(session: IngestSession, source: str, out: Path) -> list[str]:
    """The same from an address of the media server's. What is not H.264 is not taken: a program can send it, unlike a phone."""
    if urlsplit(source).scheme == "rtsp":
        over = ["-protocol_whitelist", "rtsp,rtp,tcp", "-rtsp_transport", "tcp", "-timeout", NO_PICTURE]
    else:
        over = ["-protocol_whitelist", "rtmp,tcp", "-rw_timeout", NO_PICTURE]
    return [
        imageio_ffmpeg.get_ffmpeg_exe(),
        *("-hide_banner", "-loglevel", "error", "-nostdin", *over, "-codec_whitelist", "h264,aac,opus", "-i", source),
        *("-map", "0:v:0", "-map", "0:a:0?", "-dn", "-sn", "-map_metadata", "-1", "-c:v", "copy"),
        *("-c:a", "aac", "-b:a", "96k", "-ar", "48000", "-ac", "2"),
        *_segments(session, out),
    ]


def _segments(session: IngestSession, out: Path) -> list[str]:
    return [
        *("-f", "hls", "-hls_time", "1", "-hls_list_size", "0", "-hls_segment_type", "mpegts"),
        *("-hls_flags", "program_date_time+temp_file+independent_segments"),
        *("-hls_segment_filename", str(out / f"{session.key.hex}-%06d.ts"), str(listing(session))),
    ]


def listing(session: IngestSession) -> Path:
    """ffmpeg's own list of this session's segments. While it is there, the session was fed before."""
    return spool.directory(session.key) / "list.m3u8"


def was_begun(session: IngestSession) -> bool:
    """Whether an ffmpeg has had this session: what it had is gone with it, so no other can go on in the middle."""
    return (spool.directory(session.key) / "begun").exists()


class Running:
    """One ffmpeg at work for a session."""

    def __init__(self, session: IngestSession, out: Path, command: list[str], stdin: int) -> None:
        out.mkdir(parents=True, exist_ok=True)
        here = spool.directory(session.key)
        here.mkdir(parents=True, exist_ok=True)
        (here / "begun").touch()
        self.session = session
        self.finishing_since: float | None = None
        self._log = (here / "log").open("wb")
        self.process = subprocess.Popen(
            command,
            stdin=stdin,
            stdout=subprocess.DEVNULL,
            stderr=self._log,
            cwd=out,
            env={"LC_ALL": "C"},  # the shop's passwords are nothing to a program that reads what came over the wire
        )
        resource.prlimit(self.process.pid, resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.prlimit(self.process.pid, resource.RLIMIT_FSIZE, (LONGEST_FILE, LONGEST_FILE))

    @property
    def has_ended(self) -> bool:
        return self.process.poll() is not None

    def pump(self) -> None:
        """Do what a round of the supervisor is for."""

    def finish(self) -> None:
        """No more will come: ffmpeg writes its last segment and ends; or is ended, if it doesn't."""
        if self.finishing_since is None:
            self.finishing_since = time.monotonic()
        if time.monotonic() - self.finishing_since > PATIENCE:
            self.process.kill()

    def stop(self) -> None:
        """Let go of it: ffmpeg writes what it has and ends by itself."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(5)
        self.process.kill()
        self.process.wait()
        self.close()

    def close(self) -> None:
        """Close our ends of it."""
        self._log.close()


class Feed(Running):
    """It is given the spool's bytes as they come."""

    def __init__(self, session: IngestSession, out: Path) -> None:
        super().__init__(session, out, command(session, out), subprocess.PIPE)
        self.fed = 0
        self._media = spool.media(session.key).open("rb")
        if self.process.stdin is None:
            raise RuntimeError("ffmpeg has no stdin")
        self._pipe = self.process.stdin
        os.set_blocking(self._pipe.fileno(), False)

    def pump(self) -> None:
        """Hand over what has come since, as much as ffmpeg takes without our waiting."""
        size = spool.read_note(self.session.key).size
        while self.fed < size and not self._pipe.closed:
            self._media.seek(self.fed)
            piece = self._media.read(min(AT_ONCE, size - self.fed))
            try:
                taken = os.write(self._pipe.fileno(), piece)
            except BlockingIOError:
                return
            except BrokenPipeError:
                self._close_pipe()
                return
            self.fed += taken

    def finish(self) -> None:
        self.pump()
        if self.fed >= spool.read_note(self.session.key).size:
            self._close_pipe()
        super().finish()

    def stop(self) -> None:
        self._close_pipe()
        super().stop()

    def close(self) -> None:
        self._close_pipe()
        self._media.close()
        super().close()

    def _close_pipe(self) -> None:
        with contextlib.suppress(BrokenPipeError):
            self._pipe.close()


class Pull(Running):
    """It reads by itself, from the media server; we look that it does not become too much."""

    def __init__(self, session: IngestSession, source: str, out: Path) -> None:
        super().__init__(session, out, pull_command(session, source, out), subprocess.DEVNULL)
        self._out = out
        self._began = self._looked = time.monotonic()

    def pump(self) -> None:
        """End it when it has sent more than a broadcast may."""
        now = time.monotonic()
        if now - self._looked < LOOK_AT_SIZE:
            return
        self._looked = now
        size = sum(file.stat().st_size for file in self._out.glob(f"{self.session.key.hex}-*.ts"))
        if size > (now - self._began + LOOK_AT_SIZE) * settings.LIVE_MAX_BYTES_PER_SECOND:
            self.process.kill()

    def finish(self) -> None:
        if self.finishing_since is None:
            self.process.terminate()
        super().finish()

    def stop(self) -> None:
        self.process.terminate()
        super().stop()
