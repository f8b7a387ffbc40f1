"""Who votes on blocks: what proposals say of it, checked when published and when enacted.

Rules this file keeps:
 1. A validator and its further keys are proposed by the member that answers for them; the key
    itself signs that it is asked for.
 2. The member has no vote on its own power; it has one on its own key, which changes no share.
 3. The rules about the set of validators are those of ``modules/validators/decisions.py``.
"""

from xinlian.contracts.context import Context
from xinlian.crypto.ed25519 import SUITE_ED25519
from xinlian.modules.governance.errors import NotAMember
from xinlian.modules.governance.types import VALIDATOR_CHANGES, Proposal, ValidatorChange
from xinlian.modules.members.keeper import check_possession, require_party
from xinlian.modules.members.types import Key, KeyStatus, PartyKind
from xinlian.modules.validators.decisions import check_addition, check_power, check_succession
from xinlian.modules.validators.keeper import decide_key, decide_power
from xinlian.modules.validators.types import ROLE


def check_validator_possession(context: Context, key: bytes, possession: bytes) -> None:
    """Refuse a key that did not sign that it is asked for; raises KeyInvalid."""
    asked = Key(
        party=context.acting_for,
        suite=SUITE_ED25519,
        public_key=key,
        role=ROLE,
        status=KeyStatus.ACTIVE,
        registered_at_ms=context.time_ms,
    )
    check_possession(context.acting_for, asked, possession, context.chain_id)


def check_validator(context: Context, party: bytes, key: bytes) -> int:
    """Return the power of a new validator of a member; raises LedgerError."""
    if require_party(context.state, party).kind != PartyKind.MEMBER:
        raise NotAMember(party.hex())
    return check_addition(context, party, key)


def check_validator_power(context: Context, change: ValidatorChange) -> bytes:
    """Return who answers for a validator that may get another power; raises LedgerError."""
    return check_power(
        context,
        change.public_key,
        change.power,
        accepts_below_four=change.accepts_below_four,
    )


def enact_validator(context: Context, proposal_id: bytes, proposal: Proposal) -> None:
    """Add the validator, or give it another power."""
    change = VALIDATOR_CHANGES.require(context.state, proposal_id)
    if change.is_new:
        power = check_validator(context, proposal.party, change.public_key)
    else:
        check_validator_power(context, change)
        power = change.power
    decide_power(context, change.public_key, proposal.party, power)


def enact_validator_key(context: Context, proposal_id: bytes, proposal: Proposal) -> None:
    """Let the new key take the power over."""
    change = VALIDATOR_CHANGES.require(context.state, proposal_id)
    check_succession(context, proposal.proposer, change.public_key, change.successor)
    decide_key(context, change.public_key, change.successor)
