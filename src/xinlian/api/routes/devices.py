"""Reads of devices and of what they watch."""

from typing import Final

from fastapi import APIRouter

from xinlian.api.routes.tables import HASH, NAME, Filter, ItemRoute, ListRoute, add_routes
from xinlian.api.services import Services
from xinlian.readmodels import rows
from xinlian.readmodels.queries import Queries

DEVICES: Final = (
    ListRoute(
        "/devices",
        Queries.devices,
        rows.DeviceRow,
        "List devices, what was heard of them last, and what was noticed.",
        (Filter("owner", "party"), Filter("serves", "party"), Filter("status", NAME)),
    ),
    ItemRoute(
        "/devices/{device_id}",
        Queries.device,
        rows.DeviceRow,
        "Return a device.",
        Filter("device_id", "device"),
    ),
    ListRoute(
        "/watches",
        Queries.watches,
        rows.WatchRow,
        "List which devices watch which claims.",
        (Filter("subject", HASH), Filter("device_id", "device")),
    ),
)


def router(services: Services) -> APIRouter:
    """Return the routes of devices."""
    routes = APIRouter(prefix="/v1", tags=["devices"])
    add_routes(routes, services.queries, DEVICES)
    return routes
