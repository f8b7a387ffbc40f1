"""What no state could make right is refused before any state is looked at."""

import pytest

from unit.modules.consent.consenting import KINDS, read_of
from xinlian.modules.consent.errors import ConsentMalformed
from xinlian.modules.consent.messages import GrantConsent, RevokeConsent


def granted(**changes):
    fields = {
        "reader": b"r" * 20,
        "purpose": "post_loan",
        "data_kinds": KINDS,
        "from_ms": 5,
        "until_ms": 6,
        "reads_max": 1,
        "period_days": 0,
        "terms_root": b"t" * 32,
    }
    return GrantConsent(**{**fields, **changes})


@pytest.mark.parametrize(
    "changes",
    [
        {"purpose": "curiosity"},
        {"data_kinds": ("activity", "gossip")},
        {"data_kinds": ("buyers", "activity")},
        {"data_kinds": ("activity", "activity")},
        {"until_ms": 5},
        {"terms_root": b"t" * 31},
    ],
)
def test_names_outside_the_lists_and_impossible_times_are_malformed(changes):
    granted().validate_basic()
    with pytest.raises(ConsentMalformed):
        granted(**changes).validate_basic()


def test_a_read_names_what_the_lists_have():
    read_of(b"c" * 20).validate_basic()
    with pytest.raises(ConsentMalformed):
        read_of(b"c" * 20, purpose="curiosity").validate_basic()
    with pytest.raises(ConsentMalformed):
        read_of(b"c" * 20, kinds=("gossip",)).validate_basic()


def test_taking_a_consent_back_needs_no_key_that_moves_value():
    assert not RevokeConsent.moves_value
    assert GrantConsent.moves_value  # keys that are held after a recovery open nothing
