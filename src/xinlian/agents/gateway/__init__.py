"""The gateway of devices: takes signed readings over MQTT, records batches, raises alerts."""

from xinlian.agents.gateway.broker import EmbeddedBroker, ListenAddress
from xinlian.agents.gateway.errors import GatewayError
from xinlian.agents.gateway.journal import Journal
from xinlian.agents.gateway.line import BrokerAddress, Line, read_address
from xinlian.agents.gateway.reporting import SessionLedger
from xinlian.agents.gateway.watching import KnownDevice
from xinlian.agents.gateway.working import Gateway, Pace

__all__ = [
    "BrokerAddress",
    "EmbeddedBroker",
    "Gateway",
    "GatewayError",
    "Journal",
    "KnownDevice",
    "Line",
    "ListenAddress",
    "Pace",
    "SessionLedger",
    "read_address",
]
