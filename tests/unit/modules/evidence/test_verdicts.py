"""Verdicts: who is heard about a claim, what is refused, and what counts."""

import msgspec
import pytest

from unit.apps.supply_chain.looking import try_out
from xinlian.apps.supply_chain.messages import ReleaseLock
from xinlian.modules.evidence.messages import SubmitVerdict
from xinlian.modules.evidence.policy import VERDICT_ROLES
from xinlian.modules.evidence.types import VERDICTS
from xinlian.modules.evidence.verdicts import official_verifiers
from xinlian.modules.members.roles import OfficialRole
from xinlian.primitives.time import MS_PER_DAY
from xinlian.testing import Consortium
from xinlian.testing.trade import SUCCEEDED, Trade

replace = msgspec.structs.replace
NOT_VERIFIER = "evidence/not_verifier"


@pytest.fixture
def trade():
    """A trade whose invoice is registered and corroborated."""
    consortium = Consortium()
    registered = Trade(consortium)
    registered.register()
    yield registered
    consortium.close()


def gives(trade: Trade, name: str) -> str:
    return try_out(trade.consortium, name, trade.verdict()).reference


def test_a_verdict_is_checked_in_its_order_and_the_latest_counts(trade):
    c = trade.consortium
    good = trade.verdict()
    rows: list[tuple[str, SubmitVerdict, str]] = [
        ("bank", replace(good, outcome=9, subject=bytes(32)), "evidence/verdict_malformed"),
        ("bank", replace(good, failures=("quantity",)), "evidence/verdict_malformed"),
        ("bank", replace(good, outcome=3), "evidence/verdict_malformed"),
        ("bank", replace(good, subject=bytes(32), expires_at_ms=0), "evidence/unknown_subject"),
        ("bank", replace(good, expires_at_ms=c.now_ms()), NOT_VERIFIER),
        ("core", replace(good, expires_at_ms=c.now_ms()), "evidence/verdict_malformed"),
        (
            "core",
            replace(good, document_roots=(bytes(32),)),
            "evidence/verdict_on_unknown_document",
        ),
        ("core", good, SUCCEEDED),
    ]
    for name, message, expected in rows:
        tried = try_out(c, name, message)
        assert tried.reference == expected, message
        assert tried.changes_nothing == (expected != SUCCEEDED)
    trade.step("core", good)
    trade.step("core", replace(good, outcome=2, failures=("quantity",)))
    with c.engine.application.store.snapshot() as snapshot:
        found = VERDICTS.require(snapshot, trade.root("invoice"), c["core"].party)
    assert (found.outcome, found.failures) == (2, ("quantity",))


def test_a_financier_is_heard_about_a_claim_while_it_is_asked_to_finance_it(trade):
    c = trade.consortium
    leaf = trade.certify()[1]
    other = Trade(c, "other")
    other.register()
    assert gives(trade, "bank") == NOT_VERIFIER, "nobody asked it yet"
    trade.request(leaf, days=1)
    assert gives(trade, "bank") == SUCCEEDED
    assert gives(other, "bank") == NOT_VERIFIER, "it was asked about another invoice"
    assert gives(trade, "settle") == NOT_VERIFIER, "another bank was asked"
    trade.step("supplier1", ReleaseLock(leaf))
    assert gives(trade, "bank") == NOT_VERIFIER, "the holder let it go"
    trade.request(leaf, days=1)
    c.advance_to(c.now_ms() + MS_PER_DAY + 1)
    assert gives(trade, "bank") == NOT_VERIFIER, "the request ended by itself"
    trade.finance(leaf)
    assert gives(trade, "bank") == NOT_VERIFIER, "it has paid: there is nothing to decide"


@pytest.mark.parametrize(
    ("roles", "court_is_heard", "regulator_is_heard"),
    [
        (0, False, False),
        (1 << OfficialRole.COURT, True, False),
        (1 << OfficialRole.COURT | 1 << OfficialRole.REGULATOR, True, True),
    ],
)
def test_an_official_is_heard_where_policy_names_its_role(
    roles, court_is_heard, regulator_is_heard
):
    c = Consortium(
        more_members=("judge", "office"),
        official_roles={"judge": ("court",), "office": ("regulator",)},
        policy={VERDICT_ROLES: roles},
    )
    trade = Trade(c)
    trade.register()
    assert (gives(trade, "judge") == SUCCEEDED) == court_is_heard
    assert (gives(trade, "office") == SUCCEEDED) == regulator_is_heard
    assert gives(trade, "bank") == NOT_VERIFIER
    c.close()


def test_the_court_is_heard_by_default(trade):
    with trade.consortium.engine.application.store.snapshot() as state:
        assert official_verifiers(state, trade.consortium.now_ms()) == (OfficialRole.COURT,)


def test_a_verdict_lasts_no_longer_than_policy_lets_it(trade):
    c = trade.consortium
    longest = replace(trade.verdict(), expires_at_ms=c.now_ms() + 7 * MS_PER_DAY)
    assert try_out(c, "core", longest).reference == SUCCEEDED
    longer = replace(longest, expires_at_ms=longest.expires_at_ms + 2)
    assert try_out(c, "core", longer).reference == "evidence/verdict_malformed"


def test_verifiers_are_bounded_and_both_sides_have_their_place(trade, monkeypatch):
    monkeypatch.setattr("xinlian.modules.evidence.verdicts.VERIFIERS_PER_SUBJECT_MAX", 4)
    c = Consortium(
        more_members=("one", "two", "three"),
        official_roles=dict.fromkeys(("one", "two", "three"), ("court",)),
    )
    trade = Trade(c)
    trade.register()
    for name in ("one", "two"):
        trade.step(name, trade.verdict())
    assert gives(trade, "three") == "evidence/too_many_verifiers"
    assert gives(trade, "one") == SUCCEEDED, "it replaces its own"
    for name in ("core", "supplier1"):
        trade.step(name, trade.verdict())
    c.close()
