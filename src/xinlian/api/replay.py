"""What the API remembers of signatures and tokens; in memory, bounded, nothing in the clear.

Rules this file keeps:
 1. A nonce is remembered as long as its signature could be used again, per key.
 2. A token is kept as its hash alone; whoever reads this memory cannot use it.
 3. One key cannot crowd out another: each has a ceiling of its own.
"""

import dataclasses
import hashlib
import secrets
import threading
from collections import OrderedDict
from typing import Final

NONCES_PER_KEY_MAX: Final = 5_000
TOKENS_PER_KEY_MAX: Final = 16
TOKEN_LIFE_SECONDS: Final = 900
TOKEN_PREFIX: Final = "xlt_"  # noqa: S105 - says what the text is, so that scanners find it
_TOKEN_BYTES: Final = 32
_TOKEN_CHARS: Final = len(TOKEN_PREFIX) + 43


class NonceMemory:
    """Remembers which signatures were used."""

    def __init__(self) -> None:
        self._ends_by_nonce: dict[bytes, OrderedDict[str, int]] = {}
        self._lock = threading.Lock()

    def use(self, key_id: bytes, nonce: str, forget_at_seconds: int, now_seconds: int) -> bool:
        """Remember a nonce; return whether it is new.

        Raises:
            OverflowError: the key has used as many as it may within a minute.
        """
        with self._lock:
            ends = self._ends_by_nonce.setdefault(key_id, OrderedDict())
            _drop_ended(ends, now_seconds)
            if nonce in ends:
                return False
            if len(ends) >= NONCES_PER_KEY_MAX:
                raise OverflowError
            ends[nonce] = forget_at_seconds
            return True


@dataclasses.dataclass(frozen=True, slots=True)
class Session:
    """What a token stands for."""

    party: bytes
    key_id: bytes
    ends_at_seconds: int


class TokenMemory:
    """Issues tokens and knows whose they are."""

    def __init__(self) -> None:
        self._sessions: dict[bytes, Session] = {}
        self._of_key: dict[bytes, list[bytes]] = {}
        self._lock = threading.Lock()

    def issue(self, party: bytes, key_id: bytes, now_seconds: int) -> str:
        """Return a new token; beyond the ceiling of a key its oldest one ends."""
        token = TOKEN_PREFIX + secrets.token_urlsafe(_TOKEN_BYTES)
        hashed = _hash_of(token)
        with self._lock:
            self._sessions[hashed] = Session(party, key_id, now_seconds + TOKEN_LIFE_SECONDS)
            mine = self._of_key.setdefault(key_id, [])
            mine.append(hashed)
            if len(mine) > TOKENS_PER_KEY_MAX:
                del self._sessions[mine.pop(0)]
        return token

    def find(self, token: str, now_seconds: int) -> Session | None:
        """Return what a token stands for, or None once it ended."""
        if len(token) != _TOKEN_CHARS or not token.isascii():
            return None
        with self._lock:
            session = self._sessions.get(_hash_of(token))
        return session if session is not None and now_seconds < session.ends_at_seconds else None


def _drop_ended(ends: OrderedDict[str, int], now_seconds: int) -> None:
    """Forget what cannot be used again; the oldest were remembered first."""
    while ends:
        nonce = next(iter(ends))
        if ends[nonce] >= now_seconds:
            return
        del ends[nonce]


def _hash_of(token: str) -> bytes:
    return hashlib.sha256(token.encode("ascii")).digest()
