"""Heads from the command line: saved, countersigned, stamped, attached, compared; and verified.

Roles: bank runs the node; core and settle are members; supplier1 is a participant.
"""

import contextlib
import json
import os
import shutil
import subprocess
import sys

import msgspec
import pytest

from support.authority import Authority, needs_openssl, served
from support.terminal import ROOT, Desk, call, refused, run
from xinlian.api import BackgroundServer
from xinlian.bootstrap import run_node
from xinlian.cli import heads
from xinlian.client.heads import checkpoint_file
from xinlian.client.session import Session
from xinlian.crypto.codec import decode, encode
from xinlian.crypto.receipt_format import ENGINE_EMBEDDED, HASH_SUITE, RECEIPT_FORMAT
from xinlian.ledger.genesis import genesis_hash
from xinlian.ledger.header import (
    SignedHeader,
    encode_head,
    header_hash,
    header_signing_bytes,
)
from xinlian.modules.accounts.messages import Transfer
from xinlian.primitives import parse_id
from xinlian.verifier import root_of_genesis

VECTORS = ROOT / "tests" / "unit" / "verifier"
NETWORK_RECEIPT = VECTORS / "cometbft_receipt.bin"
NETWORK_GENESIS = VECTORS / "cometbft_genesis.json"


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    desk = Desk(tmp_path_factory.mktemp("heads"))
    for name, organisation in desk.organisations.items():
        call(
            *("home", "create", "--home", desk.home(name), "--genesis", str(desk.genesis)),
            *("--uscc", organisation.uscc, "--name", organisation.name),
            *("--node", desk.server.url),
        )
    yield desk
    desk.close()


def pay(desk, *more):
    return call(
        *("tx", "accounts", "transfer", "--from-account", desk.account("core")),
        *("--to-account", desk.account("bank"), "--amount-minor", "100.00"),
        *("--sign", "finance-1", "--home", desk.home("core"), *more),
    )


def verify(desk, file, *more):
    return call("verify", str(file), "--genesis", str(desk.genesis), "--allow-simulated", *more)


def countersign(desk, name):
    return call("head", "countersign", "--sign", "finance-1", "--home", desk.home(name))


def test_a_receipt_rests_on_every_member_that_countersigned_its_head_or_a_later_one(desk):
    transaction = pay(desk)["transaction"]
    before, after = desk.folder / "before.receipt", desk.folder / "after.receipt"
    call("receipt", transaction[:12], "-o", str(before), "--home", desk.home("core"))
    pay(desk)
    for name in ("core", "settle"):
        assert countersign(desk, name)["new"]
        assert not countersign(desk, name)["new"]
    call("receipt", transaction, "-o", str(after), "--home", desk.home("core"))
    alone = verify(desk, before)["assumption"]
    assert "operator of the embedded engine alone" in alone
    words = verify(desk, after)
    for name in ("core", "settle"):
        assert desk.organisations[name].name in words["assumption"]
        assert desk.organisations[name].name in words["assumption_zh"]
    stronger = desk.folder / "stronger.receipt"
    call("head", "attach", str(before), "-o", str(stronger), "--home", desk.home("core"))
    assert verify(desk, stronger)["assumption"] == words["assumption"]


def test_a_participant_and_the_operators_key_do_not_countersign(desk):
    pay(desk)
    sign = ("head", "countersign", "--home")
    supplier = refused(*sign, desk.home("supplier1"), "--sign", "finance-1")
    assert supplier == "api/countersignature_refused"
    assert refused(*sign, desk.home("bank"), "--sign", "operator") == "client/operator_key"
    assert refused(*sign, desk.home("core"), "--sign", "nobody") == "client/no_such_role"


def test_a_checkpoint_takes_the_place_of_the_genesis_file_and_holds_no_account(desk):
    transaction = pay(desk)["transaction"]
    countersign(desk, "core")
    saved, receipt = desk.folder / "head.checkpoint", desk.folder / "paid.receipt"
    shown = call("head", "save", "-o", str(saved), "--home", desk.home("core"))
    call("receipt", transaction, "-o", str(receipt), "--home", desk.home("core"))
    report = call("verify", str(receipt), "--checkpoint", str(saved), "--allow-simulated")
    assert report["trust_root"] == "checkpoint"
    assert report["headers"][0]["height"] == shown["height"]
    assert "the very chain" in report["assumption"]
    account_numbers = [
        account["account_number"]
        for account in json.loads(desk.genesis.read_text())["sections"]["accounts"]["accounts"]
    ]
    assert not any(number.encode() in saved.read_bytes() for number in account_numbers)
    assert verify(desk, saved)["heights"] == [shown["height"]]
    neither = ("verify", str(receipt), "--allow-simulated")
    assert refused(*neither) == "cli/one_root"
    both = (*neither, "--genesis", str(desk.genesis), "--checkpoint", str(saved))
    assert refused(*both) == "cli/one_root"


