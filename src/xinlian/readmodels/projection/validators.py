"""Rows of validators."""

from typing import Final

from xinlian.ledger.ports import StateView
from xinlian.modules.validators import events
from xinlian.modules.validators.keeper import all_validators
from xinlian.modules.validators.types import FREEZES, Validator
from xinlian.readmodels.projection.writer import Cause, Writer
from xinlian.readmodels.rows import ValidatorRow
from xinlian.readmodels.text import id_text

ACTIVE: Final = "active"
JOINING: Final = "joining"
REMOVED: Final = "removed"


def validator_decided(writer: Writer, event: events.ValidatorDecided, cause: Cause) -> None:
    """Members decided a power, or a double signature took it."""
    del cause
    row = writer.get(ValidatorRow, event.public_key.hex())
    if row is None:
        _add(writer, event.public_key, Validator(event.party, 0, event.target, 0))
        return
    status = _status(row.power, event.target)
    writer.change(row, target_power=event.target, successor="", status=status)


def validator_key_decided(writer: Writer, event: events.ValidatorKeyDecided, cause: Cause) -> None:
    """Another key takes the power over."""
    del cause
    row = writer.require(ValidatorRow, event.public_key.hex())
    writer.change(row, target_power=0, successor=event.successor.hex())
    _add(writer, event.successor, Validator(event.party, 0, event.target, 0))


def power_set(writer: Writer, event: events.PowerSet, cause: Cause) -> None:
    """The engine was told."""
    del cause
    row = writer.require(ValidatorRow, event.public_key.hex())
    status = _status(event.power, row.target_power)
    writer.change(row, power=event.power, status=status)


def double_signed(writer: Writer, event: events.DoubleSigned, cause: Cause) -> None:
    """It signed two blocks of one height."""
    del cause
    writer.change(writer.require(ValidatorRow, event.public_key.hex()), double_signed=True)


def votes_suspended(writer: Writer, event: events.VotesSuspended, cause: Cause) -> None:
    """Its member has no vote."""
    del cause
    writer.change(writer.require(ValidatorRow, event.public_key.hex()), suspends_votes=True)


def votes_restored(writer: Writer, event: events.VotesRestored, cause: Cause) -> None:
    """Its member votes again."""
    del cause
    writer.change(writer.require(ValidatorRow, event.public_key.hex()), suspends_votes=False)


def project_validators(writer: Writer, state: StateView) -> None:
    """Write the validators of the genesis file, or of a snapshot."""
    frozen = {freeze.public_key for _, freeze in FREEZES.scan(state)}
    for key, validator in all_validators(state):
        _add(writer, key, validator, suspends_votes=key in frozen)


def _add(writer: Writer, key: bytes, found: Validator, *, suspends_votes: bool = False) -> None:
    writer.add(
        ValidatorRow(
            **writer.born_changing(),
            public_key=key.hex(),
            party_id=id_text("party", found.party),
            status=_status(found.power, found.target),
            power=found.power,
            target_power=found.target,
            successor=found.successor.hex(),
            double_signed=found.double_signed,
            suspends_votes=suspends_votes,
        ),
    )


def _status(power: int, target: int) -> str:
    if power:
        return ACTIVE
    return JOINING if target else REMOVED
