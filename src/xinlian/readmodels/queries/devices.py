"""Questions about devices and what they watch."""

from xinlian.readmodels import lists, rows
from xinlian.readmodels.queries.asking import LIMIT_DEFAULT, Asking
from xinlian.readmodels.rows import Found, Page


class DeviceQueries(Asking):
    """Questions about devices; owners, whom they serve, and parties of watched claims ask."""

    def devices(
        self,
        reader: bytes,
        *,
        owner: str | None = None,
        serves: str | None = None,
        status: str | None = None,
        cursor: str | None = None,
        limit: int = LIMIT_DEFAULT,
    ) -> Page[rows.DeviceRow]:
        """Return the devices that the reader may see; raises ReadRefused."""
        wanted = {"owner": owner, "serves": serves, "status": status}
        return self._page(lists.DEVICES, reader, cursor, limit, wanted)

    def device(self, reader: bytes, device_id: str) -> Found[rows.DeviceRow] | None:
        """Return a device, or None."""
        return self._find(lists.DEVICES, reader, device_id)

    def watches(
        self,
        reader: bytes,
        *,
        subject: str | None = None,
        device_id: str | None = None,
        cursor: str | None = None,
        limit: int = LIMIT_DEFAULT,
    ) -> Page[rows.WatchRow]:
        """Return which devices watch which claims, those that ended too."""
        wanted = {"subject": subject, "device_id": device_id}
        return self._page(lists.WATCHES, reader, cursor, limit, wanted)

    def watching(self, reader: bytes, subject: str, at_ms: int) -> list[rows.DeviceRow]:
        """Return the devices that watch a subject at a moment, as the reader may see them."""
        found = []
        for watch in self.watches(reader, subject=subject).rows:
            device = self.device(reader, watch.device_id)
            if device is not None and not watch.ended_at_ms and at_ms <= watch.until_ms:
                found.append(device.row)
        return found
