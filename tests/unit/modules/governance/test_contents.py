"""What a proposal may ask for is checked when it is published and again when it is enacted."""

import msgspec
import pytest

from support.council import FIVE, Council
from unit.modules.governance.looking import context_at
from xinlian.modules.governance import contents
from xinlian.modules.governance.rules import NUMBERS
from xinlian.modules.governance.types import (
    CANDIDATES,
    POLICY_CHANGES,
    Candidate,
    PolicyChange,
    ProposalKind,
    UpgradeChange,
)
from xinlian.modules.members.membership import ELECTORS
from xinlian.modules.members.types import MANDATES, message_type_part
from xinlian.modules.policy.errors import EffectTooEarly
from xinlian.primitives import Rejected
from xinlian.primitives.time import MS_PER_DAY

ID = bytes(20)


@pytest.fixture
def council():
    made = Council(*FIVE)
    yield made
    made.c.close()


def change(row: str, value: int, effective_from_ms: int) -> PolicyChange:
    return PolicyChange(row, value, "event", effective_from_ms, "a citation", verified=False)


@pytest.mark.parametrize("name", sorted(NUMBERS))
def test_every_number_of_governance_has_bounds_that_no_change_leaves(council, name):
    number = NUMBERS[name]
    assert number.low <= number.default <= number.high
    assert contents.policy_kind(name) == ProposalKind.ROWS
    far_ms = council.c.now_ms() + 400 * MS_PER_DAY
    with context_at(council, council.c.now_ms()) as context:
        for value in (number.low, number.high):
            contents.check_published_policy(context, change(name, value, far_ms))
        for value in (number.low - 1, number.high + 1):
            with pytest.raises(Rejected):
                contents.check_published_policy(context, change(name, value, far_ms))


def test_effect_comes_after_delay_and_notice_at_publication_and_after_notice_at_enactment(council):
    now_ms = council.c.now_ms()
    row = "governance.voting_days"
    with context_at(council, now_ms) as context:
        with pytest.raises(EffectTooEarly):
            contents.check_published_policy(context, change(row, 20, now_ms + 14 * MS_PER_DAY - 1))
        contents.check_published_policy(context, change(row, 20, now_ms + 14 * MS_PER_DAY))
        POLICY_CHANGES.put(context.state, change(row, 20, now_ms + 7 * MS_PER_DAY - 1), ID)
        with pytest.raises(EffectTooEarly):
            contents.enact_policy(context, ID)


def test_a_member_is_admitted_with_a_key_that_manages_and_nothing_more(council):
    new = council.newcomer("rail", 50)
    with context_at(council, council.c.now_ms()) as context:
        candidate = Candidate(new.uscc, new.name, new.suite, new.public_key, new.role)
        CANDIDATES.put(context.state, candidate, ID)
        contents.enact_admission(context, ID)
        rail = council.c["rail"].party
        assert ELECTORS.require(context.state, rail).admitted_at_ms == context.time_ms
        given = [
            number
            for number in range(256, 256 * 20)
            if MANDATES.get(context.state, rail, message_type_part(number)) is not None
        ]
        assert given == [258, 259, 260]
        with pytest.raises(Rejected):
            contents.check_candidate(context, candidate)
        other = msgspec.structs.replace(candidate, uscc=council.newcomer("x", 51).uscc)
        with pytest.raises(Rejected):  # the same key for another organisation
            contents.check_candidate(context, other)


def test_an_upgrade_is_to_the_next_version_at_a_height_that_is_ahead(council):
    with context_at(council, council.c.now_ms()) as context:
        contents.check_upgrade(context, UpgradeChange(2, context.height + 1))
        for wrong in ((1, 99_999), (3, 99_999), (2, context.height)):
            with pytest.raises(Rejected):
                contents.check_upgrade(context, UpgradeChange(*wrong))
