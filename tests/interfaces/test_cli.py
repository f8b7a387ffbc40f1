"""What a person does by hand: each command against a running node, good and bad.

Roles: core buys and owes; supplier1 sells; settle keeps the money; bank runs the node.
"""

import io
import ipaddress
import json
import signal
import socket
import subprocess
import sys

import msgspec
import pytest

from support.terminal import CASE, Desk, call, refused, run
from xinlian.primitives.time import iso_of_ms


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    desk = Desk(tmp_path_factory.mktemp("cli"))
    for name, organisation in desk.organisations.items():
        call(
            *("home", "create", "--home", desk.home(name), "--genesis", str(desk.genesis)),
            *("--uscc", organisation.uscc, "--name", organisation.name),
            *("--node", desk.server.url),
        )
    yield desk
    desk.close()


def imported(desk, name, file):
    return call("document", "import", str(CASE / file), "--home", desk.home(name))["root"]


def test_a_party_sees_whose_home_it_is_and_its_public_keys(desk):
    shown = call("home", "show", "--home", desk.home("core"))
    assert shown["name"] == "演示核心企业"
    keys = call("keys", "list", "--home", desk.home("core"))["items"]
    assert [key["role"] for key in keys] == ["finance-1", "finance-2", "operations", "verifier"]


def test_a_document_goes_from_file_to_fact_and_verdict(desk):
    supplier, core = desk.home("supplier1"), desk.home("core")
    contract = imported(desk, "supplier1", "01-contract.json")
    assert imported(desk, "supplier1", "01-contract.json") == contract
    call("document", "register", contract, "--sign", "operations", "--home", supplier)
    package = str(desk.folder / "contract.share")
    call("document", "share", contract, "-o", package, "--home", supplier)
    assert call("document", "receive", package, "--home", core)["root"] == contract
    call("document", "countersign", contract, "--sign", "operations", "--home", core)
    invoice = imported(desk, "supplier1", "05-invoice.xml")
    call("document", "register", invoice, "--sign", "operations", "--home", supplier)
    call(
        *("tx", "supply-chain", "register-invoice", "--root", invoice),
        *("--buyer", desk.organisations["core"].uscc, "--currency", "CNY"),
        *("--gross-minor", "1130000.00", "--prepaid-minor", "130000.00"),
        *("--sign", "operations", "--home", supplier),
    )
    for root in (contract, invoice):
        call(
            *("document", "fact", root, "--subject", invoice),
            *("--sign", "operations", "--home", supplier),
        )
    checked = call("document", "check", invoice, "--sign", "verifier", "--home", supplier)
    assert checked["outcome"] == "hold"
    assert checked["submitted"]
    assert "goods_receipt.missing" in [finding["code"] for finding in checked["findings"]]
    facts = run("query", "get", f"/v1/subjects/{invoice}/facts", "--home", supplier)
    assert {fact["kind"]: fact["grade"] for fact in json.loads(facts[1])["items"]} == {
        "contract": "b",
        "invoice": "c",
    }


def test_a_payment_is_tried_sent_asked_about_and_proven(desk):
    payment = (
        *("tx", "accounts", "transfer", "--from-account", desk.account("core")),
        *("--to-account", desk.account("bank"), "--amount-minor", "100.00"),
        *("--sign", "finance-1", "--home", desk.home("core")),
    )
    assert call(*payment, "--dry-run")["would_apply"]
    accounts = call("query", "accounts", "--home", desk.home("bank"))["items"]
    before = next(a["balance_minor"] for a in accounts if a["mirrored"])
    sent = call(*payment)
    transaction = sent["transaction"]
    outcome = call("outcome", transaction, "--home", desk.home("core"))
    assert (outcome["status"], outcome["height"]) == ("committed", sent["height"])
    assert outcome["time_ms"]
    code, shown = run("outcome", transaction, "--home", desk.home("core"))
    assert code == 0
    assert shown.count(outcome["time"][:16]) == 1, "people are told the time once"
    assert "time_ms" not in shown
    desk.node.projector.wait_for(sent["height"], timeout_seconds=30)
    accounts = call("query", "accounts", "--home", desk.home("bank"))["items"]
    assert next(a["balance_minor"] for a in accounts if a["mirrored"]) == str(int(before) + 10_000)
    receipt = str(desk.folder / "payment.receipt")
    call(
        *("receipt", transaction, "-o", receipt, "--home", desk.home("core")),
        *("--state", f"account:{desk.account('core')}"),
    )
    verify = ("verify", receipt, "--genesis", str(desk.genesis))
    report = call(*verify, "--allow-simulated")
    assert (report["transaction_id"], report["effect"]) == (transaction, "已生效 applied")
    assert refused(*verify) == "verifier/refused"


