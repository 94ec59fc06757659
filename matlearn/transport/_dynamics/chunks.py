"""Pieces of the file of a run: four letters, the length and a check sum of what follows."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator
from typing import IO, Any

import numpy as np

MAGIC = b"matlearn molecular dynamics 1\n"
HEAD = struct.Struct("<4sQI")


def whole(file: IO[bytes]) -> Iterator[tuple[bytes, bytes, int]]:
    """Give name, contents and end of each chunk that is whole."""
    end = len(MAGIC)
    file.seek(0)
    if file.read(end) != MAGIC:
        return
    while True:
        file.seek(end)
        head = file.read(HEAD.size)
        if len(head) < HEAD.size:
            return
        name, length, check = HEAD.unpack(head)
        payload = file.read(length)
        if len(payload) < length or zlib.crc32(payload) != check:
            return
        end += HEAD.size + length
        yield name, payload, end


def chunk(name: bytes, payload: bytes) -> bytes:
    """Give the bytes of a chunk."""
    return HEAD.pack(name, len(payload), zlib.crc32(payload)) + payload


def packed(arrays: dict[str, Any]) -> bytes:
    """Give arrays as bytes."""
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()


def unpacked(data: bytes) -> dict[str, Any]:
    """Give arrays from bytes; nothing is unpickled."""
    with np.load(io.BytesIO(data), allow_pickle=False) as file:
        return {name: file[name] for name in file.files}


def write(file: IO[bytes], data: bytes) -> None:
    """Write to an unbuffered file, all of it or an OSError."""
    left = memoryview(data)
    while left:
        left = left[file.write(left) :]
