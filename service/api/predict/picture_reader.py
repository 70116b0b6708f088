"""Reads picture files so that none of them keeps other requests waiting for long."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from time import perf_counter
from typing import Final

from service.config.settings import Settings
from service.errors import Overloaded
from service.images.picture import Picture
from service.images.read import FitMode, is_quick, read_picture

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
        max_pixels = self._max_pixels
        if is_quick(data, fit, max_pixels=max_pixels):
            return read_picture(data, fit, max_pixels=max_pixels)
        reading = partial(read_picture, data, fit, max_pixels=max_pixels)
        return await asyncio.get_running_loop().run_in_executor(self._thread, reading)

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
