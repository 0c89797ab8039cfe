"""Have a Chromium for the browser tests, and a font for Chinese: find them, else install them, else say so plainly."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]


def system_chromium() -> str | None:
    """The path of the machine's own Chromium or Chrome, if it has one."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


def playwright_chromium() -> str | None:
    """The path of the Chromium that Playwright installed, if it did."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def main() -> int:
    """Find or install both. Returns the exit status: 1 when there is no browser. A missing font is only said."""
    if not (system_chromium() or playwright_chromium()):
        sys.stderr.write("No Chromium here; installing one for the browser tests.\n")
        if not (_apt("chromium") and system_chromium()):
            _run([sys.executable, "-m", "playwright", "install", "chromium"])
        if not (system_chromium() or playwright_chromium()):
            sys.stderr.write(
                "The browser tests need Chromium, and it could not be installed.\n"
                "Install it yourself (Debian: apt-get install chromium), or run the other tests:\n"
                "    .venv/bin/pytest -n auto -m 'not browser'\n"
            )
            return 1
    if not _has_chinese_font() and not _apt("fonts-noto-cjk"):
        sys.stderr.write("No Chinese font here: pages are tested all the same, pictures of them would show boxes.\n")
    return 0


def _has_chinese_font() -> bool:
    fc_list = shutil.which("fc-list")
    if not fc_list:
        return False
    return bool(subprocess.run([fc_list, ":lang=zh-cn"], capture_output=True, check=False).stdout.strip())


def _apt(package: str) -> bool:
    """Install a Debian package when we are root and there is apt-get. False when that didn't work."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    return _run(["apt-get", "update", "-qq"]) and _run(["apt-get", "install", "-y", "-qq", package])


def _run(command: list[str]) -> bool:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    return subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=False).returncode == 0


if __name__ == "__main__":
    sys.exit(main())
