"""What every drawing of a message starts from: the chance, the world, the model, and who is who.

Rules this file keeps:
 1. Everything follows from the seed.
"""

import hashlib
import random
from collections import defaultdict

from xinlian.contracts.message import Message
from xinlian.crypto.ed25519 import SigningKey
from xinlian.modules.members.types import key_id_of
from xinlian.testing.simulator.model import Model
from xinlian.testing.simulator.world import World

Calls = list[tuple[str, Message]]
"""(acting organisation, message) …"""


class Scene:
    """The moment at which somebody is about to send something."""

    def __init__(self, chance: random.Random, world: World, model: Model) -> None:
        self.chance = chance
        self.world = world
        self.model = model
        self.number = 0
        self.silent_key = b""
        """A key that does not sign what is sent next: it is lost."""
        self.new_keys: dict[str, list[SigningKey]] = defaultdict(list)

    def signs(self, key: SigningKey) -> bool:
        """Return whether a further key signs too; a revoked one is tried now and then."""
        key_id = key_id_of(key.suite, key.public_key)
        if key_id == self.silent_key:
            return False
        tries = 0.4 if key_id in self.model.keys else 0.05
        return key_id in self.model.ever_keys and self.chance.random() < tries

    def party(self, name: str) -> bytes:
        """Return the id of one of the organisations."""
        return self.world.organisations[name].party

    def name(self, party: bytes) -> str:
        """Return whose party id it is; some trader when nobody's."""
        return self.world.names.get(party, "supplier2")

    def root(self, document: str) -> bytes:
        """Return the root of a document of the present step."""
        return hashlib.sha256(f"simulated {self.number} {document}".encode()).digest()
