"""A portrait is the firm's own; another sees what a recorded read under a live consent opens."""

import pytest

from unit.modules.consent.consenting import READER, SUBJECT, Consenting, read_of
from unit.readmodels.stories import open_model, sqlite_address
from xinlian.modules.consent.messages import RevokeConsent
from xinlian.primitives import format_id
from xinlian.readmodels import ReadModel
from xinlian.readmodels.errors import (
    ConsentNotInForce,
    CursorInvalid,
    FigureUnknown,
    HeightUnknown,
    ReadNotRecorded,
)
from xinlian.testing import Consortium
from xinlian.testing.trade import FACE_MINOR, Trade


class Case(Consenting):
    """A consortium with one trade, and its read model."""

    model: ReadModel

    def ask(self, name=READER, **wanted):
        self.model.project(self.c.engine.application.store)
        subject = format_id("party", self.c[SUBJECT].party)
        return self.model.portrait(self.c[name].party, subject, **wanted)

    def facts(self, figure, name=READER, **wanted):
        self.model.project(self.c.engine.application.store)
        subject = format_id("party", self.c[SUBJECT].party)
        return self.model.portrait_facts(self.c[name].party, subject, figure, **wanted)


@pytest.fixture
def case(tmp_path):
    consortium = Consortium()
    trade = Trade(consortium)
    trade.register()
    trade.certify(FACE_MINOR // 2)
    trade.certify(FACE_MINOR // 2)
    made = Case(consortium)
    made.model = open_model(sqlite_address(tmp_path), consortium)
    yield made
    made.model.close()
    consortium.close()


def test_the_firm_sees_all_of_its_own_portrait_at_any_height(case):
    own = case.ask(SUBJECT)
    assert len(own.data_kinds) == 4
    assert own.read_id == ""
    assert {f.name: f.value for f in case.ask(SUBJECT, as_of_height=0).figures}["receivables"] == (
        "0"
    )
    with pytest.raises(HeightUnknown):
        case.ask(SUBJECT, as_of_height=own.height + 1)


def test_without_any_consent_there_is_nothing_to_see(case):
    assert case.ask() is None
    assert case.facts("receivables") is None


def test_a_consent_alone_opens_nothing_until_a_read_is_recorded(case):
    consent = case.given()
    with pytest.raises(ReadNotRecorded):
        case.ask()
    case.send(READER, read_of(consent, kinds=("activity",)))
    seen = case.ask()
    assert seen.data_kinds == ("activity",)
    assert {figure.data_kind for figure in seen.figures} == {"activity"}
    assert case.ask("settle") is None


def test_a_reader_sees_the_height_of_its_read_and_no_later_one(case):
    case.send(READER, read_of(case.given()))
    read_at = case.c.engine.height()
    Trade(case.c, "later").register()
    seen = case.ask()
    assert seen.as_of_height == read_at < seen.height
    with pytest.raises(HeightUnknown):
        case.ask(as_of_height=read_at + 1)


def test_a_revoked_or_ended_consent_opens_nothing_though_a_read_was_recorded(case):
    revoked = case.given()
    case.send(READER, read_of(revoked))
    case.send(SUBJECT, RevokeConsent(revoked))
    with pytest.raises(ConsentNotInForce):
        case.ask()
    ended = case.given(2)
    case.send(READER, read_of(ended))
    assert case.ask() is not None
    case.c.advance_to(case.consent(ended).until_ms + 1)
    case.c.settle_due_work()
    with pytest.raises(ConsentNotInForce):
        case.ask()


def test_facts_of_a_figure_are_paged_and_within_the_consent(case):
    case.send(READER, read_of(case.given(), kinds=("activity",)))
    first = case.facts("receivables", limit=1)
    second = case.facts("receivables", limit=1, cursor=first.next_cursor)
    assert second.next_cursor is None
    whole = case.facts("receivables")
    assert (*first.rows, *second.rows) == whole.rows
    assert {row.fact_id for row in whole.rows} == {
        one for f in case.ask().figures if f.name == "receivables" for one in f.fact_ids
    }
    for figure in ("buyers", "gossip"):
        with pytest.raises(FigureUnknown):
            case.facts(figure)
    with pytest.raises(CursorInvalid):
        case.facts("receivables_amount", cursor=first.next_cursor)
