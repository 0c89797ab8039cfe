"""The demo's pictures, shared: each photo has its own address, and the file behind it is there once (a hard link)."""

import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, storages

from config.demo import pictures
from marketplace.models import Photo, Produce
from marketplace.services.images import Cleaned

VARIANTS = 2  # pictures of each kind of produce
SIZE = (640, 480)  # less than half the work of a small demo's; drawing them is a tenth of the time
STORY_VARIANT = 1  # the one that stands beside a farm's story


class Pictures:
    """Gives photos the files of a picture of their produce. Deleting one photo's files leaves the others' alone."""

    def __init__(self) -> None:
        storage = storages["default"]
        if not isinstance(storage, FileSystemStorage):
            raise NotImplementedError("files can be shared on a local disk only")
        self._storage = storage
        self._drawn: dict[tuple[int, int], Cleaned] = {}
        self._first: dict[tuple[int, int], list[tuple[int, str]]] = {}

    def draw(self, wanted: Iterable[tuple[Produce, int]]) -> None:
        """Draw pictures ahead, on all processors: while one is shrunk and encoded, another thread can work."""
        new = {(kind.pk, variant): (kind, variant) for kind, variant in wanted if (kind.pk, variant) not in self._drawn}
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            list(pool.map(lambda each: self.copies(*each), new.values()))

    def copies(self, produce: Produce, variant: int) -> Cleaned:
        """The copies of one picture of a kind of produce."""
        key = (produce.pk, variant)
        if key not in self._drawn:
            self._drawn[key] = pictures.clean_copies(produce, variant, SIZE)
        return self._drawn[key]

    def lend(self, produce: Produce, variant: int, photo: Photo) -> None:
        """Put the picture's files where `photo` has its own."""
        first = self._first.get((produce.pk, variant))
        if first is None:
            for width, copy in self.copies(produce, variant).copies.items():
                self._storage.save(photo.path(width), ContentFile(copy))
            self._first[produce.pk, variant] = [(width, self._file(photo, width)) for width in photo.sizes]
            return
        Path(self._file(photo, 0)).parent.mkdir(parents=True)
        for width, file in first:
            os.link(file, self._file(photo, width))

    def _file(self, photo: Photo, width: int) -> str:
        """Where a copy lies on the disk; its name is ours and needs no looking at, which takes longer than the link."""
        return f"{self._storage.location}/{photo.path(width)}"
