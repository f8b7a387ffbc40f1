"""The reference model's rules of parties: who may send what, keys, mandates, sponsors, groups.

Rules this file keeps:
 1. What was accepted had a mandate: keys enough, in time, within the cap of a message and a day.
 2. A suspended party took on nothing; a party whose keys are held or frozen moved no value.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from xinlian.contracts.message import Message, type_no
from xinlian.modules.members import messages as members
from xinlian.modules.members.types import key_id_of, organisation_id
from xinlian.primitives import AMOUNT_MINOR_MAX
from xinlian.primitives.time import MS_PER_HOUR, china_day
from xinlian.testing.simulator.model import MessageRule, Model
from xinlian.testing.simulator.records import Posting, Rule

SUSPENDED: Final = 2
"""The published number of a suspended party's status."""
_MANAGING: Final = (258, 259, 260)
"""RegisterKey, RevokeKey, SetMandate: what a first or a recovered key may send."""
_RULES_MAX: Final = 8


def not_suspended(model: Model, party: bytes, message: Message) -> None:
    """Require that a suspended party takes on nothing."""
    is_free = party not in model.suspended or not message.creates_obligation
    model.require(is_free, f"a suspended party takes on nothing: {type(message).__name__}")


def not_restrained(model: Model, party: bytes, message: Message) -> None:
    """Require that no key moves value that is held after a recovery, or while one is disputed."""
    if not message.moves_value:
        return
    model.require(party not in model.frozen, "a disputed recovery freezes value")
    since_ms, until_ms = model.held.get(party, (0, 0))
    if model.time_ms < until_ms:
        held = [key for key in model.signers_of(party) if model.registered_ms[key] >= since_ms]
        model.require(not held, "a recovered key moves no value for a time")


def has_mandate(model: Model, party: bytes, message: Message) -> None:
    """Require that the keys that signed may send this, and count what they moved today."""
    if message.any_live_key:
        model.require(model.signers_of(party), "a live key of the party signs")
        return
    rule = covering_rule(model, party, message)
    model.require(rule, f"a mandate covers it: {type(message).__name__}")
    amount_minor = message.capped_amount_minor()
    if rule is not None and rule.daily_cap_minor:
        use = (party, type_no(type(message)), china_day(model.time_ms), rule.keys, rule.threshold)
        model.moved_minor[use] = model.moved_minor.get(use, 0) + amount_minor


def covering_rule(model: Model, party: bytes, message: Message) -> Rule | None:
    """Return the first mandate that covers a message now, with room for the day."""
    number, amount_minor = type_no(type(message)), message.capped_amount_minor()
    signers = set(model.signers_of(party))
    for rule in model.mandates.get((party, number), ()):
        signed = len(signers.intersection(rule.keys))
        is_living = not rule.expires_at_ms or model.time_ms <= rule.expires_at_ms
        use = (party, number, china_day(model.time_ms), rule.keys, rule.threshold)
        moved_minor = model.moved_minor.get(use, 0) + amount_minor
        has_room = not rule.daily_cap_minor or moved_minor <= rule.daily_cap_minor
        fits = signed and signed >= rule.threshold and amount_minor <= rule.cap_minor
        if fits and is_living and has_room:
            return rule
    return None


def _admit(model: Model, party: bytes, message: members.AdmitParticipant) -> list[Posting]:
    model.require(party in model.members, "a member admits participants")
    admitted = organisation_id(model.beginning.chain_id, message.uscc)
    model.require(admitted not in model.parties, "an organisation is admitted once")
    model.parties.add(admitted)
    model.sponsors[admitted] = party
    grant_management(model, admitted, _add_key(model, admitted, message.suite, message.public_key))
    return []


def grant_management(model: Model, party: bytes, key_id: bytes) -> None:
    """Let a key manage keys and mandates, before all other rules."""
    first = Rule((key_id,), 1, AMOUNT_MINOR_MAX, 0, 0)
    for number in _MANAGING:
        others = model.mandates.get((party, number), ())
        model.mandates[party, number] = (first, *others)[:_RULES_MAX]


def _register_key(model: Model, party: bytes, message: members.RegisterKey) -> list[Posting]:
    _add_key(model, party, message.suite, message.public_key)
    return []