def test_a_receipt_writes_over_no_file_unless_told_to(desk):
    transaction, home = a_transaction(desk), ("--home", desk.home("core"))
    there = desk.folder / "there.receipt"
    there.write_bytes(b"precious")
    write = ("receipt", transaction, "-o", str(there), *home)
    assert refused(*write) == "cli/file_exists"
    assert there.read_bytes() == b"precious"
    call(*write, "--force")
    assert call("verify", str(there), "--genesis", str(desk.genesis), "--allow-simulated")


def test_what_a_node_keeps_is_read_by_its_owner_alone(desk):
    folder = desk.folder / "node"
    kept = [folder, *folder.rglob("*")]
    assert {"chain.lmdb", "lock", "readmodel.sqlite"} <= {path.name for path in kept}
    assert [path for path in kept if path.stat().st_mode & 0o077] == []


def test_a_bank_report_is_entered_once(desk):
    report = str(CASE / "07-prepayment-camt054.xml")
    book = ("bank", "book", report, "--home", desk.home("settle"))
    roles = ("--paper-sign", "operations", "--sign", "finance-1", "--sign", "finance-2")
    assert call(*book, *roles)["items"]
    assert refused(*book, *roles) == "accounts/duplicate_bank_entry"


@pytest.mark.parametrize(
    "name",
    [
        *("parties", "policy", "accounts", "invoices", "certificates", "orders", "obligations"),
        *("documents", "bank-entries", "transactions"),
    ],
)
def test_every_list_answers_people_and_programs(desk, name):
    assert "items" in call("query", name, "--home", desk.home("settle"))
    code, out = run("query", name, "--home", desk.home("settle"))
    assert code == 0
    assert out.strip()


def test_a_node_says_how_it_is_without_a_key(desk):
    status = call("node", "status", "--url", desk.server.url)
    assert (status["ready"], status["simulated"]) == (True, True)
    assert call("node", "status", "--home", desk.home("core")) == status
    assert refused("node", "status", "--url", "http://127.0.0.1:9") == "client/node_unreachable"


def test_a_plan_becomes_a_genesis_file_and_is_checked(desk):
    plan = desk.folder / "plan.json"
    plan.write_bytes(msgspec.json.encode(desk.plan))
    built = desk.folder / "built.json"
    made = call("genesis", "build", str(plan), "-o", str(built))
    assert made == call("genesis", "check", str(built))
    assert built.read_bytes() == desk.genesis.read_bytes()
    assert refused("genesis", "build", str(plan), "-o", str(built)) == "cli/file_exists"


def plan_file(desk):
    path = desk.folder / "plan-again.json"
    path.write_bytes(msgspec.json.encode(desk.plan))
    return path


