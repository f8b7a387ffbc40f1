"""Signed readings of devices: their bytes, and the rules that notice what is wrong in a series."""

from xinlian.connectors.devices.readings import (
    PAYLOAD_BYTES_MAX,
    Reading,
    ReadingRefused,
    leaf_of,
    payload_of,
    read_payload,
    readings_root,
    sign_reading,
)
from xinlian.connectors.devices.rules import RULES_VERSION, WINDOW_MIN, judge, window_size

__all__ = [
    "PAYLOAD_BYTES_MAX",
    "RULES_VERSION",
    "WINDOW_MIN",
    "Reading",
    "ReadingRefused",
    "judge",
    "leaf_of",
    "payload_of",
    "read_payload",
    "readings_root",
    "sign_reading",
    "window_size",
]
