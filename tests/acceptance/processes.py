"""The programs that a test started, and that it may kill."""

import psutil


def ours(*words: str) -> list[psutil.Process]:
    """Our own children, and theirs, whose command holds all of these words. One that just ended is none of them."""
    found = []
    for child in psutil.Process().children(recursive=True):
        try:
            command = " ".join(child.cmdline())
        except (psutil.NoSuchProcess, psutil.ZombieProcess):
            continue
        if all(word in command for word in words):
            found.append(child)
    return found
