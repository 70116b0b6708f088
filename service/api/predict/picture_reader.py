"""Reads picture files so that none of them keeps other requests waiting for long."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from time import perf_counter
from typing import Final

from service.config.settings import Settings
from service.errors import Overloaded
from service.images.files.decode import open_image
from service.images.picture import Picture
from service.images.read import FitMode, is_photograph, read_at_once, read_picture, take_picture

LARGE: Final = 64 * 1024
"""Bytes. A larger file of 28×28 pixels holds metadata, which Pillow may read for a second; smaller
files take at most 50 ms."""

PATIENCE: Final = 0.001
"""Seconds of reading after which other requests get their turn; most take a tenth."""


class PictureReader:
    """The only place in a process that opens picture files."""

    def __init__(self, settings: Settings) -> None:
        self._max_pixels = settings.max_pixels
        self._batch_seconds = settings.batch_seconds
        # A single thread, because each thread keeps a heap of its own.
        self._thread = ThreadPoolExecutor(1, "large-pictures")

    async def read(self, data: bytes, fit: FitMode) -> Picture:
        """Return the picture in a file; photographs and large files are read in a thread.

        Raises:
            RequestRefused: as `read_picture` says.
        """
        if (picture := read_at_once(data, fit)) is not None:
            return picture
        if len(data) > LARGE:
            return await self._in_thread(
                partial(read_picture, data, fit, max_pixels=self._max_pixels)
            )
        image = open_image(data, max_pixels=self._max_pixels)
        if is_photograph(image, fit):
            return await self._in_thread(partial(take_picture, image, fit))
        return take_picture(image, fit)

    async def read_of_batch(self, data: bytes, fit: FitMode, began: float) -> Picture:
        """Return the picture in one file of a batch that began at this `perf_counter` time.

        Raises:
            RequestRefused: as `read` says; Overloaded: the batch has used up its time.
        """
        started = perf_counter()
        if started - began > self._batch_seconds:
            raise Overloaded(
                f"The batch's {self._batch_seconds:g} s were over before this file was read",
                "FASHION_BATCH_SECONDS",
                "Send it again in a smaller batch.",
            )
        try:
            return await self.read(data, fit)
        finally:
            if perf_counter() - started > PATIENCE:
                await asyncio.sleep(0)

    async def _in_thread(self, read: Callable[[], Picture]) -> Picture:
        """Read in the thread, one picture at a time."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, read)
