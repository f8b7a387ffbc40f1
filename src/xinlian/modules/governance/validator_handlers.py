"""Handlers of proposals about validators."""

from xinlian.contracts.context import Context
from xinlian.contracts.registry import Registry
from xinlian.modules.governance.keeper import publish, require_proposer, require_room_to_propose
from xinlian.modules.governance.types import VALIDATOR_CHANGES, ProposalKind, ValidatorChange
from xinlian.modules.governance.validator_contents import (
    check_validator,
    check_validator_possession,
    check_validator_power,
)
from xinlian.modules.governance.validator_messages import (
    ProposeValidator,
    ProposeValidatorKey,
    ProposeValidatorPower,
)
from xinlian.modules.validators.decisions import check_succession


def propose_validator(context: Context, message: ProposeValidator) -> None:
    """Publish a proposal of a validator for which the acting member answers."""
    # AUTHORISE
    require_proposer(context)
    # VALIDATE
    check_validator_possession(context, message.public_key, message.possession)
    power = check_validator(context, context.acting_for, message.public_key)
    # WRITE and EMIT
    change = ValidatorChange(message.public_key, power, is_new=True)
    proposal = publish(context, ProposalKind.SET_VALIDATOR, context.acting_for)
    VALIDATOR_CHANGES.put(context.state, change, proposal)


def propose_validator_power(context: Context, message: ProposeValidatorPower) -> None:
    """Publish a proposal of another power for a validator, or of its removal."""
    # AUTHORISE
    require_proposer(context)
    # VALIDATE
    change = ValidatorChange(
        message.public_key,
        message.power,
        is_new=False,
        accepts_below_four=message.accepts_below_four,
    )
    party = check_validator_power(context, change)
    # WRITE and EMIT
    proposal = publish(context, ProposalKind.SET_VALIDATOR, party)
    VALIDATOR_CHANGES.put(context.state, change, proposal)


def propose_validator_key(context: Context, message: ProposeValidatorKey) -> None:
    """Publish a proposal of another key for the acting member's validator."""
    # AUTHORISE
    require_room_to_propose(context)
    # VALIDATE
    check_succession(context, context.acting_for, message.public_key, message.successor)
    check_validator_possession(context, message.successor, message.possession)
    # WRITE and EMIT
    change = ValidatorChange(message.public_key, 0, is_new=False, successor=message.successor)
    proposal = publish(context, ProposalKind.ROTATE_VALIDATOR)
    VALIDATOR_CHANGES.put(context.state, change, proposal)


def register(registry: Registry) -> None:
    """Add the messages to the registry."""
    registry.add_collections(VALIDATOR_CHANGES)
    registry.add_message(ProposeValidator, propose_validator)
    registry.add_message(ProposeValidatorPower, propose_validator_power)
    registry.add_message(ProposeValidatorKey, propose_validator_key)