def test_a_new_role_key_is_drawn_registered_given_a_mandate_and_then_used(desk):
    home = desk.home("settle")
    release = f"{RELEASE} --sign treasury".format(home=home).split()
    (drawn,) = (
        key for key in call("keys", "add", "treasury", "--home", home)["items"]
        if key["role"] == "treasury"
    )  # fmt: skip
    assert refused(*release) == "ledger/unknown_signer"
    register = ("keys", "register", "treasury", "--sign", "finance-1", "--home", home)
    assert call(*register)["key"] == drawn["key"]
    assert refused(*register) == "members/key_exists"
    listed = call("query", "keys", "--home", home)["items"]
    assert ("treasury", "active") in {(key["role"], key["status"]) for key in listed}
    assert refused(*release) == "members/no_mandate"
    call(
        *("tx", "members", "set-mandate", "--message-type", "supply_chain.ReleaseLock"),
        *("--rules", json.dumps([rule_for(drawn["key"])])),
        *("--sign", "finance-1", "--home", home),
    )
    assert refused(*release) == "supply_chain/unknown_leaf"


def may_send(desk, name, *messages):
    """Let the first finance key of a party send messages alone."""
    home = desk.home(name)
    keys = call("keys", "list", "--home", home)["items"]
    key = next(each["key"] for each in keys if each["role"] == "finance-1")
    for message in messages:
        call(
            *("tx", "members", "set-mandate", "--message-type", message),
            *("--rules", json.dumps([rule_for(key)]), "--sign", "finance-1", "--home", home),
        )


def test_a_consent_is_given_read_under_and_taken_back(desk):
    """Roles: core lets bank read what it promised; settle has no part in it."""
    core, bank = ("--home", desk.home("core")), ("--home", desk.home("bank"))
    may_send(desk, "core", "consent.GrantConsent", "consent.RevokeConsent")
    may_send(desk, "bank", "consent.RecordRead")
    portrait = ("query", "portrait", desk.organisations["core"].uscc, *bank)
    assert refused(*portrait) == "api/not_found"
    terms = ("--purpose", "post_loan", "--data-kinds", '["own_promises"]')
    given = call(
        *("tx", "consent", "grant-consent", "--reader", desk.organisations["bank"].uscc, *terms),
        *("--from-ms", "0", "--until-ms", "+30d", "--reads-max", "9", "--period-days", "0"),
        *("--terms-root", "", "--sign", "finance-1", *core),
    )["consent"]
    assert [row["consent_id"] for row in call("query", "consents", *core)["items"]] == [given]
    assert refused(*portrait) == "readmodels/read_not_recorded"
    read = ("tx", "consent", "record-read", "--consent", given, "--sign", "finance-1", *bank)
    call(*read, *terms, "--request-root", "ab" * 32)
    assert "own_promises" in call(*portrait)["data_kinds"]
    code, shown = run(*portrait)
    assert code == 0
    assert "元 yuan" in shown
    (logged,) = call("query", "reads", *core)["items"]
    assert (logged["consent_id"], logged["purpose"]) == (given, "post_loan")
    call("tx", "consent", "revoke-consent", "--consent", given, "--sign", "finance-1", *core)
    assert refused(*portrait) == "readmodels/consent_not_in_force"
    assert refused(*read, *terms, "--request-root", "ab" * 32).startswith("consent/")
    settle = ("--home", desk.home("settle"))
    assert call("query", "consents", *settle) == call("query", "reads", *settle) == {"items": []}


def test_whoever_lists_invoices_reads_what_paid_means(desk):
    shown = run("query", "invoices", "--home", desk.home("supplier1"))[1]
    assert "declared at registration" in " ".join(shown.split())


def test_an_empty_list_says_what_its_emptiness_may_tell(desk):
    whole = run("query", "roles", "--home", desk.home("core"))[1]
    own = run("query", "freezes", "--home", desk.home("core"))[1]
    of_members = run("query", "policy", "--home", desk.home("supplier1"))[1]
    assert "there is none" in whole
    assert "nothing that you may see" in own
    assert "ask your sponsor" in of_members
    assert call("query", "policy", "--home", desk.home("core"))["items"]


def rule_for(key):
    """Return a rule by which one key alone suffices."""
    return {"keys": [key], "threshold": 1, "cap_minor": "0.00", "expires_at_ms": 0}