def _add_key(model: Model, party: bytes, suite: str, public_key: bytes) -> bytes:
    key_id = key_id_of(suite, public_key)
    add_key(model, party, key_id)
    return key_id


def add_key(model: Model, party: bytes, key_id: bytes) -> None:
    """Give a party a key that nobody ever had."""
    model.require(key_id not in model.ever_keys, "a key belongs to one party for ever")
    model.ever_keys.add(key_id)
    model.keys[key_id] = party
    model.registered_ms[key_id] = model.time_ms


def _revoke_key(model: Model, party: bytes, message: members.RevokeKey) -> list[Posting]:
    model.require(model.keys.get(message.key_id) == party, "a party revokes its own keys")
    model.keys.pop(message.key_id, None)
    return []


def _set_mandate(model: Model, party: bytes, message: members.SetMandate) -> list[Posting]:
    own = {key for key in model.ever_keys if model.keys.get(key, party) == party}
    named = {key for rule in message.rules for key in rule.keys}
    model.require(named <= own, "a mandate names keys of the party itself")
    model.mandates[party, message.message_type] = tuple(
        Rule(r.keys, r.threshold, r.cap_minor, r.expires_at_ms, r.daily_cap_minor)
        for r in message.rules
    )
    return []


def _sponsored(model: Model, party: bytes, message: Message) -> list[Posting]:
    subject = getattr(message, "party", b"")
    model.require(model.sponsors.get(subject) == party, "a sponsor answers for its participant")
    is_suspended = subject in model.suspended
    wants = isinstance(message, members.SuspendParticipant)
    model.require(is_suspended != wants, "and changes something")
    model.expect("status", subject, wants)
    return []


def _ask_sponsor(model: Model, party: bytes, message: members.AskSponsor) -> list[Posting]:
    model.require(party in model.sponsors, "a participant asks")
    model.require(message.sponsor in model.members, "a member")
    model.require(model.sponsors[party] != message.sponsor, "another than it has")
    model.asked_sponsor[party] = message.sponsor
    return []


def _accept_participant(
    model: Model, party: bytes, message: members.AcceptParticipant
) -> list[Posting]:
    asked = model.asked_sponsor.pop(message.party, None)
    model.require(asked == party, "a sponsor is whom the participant asked")
    model.sponsors[message.party] = party
    return []


def _declare_group(model: Model, party: bytes, message: members.DeclareGroup) -> list[Posting]:
    both = {party, message.head}
    model.require(len(both) == 2 and both <= set(model.members), "two members make a group")  # noqa: PLR2004 - a pair
    grouped = set(model.heads)
    model.require(not both & grouped and party not in model.heads.values(), "groups do not nest")
    model.heads[party] = message.head
    return []


def _recover_own(model: Model, party: bytes, message: members.RecoverOwnKeys) -> list[Posting]:
    model.require(
        not set(model.signers_of(party)) & set(message.lost_keys), "other keys than the lost sign"
    )
    recover(model, party, message.lost_keys, key_id_of(message.suite, message.public_key))
    return []


def recover(model: Model, party: bytes, lost_keys: Sequence[bytes], new_key: bytes) -> None:
    """Replace lost keys by one that manages keys, and hold what it moves."""
    for key_id in lost_keys:
        model.require(model.keys.pop(key_id, b"") == party, "lost keys are live ones of the party")
    add_key(model, party, new_key)
    grant_management(model, party, new_key)
    hours = max(model.policy_value("governance.recovery_hold_hours", 72), 72)
    since_ms, until_ms = model.held.get(party, (0, 0))
    since_ms = since_ms if model.time_ms < until_ms else model.time_ms
    model.held[party] = (since_ms, model.time_ms + hours * MS_PER_HOUR)
    model.expect("recovered", party, new_key, model.held[party][1])


MEMBER_RULES: Final[Mapping[type[Message], MessageRule]] = {
    members.AdmitParticipant: _admit,
    members.RegisterKey: _register_key,
    members.RevokeKey: _revoke_key,
    members.SetMandate: _set_mandate,
    members.SuspendParticipant: _sponsored,
    members.ReinstateParticipant: _sponsored,
    members.AskSponsor: _ask_sponsor,
    members.AcceptParticipant: _accept_participant,
    members.DeclareGroup: _declare_group,
    members.RecoverOwnKeys: _recover_own,
}
