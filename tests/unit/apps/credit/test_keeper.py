"""What is shown and may be acted on: at the very moment, not a block later."""

import msgspec
import pytest

from support.credit_damage import record_of_nobody
from xinlian.apps.credit.errors import NotCurrent
from xinlian.apps.credit.keeper import is_over, is_shown, is_suppressed, require_live, type_part
from xinlian.apps.credit.record_types import RecordType
from xinlian.apps.credit.types import Mark, RecordLife

SHOWN = record_of_nobody(life=RecordLife.CURRENT)


@pytest.mark.parametrize("life", [life for life in RecordLife if life != RecordLife.CURRENT])
def test_what_ended_is_not_shown_and_not_acted_on(life):
    ended = msgspec.structs.replace(SHOWN, life=life)
    assert not is_shown(ended, 1)
    with pytest.raises(NotCurrent, match=life.name.lower()):
        require_live(ended, 1)


def test_a_record_is_shown_until_the_moment_that_stands_in_it():
    dated = msgspec.structs.replace(SHOWN, expires_at_ms=100)
    assert (is_shown(dated, 99), is_shown(dated, 100)) == (True, False)
    assert (is_over(dated, 99), is_over(dated, 100), is_over(SHOWN, 10**14)) == (
        False,
        True,
        False,
    )
    with pytest.raises(NotCurrent, match="expired"):
        require_live(dated, 100)


def test_a_contested_record_is_shown_until_its_providers_time_is_over():
    contested = msgspec.structs.replace(SHOWN, mark=Mark.MARKED, suppressed_from_ms=100)
    assert (is_shown(contested, 99), is_shown(contested, 100)) == (True, False)
    assert (is_suppressed(contested, 99), is_suppressed(contested, 100)) == (False, True)
    require_live(contested, 100)  # its provider can still correct it


def test_each_type_has_a_key_of_its_own():
    assert len({type_part(kind) for kind in RecordType}) == len(RecordType)
