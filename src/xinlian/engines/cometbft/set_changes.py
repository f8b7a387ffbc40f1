"""The commits by which validators named those after them, kept so that receipts can show them.

A power that the engine is told at height H is in the validators that header H + 1 names; whoever
follows the validators from the genesis file needs that header, and the votes for it.

Rules this file keeps:
 1. What names other validators is kept in the engine's folder as soon as it is committed, and stays
    when the engine forgets the block; a crash of the machine leaves all of it or nothing, and what
    is found damaged is fetched again.
 2. A node that began from a snapshot, or pruned before it kept, asks others.  Nothing is taken from
    them that does not follow from the genesis file by the validators' own votes.
 3. Which validators there were is never asked: it follows from the genesis file and the state.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import structlog

from xinlian.crypto.codec import Value, decode, encode
from xinlian.engines.cometbft.commits import CommittedHeader, commit_of, commit_values, header_value
from xinlian.engines.cometbft.home import address_of
from xinlian.engines.cometbft.light import set_change_proof
from xinlian.engines.cometbft.network import validators_of
from xinlian.engines.cometbft.rpc import EngineClient, EngineUnreachable
from xinlian.engines.durable import sync_folder, write_durably
from xinlian.ledger.block import BlockOutcome
from xinlian.ledger.genesis import parse_genesis
from xinlian.ledger.node import NoReceipt
from xinlian.ledger.ports import Store
from xinlian.ledger.records import integer_part
from xinlian.modules.validators.keeper import all_validators
from xinlian.modules.validators.types import SET_CHANGES
from xinlian.verifier import VerificationFailed, root_of_genesis
from xinlian.verifier.cometbft import follow_changes

_log = structlog.get_logger(__name__)

FOLDER: Final = "set_changes"
PROOF_FIELDS: Final = 5
"""The engine's header, round, parts, their hash, votes; see ``verifier/cometbft.py``."""
_WITHOUT_END: Final = 1 << 62


class _Named(NamedTuple):
    """A header that names other validators than those that commit it."""

    height: int
    validators: tuple[tuple[bytes, int], ...]
    """Those it names, by key."""


class SetChanges:
    """What a node keeps of each change of the validators."""

    def __init__(
        self,
        home: Path,
        store: Store,
        genesis_bytes: bytes,
        rpc_socket: Callable[[], Path],
        servers: Sequence[str] = (),
    ) -> None:
        """Prepare to keep; raises GenesisInvalid.

        Args:
            home: the engine's folder.
            store: of the chain.
            genesis_bytes: the genesis file.
            rpc_socket: returns where the engine answers.
            servers: ``host:port`` of members' light servers, asked for what this node lacks.
        """
        self._folder = home / FOLDER
        self._store = store
        self._genesis_bytes = genesis_bytes
        found = validators_of(parse_genesis(genesis_bytes))
        self._first = {
            bytes.fromhex(entry.public_key): entry.power
            for entry in (() if found is None else found.validators)
        }
        self._rpc_socket = rpc_socket
        self._servers = servers
        self._wanted_from = 0
        self._wake = threading.Event()
        self._is_closing = False
        self._thread = threading.Thread(target=self._run, name="set-changes", daemon=True)

    def start(self) -> None:
        """Keep, from now on, on a thread of its own; what is missing is looked for first."""
        self._wake.set()
        self._thread.start()

    def close(self) -> None:
        """Stop."""
        self._is_closing = True
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join()

    def notify(self, outcome: BlockOutcome) -> None:
        """Look at a committed block; two heights after a change its commit can be kept."""
        if SET_CHANGES.key(integer_part(outcome.height)) in outcome.writes:
            self._wanted_from = self._wanted_from or outcome.height + 2
        if self._wanted_from and outcome.height >= self._wanted_from:
            self._wake.set()

    def proof(self, height: int) -> bytes | None:
        """Return what is kept of a header that names other validators, or None."""
        try:
            return (self._folder / f"{height}.bin").read_bytes()
        except FileNotFoundError:
            return None

    def before(self, height: int) -> tuple[Value, ...]:
        """Return the changes that a header committed at a height rests on; raises NoReceipt."""
        entries: list[Value] = []
        for named in self._named(height):
            entries.append(self._kept(named) or _entry(self._gathered(named, entries), named))
        return tuple(entries)

    def keys(self) -> dict[str, bytes]:
        """Return the key of every validator that there ever was, by its address."""
        with self._store.snapshot() as snapshot:
            found = {*self._first, *(key for key, _ in all_validators(snapshot))}
        return {address_of(key).hex().upper(): key for key in found}

    def _run(self) -> None:
        while self._wake.wait() and not self._is_closing:
            self._wake.clear()
            try:
                self._wanted_from = 0
                self.before(_WITHOUT_END)
            except NoReceipt as problem:  # asked for again with a receipt, or at the next change
                _log.info("change_of_validators_not_kept_yet", cause=str(problem)[:500])

    def _named(self, below: int) -> Iterator[_Named]:
        """Yield the headers below a height that name other validators, ascending."""
        powers = dict(self._first)
        with self._store.snapshot() as snapshot:
            told = list(SET_CHANGES.scan(snapshot))
            head = snapshot.height
        for (part,), change in told:
            height = int.from_bytes(part, "big") + 1
            if height >= min(below, head):
                return
            powers |= {entry.public_key: entry.power for entry in change.changes}
            listed = tuple((key, power) for key, power in sorted(powers.items()) if power)
            yield _Named(height, listed)

    def _kept(self, named: _Named) -> Value:
        """Return a change that is kept here; None where none is, or what is kept is damaged."""
        content = self.proof(named.height)
        try:
            return None if content is None else _entry(content, named)
        except ValueError as problem:
            _log.warning("kept_change_damaged", height=named.height, cause=str(problem)[:200])
            return None

    def _gathered(self, named: _Named, before: Sequence[Value]) -> bytes:
        """Return a proof from this engine or from others, and keep it; raises NoReceipt."""
        content = self._own(named.height)
        if content is None:
            content = self._others(named, before)
        if not self._folder.is_dir():
            self._folder.mkdir(exist_ok=True, mode=0o700)
            sync_folder(self._folder.parent)
        write_durably(self._folder / f"{named.height}.bin", content)
        return content

    def _own(self, height: int) -> bytes | None:
        client = EngineClient(self._rpc_socket())
        try:
            return proof_of(commit_of(client, height), self.keys())
        except NoReceipt:
            return None
        finally:
            client.close()

    def _others(self, named: _Named, before: Sequence[Value]) -> bytes:
        root = root_of_genesis(self._genesis_bytes)
        for server in self._servers:
            try:
                content = set_change_proof(server, named.height)
                follow_changes(root, (*before, _entry(content, named)), named.height + 1)
            except (EngineUnreachable, ValueError, VerificationFailed) as problem:
                _log.warning("member_gives_no_change", server=server, cause=str(problem)[:200])
                continue
            return content
        raise NoReceipt(
            f"the votes by which height {named.height} named other validators are not here: ask "
            "another node, or start this one after `xinlian network sync`",
        )


def proof_of(signed: CommittedHeader, keys: dict[str, bytes]) -> bytes:
    """Return what is kept of a header that names other validators."""
    return encode((header_value(signed.header), *commit_values(signed, keys)))


def _entry(content: bytes, named: _Named) -> Value:
    """Return a change as a receipt holds it; raises ValueError where the content is none."""
    fields = decode(content)
    if not isinstance(fields, tuple) or len(fields) != PROOF_FIELDS:
        raise ValueError("no proof of a change of validators")
    return (*fields, named.validators)
