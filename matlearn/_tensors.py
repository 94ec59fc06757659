"""Arrays and a few words about them in one file: the safetensors format, nothing unpickled.

Eight bytes say how long the header is (little-endian), the header is JSON, the arrays follow one
after the other: https://huggingface.co/docs/safetensors. The format is short enough to need no
library; whatever reads safetensors reads these files.
"""

from __future__ import annotations

import json
import math
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

TYPES = {
    "F64": "<f8", "F32": "<f4", "F16": "<f2", "I64": "<i8", "I32": "<i4", "I16": "<i2", "I8": "|i1",
    "U64": "<u8", "U32": "<u4", "U16": "<u2", "U8": "|u1", "BOOL": "|b1",
}  # fmt: skip
"""Element types of the format, as numpy writes them (bfloat16 has no numpy type)."""
LONGEST_HEADER = 100_000_000
"""Bytes; what the format's own library allows."""


def write_tensors(
    path: str | os.PathLike[str],
    arrays: Mapping[str, NDArray[Any]],
    metadata: Mapping[str, str],
) -> None:
    """Write named arrays and text about them, the whole file or nothing.

    Parameters
    ----------
    path
        File to write.
    arrays
        Numbers or truth values, by name.
    metadata
        Text by name.

    Raises
    ------
    TypeError
        For arrays of a type that the format does not have, metadata that are no text.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "x.safetensors"
    >>> write_tensors(path, {"weights": np.arange(3.0)}, {"kind": "nothing"})
    >>> read_tensors(path)
    ({'weights': array([0., 1., 2.])}, {'kind': 'nothing'})
    """
    header: dict[str, Any] = {}
    for name, text in metadata.items():
        if not isinstance(name, str) or not isinstance(text, str):
            raise TypeError(f"metadata must be text by name, got {text!r} for {name!r}")
    if metadata:
        header["__metadata__"] = dict(metadata)
    names = {np.dtype(code): name for name, code in TYPES.items()}
    contents: list[bytes] = []
    end = 0
    for name, array in arrays.items():
        values = np.asarray(array)
        little = values.dtype.newbyteorder("<")
        if little not in names:
            raise TypeError(f"arrays must hold {', '.join(TYPES)}; {name!r} holds {values.dtype}")
        contents.append(values.astype(little).tobytes())
        start, end = end, end + len(contents[-1])
        header[name] = {
            "dtype": names[little], "shape": list(values.shape), "data_offsets": [start, end]
        }  # fmt: skip
    start_of_file = json.dumps(header).encode()
    start_of_file += b" " * (-len(start_of_file) % 8)  # arrays begin at a multiple of eight bytes
    target = Path(path)
    handle, temporary = tempfile.mkstemp(prefix=f".{target.name}-", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(len(start_of_file).to_bytes(8, "little") + start_of_file)
            file.writelines(contents)
        Path(temporary).chmod(0o644)
        Path(temporary).replace(target)
    finally:
        Path(temporary).unlink(missing_ok=True)


def read_tensors(
    path: str | os.PathLike[str],
) -> tuple[dict[str, NDArray[Any]], dict[str, str]]:
    """Read a safetensors file: its arrays by name, and its metadata.

    Raises
    ------
    ValueError
        If the file is something else, or not whole.
    FileNotFoundError
        If there is none.
    """
    content = Path(path).read_bytes()
    try:
        return _parsed(content)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"{path} is no whole safetensors file: {error}") from error


def read_metadata(path: str | os.PathLike[str]) -> dict[str, str]:
    """Read what a safetensors file says about itself, and none of its arrays.

    Raises
    ------
    ValueError
        If the file is something else.
    FileNotFoundError
        If there is none.
    """
    with Path(path).open("rb") as file:
        try:
            size = _header_size(file.read(8))
            return _metadata(_header(file.read(size), size))
        except (ValueError, TypeError, AttributeError) as error:
            raise ValueError(f"{path} is no safetensors file: {error}") from error


def _header_size(start: bytes) -> int:
    size = int.from_bytes(start, "little")
    if len(start) < 8 or not 2 <= size <= LONGEST_HEADER:
        raise ValueError("it does not begin with the length of a header")
    return size


def _header(text: bytes, size: int) -> dict[str, Any]:
    if len(text) < size:
        raise ValueError("its header ends too early")
    header = json.loads(text)
    if not isinstance(header, dict):
        raise TypeError("its header is no table")
    return header


def _metadata(header: dict[str, Any]) -> dict[str, str]:
    metadata = header.get("__metadata__", {})
    if not isinstance(metadata, dict) or any(not isinstance(v, str) for v in metadata.values()):
        raise TypeError("its metadata are no text")
    return metadata


def _parsed(content: bytes) -> tuple[dict[str, NDArray[Any]], dict[str, str]]:
    size = _header_size(content[:8])
    header = _header(content[8 : 8 + size], size)
    metadata = _metadata(header)
    data = memoryview(content)[8 + size :]
    entries = {name: entry for name, entry in header.items() if name != "__metadata__"}
    arrays: dict[str, NDArray[Any]] = {}
    end = 0
    for name, entry in sorted(entries.items(), key=lambda item: item[1]["data_offsets"]):
        if entry["dtype"] not in TYPES:
            raise ValueError(f"{name!r} holds {entry['dtype']}, not {', '.join(TYPES)}")
        dtype, shape = np.dtype(TYPES[entry["dtype"]]), entry["shape"]
        start, stop = entry["data_offsets"]
        if start != end or any(not isinstance(n, int) or n < 0 for n in shape):
            raise ValueError(f"{name!r} does not begin where the array before it ends")
        if stop - start != math.prod(shape) * dtype.itemsize or stop > len(data):
            raise ValueError(f"the numbers of {name!r} are not all there")
        arrays[name] = np.frombuffer(data[start:stop], dtype).reshape(shape).copy()
        end = stop
    if end != len(data):
        raise ValueError(f"{len(data) - end} bytes follow the last array")
    return {name: arrays[name] for name in entries}, metadata
