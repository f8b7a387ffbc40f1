"""Reads the vectors of this folder."""

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent


def load(name: str) -> Any:
    """Return the content of ``<name>.json``."""
    return json.loads((FOLDER / f"{name}.json").read_text("utf-8"))


def value_of(written: Any) -> Any:
    """Return the value that a vector of the encoding writes down; arrays become tuples."""
    if isinstance(written, list):
        return tuple(value_of(item) for item in written)
    if not isinstance(written, dict):
        return written
    times = written.get("times", 1)
    if "bytes" in written:
        return bytes.fromhex(written["bytes"]) * times
    if "text" in written:
        return written["text"] * times
    return (value_of(written["array_of"]),) * times


def bytes_of(vector: Any) -> bytes:
    """Return the bytes of a vector: ``hex``, and behind it the repeated ``tail``."""
    tail, times = vector.get("tail", ("", 0))
    head: bytes = bytes.fromhex(vector["hex"])
    return head + bytes.fromhex(tail) * int(times)
