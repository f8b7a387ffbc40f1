"""Consents given, read under, revoked and run out: their rows equal the state's, for both sides."""

import pytest

from unit.modules.consent.consenting import READER, SUBJECT, Consenting, read_of
from unit.readmodels.conftest import Projected
from unit.readmodels.projection.test_beginning import comparable
from unit.readmodels.stories import Told, open_model, sqlite_address
from xinlian.ledger.pruning import prune
from xinlian.modules.consent.messages import RevokeConsent
from xinlian.modules.consent.types import CONSENTS, READS, ConsentStatus
from xinlian.primitives import format_id
from xinlian.readmodels.rows import ConsentReadRow, ConsentRow
from xinlian.storage import MemoryStore
from xinlian.testing import Consortium


@pytest.fixture(scope="module")
def told():
    case = Consenting(Consortium(MemoryStore(history_heights=4)))
    told = Told(case.c)
    told.ids["open"] = case.given(60)
    told.ids["revoked"] = case.given()
    told.ids["ended"] = case.given(2, subject="settle")
    for name in ("open", "revoked", "ended", "open"):
        told.send(READER, read_of(told.ids[name]))
    told.send(SUBJECT, RevokeConsent(told.ids["revoked"]))
    case.c.advance_to(case.consent(told.ids["ended"]).until_ms + 1)
    case.c.settle_due_work()
    yield told
    case.c.close()


@pytest.fixture(scope="module")
def consented(told, tmp_path_factory):
    model = open_model(sqlite_address(tmp_path_factory.mktemp("consented")), told.consortium)
    model.project(told.store)
    yield Projected(told, model)
    model.close()


def test_consents_equal_those_of_the_state(consented):
    with consented.told.state() as state:
        expected = sorted(
            (
                format_id("consent", consent_id),
                format_id("party", c.subject),
                format_id("party", c.reader),
                c.purpose,
                c.data_kinds,
                c.from_ms,
                c.until_ms,
                c.reads_max,
                c.period_days,
                c.terms_root.hex(),
                ConsentStatus(c.status).name.lower(),
                c.ended_at_ms,
                c.read_count,
            )
            for (consent_id,), c in CONSENTS.scan(state)
        )
    fields = ConsentRow.__struct_fields__[3:]
    rows = consented.rows(ConsentRow)
    assert [tuple(getattr(row, name) for name in fields) for row in rows] == expected
    assert {row.status for row in rows} == {"given", "revoked", "ended"}


def test_reads_equal_those_of_the_state(consented):
    with consented.told.state() as state:
        expected = sorted(
            (
                format_id("consent", consent_id),
                int.from_bytes(number, "big"),
                format_id("party", read.subject),
                format_id("party", read.reader),
                read.purpose,
                read.data_kinds,
                read.request_root.hex(),
                read.read_at_ms,
            )
            for (consent_id, number), read in READS.scan(state)
        )
    assert [
        (
            row.consent_id,
            row.read_no,
            row.subject,
            row.reader,
            row.purpose,
            row.data_kinds,
            row.request_root,
            row.time_ms,
        )
        for row in consented.rows(ConsentReadRow)
    ] == expected
    assert len(expected) == 4


def test_subject_and_reader_see_consents_and_reads_and_nobody_else_does(consented):
    told, model = consented.told, consented.model
    mine = {told.text("consent", name) for name in ("open", "revoked")}
    for name, sees in ((SUBJECT, mine), (READER, mine | {told.text("consent", "ended")})):
        reader = told.party(name)
        assert {row.consent_id for row in model.consents(reader).rows} == sees
        assert {row.consent_id for row in model.consent_reads(reader).rows} == sees
        for consent_id in sees:
            assert model.consent(reader, consent_id) is not None
            events = model.events(reader, object_id=consent_id).rows
            assert [row.event_type for row in events][:2] == [
                "consent.ConsentGiven",
                "consent.ReadRecorded",
            ]
    for stranger in (told.party("core"), bytes(20)):
        assert model.consents(stranger).rows == model.consent_reads(stranger).rows == ()
        assert model.consent(stranger, told.text("consent", "open")) is None


def test_lists_are_filtered_by_subject_reader_and_status(consented):
    told, model = consented.told, consented.model
    bank = told.party(READER)
    of_settle = model.consents(bank, subject=told.party_text("settle")).rows
    assert [row.consent_id for row in of_settle] == [told.text("consent", "ended")]
    assert len(model.consents(bank, consent_reader=told.party_text(READER)).rows) == 3
    assert [row.status for row in model.consents(bank, status="given").rows] == ["given"]
    reads = model.consent_reads(bank, consent_id=told.text("consent", "open")).rows
    assert [row.read_no for row in reads] == [0, 1]


def test_a_state_whose_blocks_are_gone_gives_the_same_rows(told, consented, tmp_path):
    head = told.consortium.node.head().header.height
    list(prune(told.store, head))
    begun = open_model(sqlite_address(tmp_path, "begun.db"), told.consortium)
    assert begun.project(told.store) == head
    for name in ("consents", "consent_reads"):
        assert comparable(begun, name) == comparable(consented.model, name)
    assert comparable(begun, "readers") <= comparable(consented.model, "readers")
    begun.close()