def test_what_is_proven_is_said_in_words_and_what_it_rests_on_too(desk):
    transaction = pay(desk)["transaction"]
    receipt = desk.folder / "said.receipt"
    call(
        *("receipt", transaction, "-o", str(receipt), "--home", desk.home("core")),
        *("--state", f"account:{desk.account('core')}"),
    )
    code, out = run("verify", str(receipt), "--genesis", str(desk.genesis), "--allow-simulated")
    assert code == 0
    flat = "".join(out.split())
    assert f"所有人{desk.organisations['core'].name},余额" in flat
    assert "ownedby" in flat
    assert transaction in out  # whole, on one line
    assert "仅依据嵌入式引擎运营者" in flat


def test_two_heads_are_compared_and_a_files_head_with_the_nodes(desk):
    home = desk.home("core")
    one, other = desk.folder / "one.checkpoint", desk.folder / "other.checkpoint"
    height = pay(desk)["height"]
    call("head", "save", "-o", str(one), "--height", str(height), "--home", home)
    call("head", "save", "-o", str(other), "--height", str(height), "--home", home)
    for more in ((), (str(other),)):
        found = call("head", "compare", str(one), *more, "--home", home)
        assert found == {"contradiction": False, "same_heights": [height], "compared": True}
    assert refused("head", "compare", str(desk.genesis), "--home", home)


def test_heads_of_different_heights_are_not_compared_and_the_exit_status_says_so(desk, capsys):
    home = desk.home("core")
    one, other = desk.folder / "lower.checkpoint", desk.folder / "higher.checkpoint"
    for file in (one, other):
        height = pay(desk)["height"]
        call("head", "save", "-o", str(file), "--height", str(height), "--home", home)
    code, out = run("head", "compare", str(one), str(other), "--home", home, "--json")
    assert code == heads.EXIT_NOT_COMPARED
    assert json.loads(out) == {"contradiction": False, "same_heights": [], "compared": False}
    assert "save both at one height" in capsys.readouterr().err


def test_what_holds_no_head_and_who_countersigns_none_are_told_what_to_do_next(desk, tmp_path):
    empty, home = tmp_path / "empty.receipt", desk.home("core")
    empty.write_bytes(encode((RECEIPT_FORMAT, ENGINE_EMBEDDED, HASH_SUITE, None, None)))
    reference, said = detail("head", "compare", str(empty), "--home", home)
    assert reference == "client/not_a_header"
    assert "xinlian head save" in said
    sign = ("head", "countersign", "--sign", "finance-1", "--home", desk.home("supplier1"))
    reference, said = detail(*sign)
    assert reference == "api/countersignature_refused"
    assert "ask a member" in said


def home_on(desk, data, away):
    """Return a home of the core's whose chain begins with another genesis file."""
    shutil.copytree(desk.home("core"), away)
    (away / "genesis.json").chmod(0o600)
    (away / "genesis.json").write_bytes(data)
    before = genesis_hash(desk.genesis.read_bytes()).hex().encode()
    for file in away.glob("profile*"):
        file.write_bytes(file.read_bytes().replace(before, genesis_hash(data).hex().encode()))
    return str(away)


def test_on_a_network_no_head_is_called_a_fraud_and_what_proves_instead_is_said(desk, tmp_path):
    genesis = json.loads(desk.genesis.read_bytes())
    operator = genesis["operators"][0]["public_key"]
    validator = {"operator": operator, "public_key": "11" * 32, "power": 1}
    genesis["sections"]["validators"] = {"begins_at_ms": 1, "validators": [validator]}
    away = home_on(desk, json.dumps(genesis).encode(), tmp_path / "home")
    written = tmp_path / "head.checkpoint"
    for command in (
        ("save", "-o", str(written), "--height", "3"),
        ("save", "-o", str(written)),
        ("compare", str(desk.genesis)),
        ("countersign", "--sign", "finance-1"),
    ):
        reference, said = detail("head", *command, "--home", away)
        assert reference == "client/no_heads_on_a_network"
        assert "votes" in said
        assert "投票" in said
        assert "xinlian head save --receipt" in said
        assert "second history" not in said
    assert not written.exists()


