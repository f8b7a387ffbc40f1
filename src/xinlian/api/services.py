"""What the routes are given: a node, the read model, how far it is, and who asks."""

import dataclasses
from typing import Protocol

from xinlian.api.authentication import Authenticator
from xinlian.ledger.node import Node
from xinlian.readmodels.queries import Queries


class Projection(Protocol):
    """How far committed blocks were projected into the read model."""

    @property
    def height(self) -> int:
        """The last projected height; -1 before the first."""

    @property
    def failure(self) -> str:
        """The stable name of what stopped it, empty while it goes on."""

    def wait_above(self, height: int, timeout_seconds: float) -> int:
        """Block until more than a height is projected or time is up; return the height."""


@dataclasses.dataclass(frozen=True, slots=True)
class Services:
    """Everything that the routes work with."""

    node: Node
    queries: Queries
    projection: Projection
    authenticator: Authenticator
