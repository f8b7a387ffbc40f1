"""Fields are written one way, whatever the message; all else is refused with the notation."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xinlian.apps.supply_chain.messages import IssueCertificate, ProposeCertificate
from xinlian.bootstrap import build_registry
from xinlian.cli.message_fields import (
    FieldRefused,
    field_types,
    notation_of,
    parse_amount,
    parse_field,
    parse_moment,
)
from xinlian.modules.accounts.messages import Transfer
from xinlian.modules.members.messages import SetMandate
from xinlian.modules.members.types import organisation_id
from xinlian.primitives import format_id
from xinlian.primitives.time import day_of_iso
from xinlian.testing.consortium import demo_uscc

CHAIN = "test-fields"
NOW_MS = 1_796_000_000_000


def parse(message_type, name, text):
    return parse_field(name, field_types(message_type)[name], text, CHAIN, NOW_MS)


def test_each_kind_of_field_has_its_notation():
    assert parse(ProposeCertificate, "face_minor", "1000000.00") == 1_000_000_00
    assert parse(ProposeCertificate, "due_day", "2027-03-01") == day_of_iso("2027-03-01")
    assert parse(ProposeCertificate, "invoice_root", "ab" * 32) == b"\xab" * 32
    certificate = bytes(range(20))
    assert parse(IssueCertificate, "certificate", format_id("cert", certificate)) == certificate
    assert parse(IssueCertificate, "authority_until_ms", "+2h") == NOW_MS + 7_200_000
    moment = parse(IssueCertificate, "authority_until_ms", "2027-03-01T00:00:00+08:00")
    assert moment == day_of_iso("2027-03-01") * 86_400_000 - 8 * 3_600_000


def test_an_organisation_may_be_named_by_its_code():
    code = demo_uscc(1)
    party = parse_field("buyer", field_types(IssueCertificate)["certificate"], code, CHAIN, NOW_MS)
    assert party == organisation_id(CHAIN, code)


def test_rules_of_a_mandate_are_json_with_the_same_notations():
    key = format_id("key", b"k" * 20)
    text = f'[{{"keys": ["{key}"], "threshold": 1, "cap_minor": "5.00", "expires_at_ms": 0}}]'
    (rule,) = parse(SetMandate, "rules", text)
    assert (rule.keys, rule.threshold, rule.cap_minor) == ((b"k" * 20,), 1, 500)
    (capped,) = parse(SetMandate, "rules", text.replace("}]", ', "daily_cap_minor": "9.00"}]'))
    assert capped.daily_cap_minor == 900


def test_a_message_type_is_written_by_name_or_number():
    number = Transfer.__struct_config__.tag
    assert parse(SetMandate, "message_type", "accounts.Transfer") == number
    assert parse(SetMandate, "message_type", str(number)) == number
    with pytest.raises(FieldRefused, match=r"did you mean .*accounts\.Transfer"):
        parse(SetMandate, "message_type", "accounts.Transfers")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("face_minor", "1000000.001"),
        ("face_minor", "-1"),
        ("face_minor", "1e6"),
        ("face_minor", "１"),
        ("face_minor", ""),
        ("due_day", "01.03.2027"),
        ("due_day", "2027-02-30"),
        ("invoice_root", "not hexadecimal"),
        ("deposit", "asset_toolong" + "a" * 40),
    ],
)
def test_what_is_not_in_its_notation_is_refused_with_it(name, text):
    with pytest.raises(FieldRefused, match=f"{name}: expected") as caught:
        parse(ProposeCertificate, name, text)
    assert notation_of(name, field_types(ProposeCertificate)[name]) in str(caught.value)


@pytest.mark.parametrize(
    "text", ["{", "1", '{"keys": []}', "[[1]]", '[{"nothing": 1}]', "[" * 99_999]
)
def test_json_of_another_shape_is_refused(text):
    with pytest.raises(FieldRefused, match="rules"):
        parse(SetMandate, "rules", text)


@given(st.integers(min_value=0, max_value=10**17))
def test_an_amount_is_exact(minor):
    assert parse_amount(f"{minor // 100}.{minor % 100:02}") == minor


def test_a_moment_needs_its_offset():
    with pytest.raises(ValueError, match="offset"):
        parse_moment("2027-03-01T00:00:00", NOW_MS)


def test_every_field_of_every_message_has_a_notation():
    for message_type in build_registry().messages.values():
        for name, annotation in field_types(message_type).items():
            assert notation_of(name, annotation)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("deposit", demo_uscc(1)[:-1] + "X", "its check character does not fit"),
        ("due_day", "soon", "date, YYYY-MM-DD"),
    ],
)
def test_people_are_told_what_is_wrong_and_not_what_python_says(name, text, said):
    with pytest.raises(FieldRefused, match=said) as refused:
        parse(ProposeCertificate, name, text)
    assert "fromhex" not in str(refused.value)