def test_a_networks_receipt_gives_the_checkpoint_that_verifies_it(desk, tmp_path):
    away = home_on(desk, NETWORK_GENESIS.read_bytes(), tmp_path / "home")
    receipt, written = str(NETWORK_RECEIPT), tmp_path / "head.checkpoint"
    command = ("head", "save", "--receipt", receipt, "-o", str(written), "--home", away)
    saved = call(*command)
    assert len(saved["validators"]) >= 3
    by_checkpoint = ("verify", receipt, "--checkpoint", str(written))
    found = call(*by_checkpoint, "--allow-simulated")
    assert (found["mode"], found["trust_root"]) == ("archival", "checkpoint")
    reference, said = detail(*by_checkpoint, "--allow-simulated", "--live")
    assert reference == "verifier/refused"
    assert "live" in said
    assert "head save --receipt" in said


def second_history(desk, path):
    """Write a checkpoint of a head that the operator signed beside the node's own."""
    signed = desk.node.node.head()
    other = msgspec.structs.replace(signed.header, time_ms=signed.header.time_ms + 1)
    operator = desk.organisations["bank"].keys["operator"]
    signature = operator.sign(header_signing_bytes(header_hash(other)))
    head = decode(encode_head(SignedHeader(other, ((operator.public_key, signature),))))
    root = root_of_genesis(desk.genesis.read_bytes())
    assert isinstance(head, tuple)
    path.write_bytes(checkpoint_file(root, (*head, (), (), ())))


