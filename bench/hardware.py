"""What the figures were measured on: they mean nothing without it."""

import importlib.metadata
import os
import platform
import sys
from pathlib import Path
from typing import Final

LIBRARIES: Final = ("msgspec", "lmdb", "py-ed25519-zebra-bindings", "cryptography")


def describe() -> dict[str, object]:
    """Return machine, operating system, Python and the libraries that carry the load."""
    return {
        "cpu": _cpu_model(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gib": round(_memory_bytes() / (1 << 30), 1),
        "system": f"{platform.system()} {platform.release()}",
        "python": f"{platform.python_implementation()} {sys.version.split()[0]}",
        "libraries": {name: importlib.metadata.version(name) for name in LIBRARIES},
        "load_average_at_start": round(os.getloadavg()[0], 2),
    }


def _cpu_model() -> str:
    cpu_info = Path("/proc/cpuinfo")
    lines = cpu_info.read_text(encoding="ascii").splitlines() if cpu_info.exists() else []
    for line in lines:
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _memory_bytes() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