def test_whoever_moves_the_clock_is_told_where_it_was_and_where_it_is(desk):
    advance = ("tx", "schedule", "advance-clock", "--sign", "operator", "--home", desk.home("bank"))
    moved = call(*advance, "--target-ms", "+2h")
    assert moved["before_ms"] < moved["target_ms"] <= moved["now_ms"]
    assert moved["now_height"] >= moved["height"]
    assert f"the clock went from {iso_of_ms(moved['before_ms'])}" in moved["said"]
    assert "时钟已从" in moved["said"]
    code, shown = run(*advance, "--target-ms", "+1h")
    assert code == 0
    assert "时钟已从" in shown


def a_transaction(desk):
    """Return a transaction of core, whatever it is."""
    payment = (
        *("tx", "accounts", "transfer", "--from-account", desk.account("core")),
        *("--to-account", desk.account("bank"), "--amount-minor", "0.01"),
        *("--sign", "finance-1", "--home", desk.home("core")),
    )
    return call(*payment)["transaction"]


RELEASE = "tx supply-chain release-lock --home {home} --leaf " + "00" * 20
ACCEPT = "tx supply-chain accept-certificate --home {home} --certificate x --free-choice yes"


@pytest.mark.parametrize(
    ("line", "reference"),
    [
        ("verify /nonexistent --genesis /nonexistent", "cli/file_unreadable"),
        ("genesis check {file}", "ledger/genesis_invalid"),
        ("document read {file}", "connectors/unknown_format"),
        ("document check zz --home {home}", "cli/not_a_root"),
        (f"document check {'ab' * 32} --home {{home}}", "api/not_found"),
        (f"document share {'ab' * 32} -o {{file}} --home {{home}}", "document_store/unknown"),
        ("document receive {file} --home {home}", "document_store/package_invalid"),
        ("outcome 12 --home {home}", "cli/not_a_transaction_id"),
        ("genesis build {plan} -o /nonexistent/genesis.json", "cli/file_unwritable"),
        ("receipt {transaction} -o /nonexistent/receipt --home {home}", "cli/file_unwritable"),
        ("keys create Zhang --home {folder}/new", "client/keyring"),
        ("query accounts --home /nonexistent", "client/profile"),
        ("query leaves nonsense --home {home}", "api/malformed_id"),
        ("query get /etc/passwd --home {home}", "cli/not_a_path"),
        ("keys create finance-1 --home {home}", "client/keyring"),
        ("bank book {invoice} --sign operations --home {home}", "cli/not_a_bank_report"),
        (f"{ACCEPT} --sign finance-1", "cli/field_refused"),
        (f"{RELEASE} --sign nobody", "client/keyring"),
        (f"{RELEASE} --sign finance-1", "supply_chain/unknown_leaf"),
        (f"{RELEASE} --sign operations", "members/no_mandate"),
        (f"{RELEASE} --sign operations --dry-run", "members/no_mandate"),
        (
            "home create --genesis {genesis} --uscc 91990000MA00000011 --name x --home {home}",
            "members/wrong_check_digit",
        ),
        (
            "home create --genesis {genesis} --uscc 91990000MA0000001B --name x --home {home}",
            "cli/home_exists",
        ),
    ],
)
def test_bad_input_is_refused_with_its_reference_and_no_traceback(desk, line, reference):
    file = desk.folder / "nonsense"
    file.write_bytes(b"nonsense")
    places = {
        "file": file,
        "home": desk.home("core"),
        "genesis": desk.genesis,
        "invoice": CASE / "05-invoice.xml",
        "plan": plan_file(desk),
        "transaction": a_transaction(desk),
        "folder": desk.folder,
    }
    assert refused(*line.format(**places).split()) == reference


def next_steps(*arguments):
    """Run a command that must be refused; return all that it tells to do."""
    code, out = run(*arguments, "--json")
    assert code == 1, out
    return json.loads(out)["next_step"]


