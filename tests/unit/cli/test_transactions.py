"""What ``xinlian tx`` tells of what it created."""

import pytest

from xinlian.bootstrap import build_registry
from xinlian.cli.message_fields import field_types
from xinlian.cli.output import CommandRefused
from xinlian.cli.transactions import _CREATED_KINDS, build_message, created_kinds
from xinlian.contracts.message import type_name
from xinlian.modules.consent.messages import GrantConsent
from xinlian.modules.governance.messages import ProposeMember, Vote
from xinlian.modules.schedule.messages import AdvanceClock
from xinlian.primitives.ids import ID_KINDS

MESSAGES = tuple(build_registry().messages.values())


def test_ids_are_told_of_messages_and_kinds_that_there_are():
    assert set(_CREATED_KINDS) <= {type_name(kind) for kind in MESSAGES}
    assert {kind for message in MESSAGES for kind in created_kinds(message)} <= ID_KINDS


def test_a_number_that_no_field_can_hold_is_refused_by_the_fields_name():
    texts = dict.fromkeys(field_types(AdvanceClock), "9" * 30)
    with pytest.raises(CommandRefused, match=r"target_ms: given a number beyond 64 bits"):
        build_message(AdvanceClock, texts, "test-chain", 0)


def test_whoever_gives_a_consent_or_proposes_a_vote_is_told_its_id():
    assert created_kinds(GrantConsent) == ("consent",)
    assert created_kinds(ProposeMember) == ("proposal",)
    assert created_kinds(Vote) == ()
