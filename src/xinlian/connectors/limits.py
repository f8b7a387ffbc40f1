"""Bounds of any document from outside.

Source: docs/reference/limits.md.
"""

from typing import Final

DOCUMENT_BYTES_MAX: Final = 5 << 20
DEPTH_MAX: Final = 32
NODES_MAX: Final = 100_000
NUMBER_CHARS_MAX: Final = 40
EXPONENT_MAX: Final = 24
"""Of a JSON number, either way."""