def test_a_plan_that_fits_nothing_is_to_be_mended_not_fetched(desk):
    plan = desk.folder / "wrong-plan.json"
    plan.write_bytes(b'{"chain_id": 7}')
    code, out = run("genesis", "build", str(plan), "-o", str(desk.folder / "none"), "--json")
    error = json.loads(out)
    assert (code, error["error"]) == (1, "ledger/genesis_invalid")
    assert "at $.chain_id it has int where str belongs / 在 $.chain_id" in error["detail"]
    assert "mend the plan" in error["next_step"]
    assert "请改正方案" in error["next_step"]


def test_whoever_creates_keys_is_told_what_fits_the_case(desk, monkeypatch):
    create = ("keys", "create", "finance-1", "--home")
    assert "xinlian keys add" in next_steps(*create, desk.home("core"))
    assert "不用人名" in next_steps("keys", "create", "Zhang", "--home", str(desk.folder / "n"))
    monkeypatch.setenv("XINLIAN_PASSPHRASE", "short")
    assert "choose a longer one" in next_steps(*create, str(desk.folder / "new"))


def test_what_is_no_genesis_file_is_told_in_words_of_ours(desk):
    receipt = desk.folder / "for-nothing.receipt"
    call("receipt", a_transaction(desk), "-o", str(receipt), "--home", desk.home("core"))
    root = desk.folder / "no-genesis.json"
    for content, words in (
        (b"nonsense", "it is no JSON from line 1 on / 不是创世文件:自第 1 行起不是 JSON"),
        (b"{}", "it lacks operators / 不是创世文件:缺少 operators"),
        (b"[]", "its parts are not those of one / 不是创世文件:内容不合格式"),
    ):
        root.write_bytes(content)
        code, out = run("verify", str(receipt), "--genesis", str(root), "--json")
        assert code == 1
        assert words in json.loads(out)["detail"]


def test_a_wrong_passphrase_opens_nothing(desk, monkeypatch):
    monkeypatch.setenv("XINLIAN_PASSPHRASE", "not the passphrase")
    assert refused("query", "accounts", "--home", desk.home("core")) == "client/keyring"


def test_without_a_terminal_the_passphrase_must_be_given(desk, monkeypatch):
    monkeypatch.delenv("XINLIAN_PASSPHRASE")
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    assert refused("query", "accounts", "--home", desk.home("core")) == "cli/passphrase_needed"


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def started(desk, data, port):
    """Start a node of its own as a process."""
    return subprocess.Popen(
        [
            *(sys.executable, "-m", "xinlian.cli", "node", "start", "--home", desk.home("bank")),
            *("--data", str(data), "--port", str(port)),
        ],
        stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )


def ready(process, port):
    """Ask until the node answers, for as long as its process lives."""
    while process.poll() is None:
        code, out = run("node", "status", "--url", f"http://127.0.0.1:{port}", "--json")
        if code == 0:
            return json.loads(out)
    raise AssertionError(f"the node ended with {process.returncode}")


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_a_killed_node_starts_again_and_a_stopped_one_can_be_rebuilt(desk, tmp_path, stop):
    port = free_port()
    process = started(desk, tmp_path / "data", port)
    first = ready(process, port)
    process.kill()
    process.wait(timeout=30)
    process = started(desk, tmp_path / "data", port)
    assert ready(process, port)["height"] == first["height"]
    rebuild = ("node", "rebuild", "--home", desk.home("bank"), "--data", str(tmp_path / "data"))
    assert refused(*rebuild) == "storage/store"
    process.send_signal(stop)
    assert process.wait(timeout=30) == 0
    assert call(*rebuild)["rebuilt_to_height"] == first["height"]


def test_a_node_does_not_listen_beyond_this_machine_without_tls(desk, tmp_path):
    start = ("node", "start", "--home", desk.home("bank"), "--data", str(tmp_path / "data"))
    everywhere = str(ipaddress.IPv4Address(0))
    assert refused(*start, "--host", everywhere) == "api/server_refused"


def test_help_names_every_message_with_who_signs(desk):
    code, out = run("tx", "supply-chain", "disburse", "--help")
    assert code == 0
    assert "the financier" in out
    assert "--advance-minor" in out
