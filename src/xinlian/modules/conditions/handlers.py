"""Handlers of the conditions module."""

import msgspec

from xinlian.contracts.context import Context
from xinlian.contracts.registry import Registry
from xinlian.modules.conditions import events
from xinlian.modules.conditions.errors import NoPack, NotRuled, PackExpired
from xinlian.modules.conditions.keeper import compile_rule, pack_in_force, pack_of
from xinlian.modules.conditions.messages import EndRulePack, SignRulePack
from xinlian.modules.conditions.ports import RuledMessage
from xinlian.modules.conditions.types import DECISIONS, PACK_DAYS_ROW, PACK_USES, PACKS, RulePack
from xinlian.modules.members.types import message_type_part
from xinlian.modules.policy.dates import happening
from xinlian.modules.policy.keeper import policy_value
from xinlian.primitives.time import MS_PER_DAY


def sign_rule_pack(context: Context, message: SignRulePack) -> None:
    """Put a party's rules for a message type in force."""
    # AUTHORISE
    business = context.ports.find(RuledMessage, message.message_type)
    if business is None:
        raise NotRuled(str(message.message_type))
    # VALIDATE
    days = policy_value(context.state, PACK_DAYS_ROW, happening(context.time_ms))
    latest_ms = context.time_ms + days * MS_PER_DAY
    if not context.time_ms < message.expires_at_ms <= latest_ms:
        raise PackExpired(f"a pack expires within {days} days")
    names = business.names()
    for rule in message.rules:
        compile_rule(rule, names)
    pack = _pack_of_message(context, message)
    business.check_pack(context, pack)
    # WRITE
    PACKS.put(context.state, pack, context.acting_for, message_type_part(message.message_type))
    # EMIT
    context.emit(
        events.RulePackSigned(
            context.acting_for,
            message.message_type,
            pack.version,
            pack.rules,
            pack.terms,
            pack.case_max_minor,
            pack.day_max_minor,
            pack.total_max_minor,
            pack.expires_at_ms,
        ),
    )


def end_rule_pack(context: Context, message: EndRulePack) -> None:
    """End a party's rules for a message type."""
    # AUTHORISE
    pack = pack_in_force(context, context.acting_for, message.message_type)
    if pack is None:
        raise NoPack(str(message.message_type))
    # WRITE
    ended = msgspec.structs.replace(pack, ended=True)
    PACKS.put(context.state, ended, context.acting_for, message_type_part(message.message_type))
    # EMIT
    context.emit(
        events.RulePackEnded(context.acting_for, message.message_type, pack.version),
    )


def _pack_of_message(context: Context, message: SignRulePack) -> RulePack:
    earlier = pack_of(context.state, context.acting_for, message.message_type)
    return RulePack(
        version=1 if earlier is None else earlier.version + 1,
        rules=message.rules,
        terms=message.terms,
        account=message.account,
        case_max_minor=message.case_max_minor,
        day_max_minor=message.day_max_minor,
        total_max_minor=message.total_max_minor,
        signed_at_ms=context.time_ms,
        expires_at_ms=message.expires_at_ms,
        ended=False,
    )


def register(registry: Registry) -> None:
    """Add the module to the registry."""
    registry.add_collections(PACKS, PACK_USES, DECISIONS)
    registry.add_message(SignRulePack, sign_rule_pack)
    registry.add_message(EndRulePack, end_rule_pack)
    registry.add_events(events.RulePackSigned, events.RulePackEnded, events.CaseDecided)
