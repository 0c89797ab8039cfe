"""A ceiling on memory for work on files that strangers sent."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

STATM = Path("/proc/self/statm")


@contextmanager
def at_most(more_bytes: int) -> Iterator[None]:
    """Let this process take `more_bytes` of address space beyond what it has; past that, Python raises MemoryError.

    The limit is the process's, so this is for worker processes, which do one thing at a time. Where the system doesn't
    say how much there is (it isn't Linux), nothing is limited.
    """
    try:
        taken = int(STATM.read_text().split()[0]) * resource.getpagesize()
    except OSError:
        yield
        return
    before = soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    ceilings = [ceiling for ceiling in (taken + more_bytes, soft, hard) if ceiling != resource.RLIM_INFINITY]
    resource.setrlimit(resource.RLIMIT_AS, (min(ceilings), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)
