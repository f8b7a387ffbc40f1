"""A supplier's page of facts: what it holds, when paid, why refused, how to contest."""

import json
from pathlib import Path

import pytest

from unit.readmodels.stories import open_model, sqlite_address, tell_late
from xinlian.api import BackgroundServer, create_app
from xinlian.bootstrap import build_registry
from xinlian.cli import facts as page
from xinlian.cli.app import build_app
from xinlian.cli.facts import command_of, contest, facts, facts_of
from xinlian.client.session import Session
from xinlian.contracts.message import type_name
from xinlian.modules.accounts.messages import Transfer
from xinlian.readmodels import Projector


@pytest.fixture(scope="module")
def supplier(tmp_path_factory):
    """Give (how to open a session of a party, what was told): core paid supplier2 late.

    At the end of the story supplier1 sends more than it has.
    """
    told = tell_late()
    consortium = told.consortium
    own, other = consortium.account("supplier1"), consortium.account("core")
    consortium.send("supplier1", Transfer(own, other, 10**11), roles=("finance-1", "finance-2"))
    model = open_model(sqlite_address(tmp_path_factory.mktemp("facts")), consortium)
    projector = Projector(model, told.store)
    projector.notify(consortium.node.head().header.height)
    with BackgroundServer(create_app(consortium.node, model, projector)) as server:
        assert projector.wait_for(consortium.node.head().header.height, 30)
        yield lambda name: Session.connect(consortium[name], [server.url]), told
    projector.close()
    model.close()
    consortium.close()


def test_what_is_held_paid_and_refused_is_that_of_the_ledger(supplier):
    opening, told = supplier
    with opening("supplier1") as session:
        found = facts_of(session)
    with opening("supplier2") as session:
        payments = facts_of(session)["payments"]
    assert found["party"] == told.party_text("supplier1")
    assert {row["holder"] for row in found["held"]} <= {found["party"]}
    assert found["held"]
    assert {row["payee"] for row in payments} == {told.party_text("supplier2")}
    assert "paid" in {row["en"] for row in payments}
    assert all(row["status_ms"] for row in payments)
    (refused,) = found["refused"]
    assert refused["reference"] == "accounts/below_lower_bound"
    assert refused["zh"]
    assert "减少金额" in refused["cure"]
    assert "send less" in refused["cure"]


def test_every_row_is_said_in_both_languages_and_the_page_is_json(supplier):
    with supplier[0]("supplier2") as session:
        found = json.loads(json.dumps(facts_of(session)))
    for part in ("held", "payments", "verdicts", "refused", "contest"):
        assert all(row["zh"] and row["en"] for row in found[part]), part


def test_people_read_the_same_page(supplier, monkeypatch, capsys):
    monkeypatch.setattr(page, "opened", lambda _: supplier[0]("supplier1"))
    facts(Path())
    shown = capsys.readouterr().out
    for text in ("持有 / what you hold", "付款 / when paid", "被拒 / why refused", "异议 / how to"):
        assert text in shown
    assert "accounts/below_lower_bound" in shown


def test_each_way_to_contest_is_a_command_that_there_is():
    names = {type_name(kind) for kind in build_registry().messages.values()}
    ways = contest()
    assert {way["message"] for way in ways} <= names
    assert "xinlian tx supply-chain open-dispute" in {way["command"] for way in ways}
    assert all(way["signs"] for way in ways)
    groups = {group.name for group in build_app().registered_groups}
    assert "tx" in groups
    assert command_of("supply_chain.OpenDispute") == "xinlian tx supply-chain open-dispute"
