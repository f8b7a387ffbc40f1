"""What the devices module tells the modules above it."""

from typing import Final, Protocol

from xinlian.contracts.context import Context

ONLY: Final = 0
"""There is one listener."""


class DeviceListener(Protocol):
    """Takes note that a device may speak differently now."""

    def device_changed(self, context: Context, device: bytes) -> None:
        """Look again at what waits for what the device watches."""
