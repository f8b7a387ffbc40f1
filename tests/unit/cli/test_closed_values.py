"""Fields with a closed list of values show it in their help."""

from xinlian.bootstrap import build_registry
from xinlian.cli.closed_values import closed_fields, closed_values
from xinlian.cli.message_fields import field_types
from xinlian.cli.transactions import _field_help
from xinlian.contracts.message import type_name
from xinlian.modules.consent.messages import GrantConsent
from xinlian.modules.evidence.messages import RecordFact, SubmitVerdict
from xinlian.modules.evidence.types import FactKind


def test_every_name_in_the_tables_is_a_field_of_a_message():
    messages = build_registry().messages.values()
    names = {name for kind in messages for name in field_types(kind)}
    full = {f"{type_name(kind)}.{name}" for kind in messages for name in field_types(kind)}
    assert closed_fields() <= names | full


def test_numbers_are_told_with_what_they_mean_and_texts_as_they_are_written():
    assert closed_values(SubmitVerdict, "outcome") == ("1 = pass", "2 = hold", "3 = block")
    assert closed_values(RecordFact, "kind") == tuple(FactKind)
    assert closed_values(RecordFact, "document_root") == ()
    assert "loan_approval" in closed_values(GrantConsent, "purpose")


def test_help_lists_them_in_both_languages():
    shown = _field_help(SubmitVerdict, "outcome", field_types(SubmitVerdict)["outcome"])
    assert "取值 1 = pass, 2 = hold, 3 = block" in shown
    assert "one of 1 = pass, 2 = hold, 3 = block" in shown
