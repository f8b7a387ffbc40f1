"""`xinlian query credit` against a running node: what is said, who asked, what is contested."""

import json

import pytest
from typer.testing import CliRunner

from support.bureau import SUBJECT, Bureau
from xinlian.api import BackgroundServer
from xinlian.apps.credit.objection_messages import FileObjection
from xinlian.bootstrap import run_node
from xinlian.cli import credit
from xinlian.cli.logs import configure_logs
from xinlian.client.session import Session
from xinlian.modules.documents.messages import RegisterDocument
from xinlian.primitives import format_id


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    """Give (consortium, url, ids) of a node on which a court lists supplier1, which objects."""
    configure_logs(quiet=True)
    bureau = Bureau()
    c = bureau.c
    bureau.close()
    folder = tmp_path_factory.mktemp("node")
    running = run_node(folder, c.genesis_bytes, c["core"].keys["operator"])
    with running, BackgroundServer(running.app) as server:
        root, ids = b"d" * 32, {}
        with Session.connect(c["court"], [server.url]) as session:
            document = RegisterDocument(root, "credit.court_enforcement", 1)
            session.submit(document, roles=["finance-1"])
            listed = session.submit(bureau.enforcement(document_root=root), roles=["finance-1"])
            ids["record"] = format_id("record", listed.created_id("record"))
        with Session.connect(c[SUBJECT], [server.url]) as session:
            asked = bureau.inquiry("court_enforcement", purpose="self")
            found = session.submit(asked, roles=["finance-1"])
            ids["inquiry"] = format_id("inquiry", found.created_id("inquiry"))
            objection = FileObjection(listed.created_id("record"), bytes(32))
            session.submit(objection, roles=["finance-1"])
        assert running.projector.wait_for(running.node.head().header.height, 30)
        yield c, server.url, ids


@pytest.fixture
def run(desk, monkeypatch):
    """Run a credit command in an organisation's name; return its rows."""
    c, url, _ = desk

    def command(name, *arguments):
        monkeypatch.setattr(credit, "opened", lambda _: Session.connect(c[name], [url]))
        result = CliRunner().invoke(credit.credit_app, [*arguments, "--home", ".", "--json"])
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)["items"]

    return command


def test_the_subject_sees_the_record_with_its_days_and_its_mark(run, desk):
    (row,) = run(SUBJECT, "records")
    assert (row["record_id"], row["status"], row["mark"]) == (
        desk[2]["record"],
        "current",
        "marked",
    )
    assert (row["event"], row["end"]) == ("2026-08-22", "2026-11-20")
    assert run("bank", "records") == []


def test_it_sees_who_asked_and_what_answered(run, desk):
    (row,) = run(SUBJECT, "inquiries")
    assert (row["inquiry_id"], row["purpose"], row["status"]) == (
        desk[2]["inquiry"],
        "self",
        "answered",
    )
    (shown,) = run(SUBJECT, "report", desk[2]["inquiry"])
    assert shown["record_id"] == desk[2]["record"]


def test_both_sides_see_until_when_an_objection_is_answered(run, desk):
    for name in (SUBJECT, "court"):
        (row,) = run(name, "objections")
        assert (row["record_id"], row["status"]) == (desk[2]["record"], "marked")
        assert row["answer_by"] == "2026-12-20"