def test_an_operator_that_shows_two_histories_is_proven_to_everybody(desk):
    pay(desk)
    forged, proof = desk.folder / "forged.checkpoint", desk.folder / "two-histories.proof"
    second_history(desk, forged)
    compare = ("head", "compare", str(forged), "--home", desk.home("core"))
    assert refused(*compare, "--proof", str(proof)) == "client/operator_equivocated"
    assert verify(desk, proof)["equivocation"]
    program = (
        f"import sys, runpy; sys.path.insert(0, {str(ROOT / 'src')!r}); "
        f"sys.argv = ['verifier', {str(proof)!r}, '--genesis', {str(desk.genesis)!r}, "
        "'--allow-simulated']; runpy.run_module('xinlian.verifier', run_name='__main__')"
    )
    alone = subprocess.run(  # the stranger's verifier, with nothing but Python
        [sys.executable, "-I", "-S", "-c", program],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert alone.returncode == 0, alone.stderr
    assert "two different headers" in json.loads(alone.stdout)["statement"]
    code, out = run("verify", str(proof), "--genesis", str(desk.genesis), "--allow-simulated")
    assert code == 0
    assert "两套历史" in out


def test_a_member_that_watches_signs_each_new_head_until_it_is_interrupted(desk, monkeypatch):
    heights = []

    def interrupted_after_two(seconds):
        assert seconds == heads.INTERVAL_SECONDS
        heights.append(pay(desk)["height"])
        if len(heights) > 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(heads, "_pause", interrupted_after_two)
    watch = ("head", "countersign", "--watch", "--sign", "finance-1", "--home", desk.home("settle"))
    assert run(*watch)[0] == 0
    monkeypatch.undo()
    kept = desk.node.node.countersignatures.between(heights[0], heights[1], 99)
    key = desk.organisations["settle"].keys["finance-1"].public_key
    assert [entry.height for entry in kept if entry.public_key == key] == heights[:2]


def test_an_expired_transaction_is_proven_from_the_bytes_that_were_kept(desk):
    kept, proof = desk.folder / "kept.transaction", desk.folder / "expired.receipt"
    sent = pay(desk, "--keep", str(kept))
    assert kept.stat().st_mode & 0o777 == 0o600
    home = desk.home("core")
    asked = ("receipt", str(kept), "--expired", "-o", str(proof), "--home", home)
    assert refused(*asked) == "api/not_found"  # it was ordered
    with contextlib.closing(Session.connect(desk.organisations["core"], [desk.server.url])) as core:
        signed, valid_until_ms = core.sign(transfer(desk), roles=["finance-1"])
    kept.write_bytes(signed.raw)
    advance(desk, valid_until_ms + 1)
    call(*asked)
    report = verify(desk, proof)
    assert report["expired_transaction_id"] == signed.transaction_id.hex()
    assert report["transaction_id"] == ""
    assert sent["transaction"] != signed.transaction_id.hex()
    both = ("--state", f"account:{desk.account('core')}")
    assert refused(*asked, *both) == "cli/options_conflict"


def detail(*arguments):
    """Run a command that must be refused; return (reference, all that it says)."""
    code, out = run(*arguments, "--json")
    assert code == 1, out
    error = json.loads(out)
    return error["error"], f"{error['detail']} → {error['next_step']}"


def test_what_keep_cannot_do_is_said_and_no_file_is_written(desk, tmp_path):
    kept, away = tmp_path / "kept.transaction", tmp_path / "away"
    copy_home(desk, away, "http://127.0.0.1:9")
    transfer_away = (
        *("tx", "accounts", "transfer", "--from-account", desk.account("core")),
        *("--to-account", desk.account("bank"), "--amount-minor", "100.00"),
        *("--sign", "finance-1", "--keep", str(kept), "--home"),
    )
    reference, said = detail(*transfer_away, str(away))
    assert reference == "client/node_unreachable"
    assert "nothing was signed or kept" in said
    here = desk.home("core")
    assert refused(*transfer_away, here, "--dry-run") == "cli/options_conflict"
    assert not kept.exists()
    kept.write_bytes(b"mine")
    assert refused(*transfer_away, here) == "cli/file_exists"
    assert kept.read_bytes() == b"mine"


def test_options_that_a_receipt_would_leave_unheeded_are_refused_with_the_cure(desk, tmp_path):
    transaction = pay(desk)["transaction"]
    written = tmp_path / "none.receipt"
    asked = ("receipt", transaction, "-o", str(written), "--home", desk.home("core"))
    reference, said = detail(*asked, "--at-height", "1")
    assert reference == "cli/options_conflict"
    assert "add --state" in said
    reference, said = detail(*asked, "--expired")
    assert reference == "cli/file_unreadable"
    assert "--keep" in said
    assert not written.exists()


def test_a_restored_node_says_where_it_begins_when_asked_for_an_older_receipt(desk, tmp_path):
    transaction = pay(desk)["transaction"]
    home, data, taken = desk.home("core"), tmp_path / "node", tmp_path / "taken"
    subprocess.run(
        [
            *(sys.executable, "-m", "xinlian.cli", "node", "snapshot", "--home", home),
            *("--data", str(desk.folder / "node"), "--to", str(taken)),
        ],
        check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    restored = call("node", "restore", "--home", home, "--data", str(data), "--from", str(taken))
    operator = desk.organisations["bank"].keys["operator"]
    with (
        run_node(data, desk.genesis.read_bytes(), operator) as node,
        BackgroundServer(node.app) as server,
    ):
        copy_home(desk, tmp_path / "core", server.url)
        written = ("-o", str(tmp_path / "old.receipt"), "--home", str(tmp_path / "core"))
        reference, said = detail("receipt", transaction, *written)
    assert reference == "api/not_found"
    assert f"begins at height {restored['height']}" in said
    assert "archive" in said


def copy_home(desk, folder, url):
    """Make a home of the core enterprise that asks another node."""
    shutil.copytree(desk.home("core"), folder)
    for file in folder.glob("profile*"):
        file.write_bytes(file.read_bytes().replace(desk.server.url.encode(), url.encode()))


@needs_openssl
def test_a_stamped_head_dates_the_receipts_before_it(desk):
    authority = Authority(desk.folder / "authority")
    home = desk.home("core")
    transaction = pay(desk)["transaction"]
    receipt, head = desk.folder / "dated.receipt", desk.folder / "dated.checkpoint"
    stamped, query = desk.folder / "stamped.checkpoint", desk.folder / "query.tsq"
    call("receipt", transaction, "-o", str(receipt), "--home", home)
    pay(desk)
    call("head", "save", "-o", str(head), "--home", home)
    anchor = ("head", "anchor", str(head), "-o", str(stamped), "--home", home)
    with served(authority) as url:
        assert call(*anchor, "--tsa", url)["token_bytes"] > 0
    call(
        *("head", "attach", str(receipt), "--anchor", str(stamped), "-o", str(receipt)),
        *("--home", home),
    )
    assert "not checked" in verify(desk, receipt)["assumption"]
    report = verify(desk, receipt, "--tsa-certificate", str(authority.root))
    (stamp,) = report["headers"][0]["time_stamps"]
    assert (stamp["is_checked"], stamp["authority"]) == (True, "CN=Test Authority")
    call(*anchor, "--query", str(query))
    reply = desk.folder / "reply.tsr"
    reply.write_bytes(authority.stamp(query.read_bytes()))
    call(*anchor, "--tsa-file", str(reply))
    reply.write_bytes(authority.stamp_digest(bytes(32), "-cert"))
    assert refused(*anchor, "--tsa-file", str(reply)) == "client/time_stamp_of_another"
    assert refused(*anchor) == "cli/one_source"


def transfer(desk):
    core, bank = (parse_id("account", desk.account(name)) for name in ("core", "bank"))
    return Transfer(core, bank, 100)


def advance(desk, to_ms):
    call(
        *("tx", "schedule", "advance-clock", "--target-ms", str(to_ms)),
        *("--sign", "operator", "--home", desk.home("bank")),
    )
    desk.node.engine.wait_until(lambda: desk.node.node.head().header.time_ms >= to_ms)
