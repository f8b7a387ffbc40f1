"""What an operator does to keep a node going: snapshot, restore, prune, compact, replay from there.

A recovery is rehearsed whole: a node is lost, and goes on from the snapshot that was taken while it
ran, up to the block that the lost one would have written.
"""

import contextlib
import io
import json
import os
import shutil
import subprocess
import sys

import pytest

from xinlian.bootstrap import Keeping, open_read_model, open_store, run_node
from xinlian.cli.app import main
from xinlian.cli.network_init import example_members, make_network
from xinlian.client.profile import create_profile
from xinlian.ledger.node import BodyPruned, OutcomeStatus
from xinlian.ledger.soundness import faults
from xinlian.modules.accounts.messages import Transfer
from xinlian.modules.accounts.types import ACCOUNTS
from xinlian.modules.policy.archive import archive_row
from xinlian.storage import LmdbStore
from xinlian.testing import Consortium
from xinlian.testing.consortium import NAMES, POLICY, demo_uscc
from xinlian.verifier import verify_receipt

PAYMENTS = 6
WAIT_SECONDS = 60


@pytest.fixture(scope="module")
def chain(tmp_path_factory):
    """A home, the folder of a stopped node that keeps 3 old heights, and what was sent to it."""
    folder = tmp_path_factory.mktemp("chain")
    with pytest.MonkeyPatch.context() as patch:
        for number in (1, 2):
            patch.setitem(POLICY, archive_row(demo_uscc(number)), (1, "flag"))
        store = LmdbStore(folder / "node", history_heights=3)
        consortium = Consortium(store)
    payment = Transfer(consortium.account("core"), consortium.account("bank"), 5)
    sent = [consortium.send("core", payment)[0] for _ in range(PAYMENTS)]
    exported = consortium.node.receipt(sent[0].transaction_id)
    consortium.close()
    store.close()
    create_profile(
        folder / "home", consortium.genesis_bytes, demo_uscc(1), NAMES["core"], ("http://node",)
    )
    (folder / "genesis.json").write_bytes(consortium.genesis_bytes)
    return Chain(folder, consortium, [signed.transaction_id for signed in sent], exported)


class Chain:
    """What the tests share; nothing of it is changed."""

    def __init__(self, folder, consortium, sent, exported):
        self.folder, self.consortium, self.sent, self.exported = folder, consortium, sent, exported
        self.genesis_bytes = consortium.genesis_bytes
        self.operator = consortium["core"].keys["operator"]

    def copied(self, folder):
        return shutil.copytree(self.folder / "node", folder / "node")

    @property
    def home(self):
        return ("--home", self.folder / "home")


def run(*arguments):
    """Run the command line in this process; return (exit code, its JSON)."""
    out, before = io.StringIO(), sys.argv
    sys.argv = ["xinlian", *map(str, arguments), "--json"]
    code = 0
    try:
        with contextlib.redirect_stdout(out):
            main()
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 1
    finally:
        sys.argv = before
    return code, json.loads(out.getvalue())


def beside(*arguments):
    """Run the command line in another process, as beside a running node; return its JSON."""
    finished = subprocess.run(
        [sys.executable, "-m", "xinlian.cli", *map(str, arguments), "--json"],
        capture_output=True,
        text=True,
        check=False,
        timeout=WAIT_SECONDS,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert finished.returncode == 0, finished.stderr
    return json.loads(finished.stdout)


def refusal(answer):
    code, shown = answer
    assert code == 1, shown
    return shown["error"]


def test_a_snapshot_of_a_running_node_is_restored_and_goes_on_as_the_lost_node_would(
    chain, tmp_path
):
    lost, found = chain.copied(tmp_path), tmp_path / "found"
    running = run_node(lost, chain.genesis_bytes, chain.operator, block_interval_seconds=0)
    with running:
        taken = beside("node", "snapshot", *chain.home, "--data", lost, "--to", tmp_path / "taken")
    assert taken["height"] == PAYMENTS
    restored = run("node", "restore", *chain.home, "--data", found, "--from", tmp_path / "taken")
    assert restored[0] == 0
    assert restored[1]["state_root"] == taken["state_root"]
    require_lists_since(chain, found, PAYMENTS, transactions=0)
    heads = []
    for folder in (lost, found):
        store = open_store(folder)
        consortium = Consortium(store)
        consortium.genesis_bytes = chain.genesis_bytes
        payment = Transfer(consortium.account("core"), consortium.account("bank"), 7)
        for _ in range(3):
            consortium.send("core", payment)
        heads.append(store.head())
        consortium.close()
        assert list(faults(store, chain.genesis_bytes)) == []
        store.close()
    assert heads[0] == heads[1]
    require_lists_since(chain, found, PAYMENTS, transactions=3)
    genesis = ("--genesis", chain.folder / "genesis.json")
    assert run("doctor", found, *genesis)[0] == 0
    code, _ = run("replay", found, *genesis)
    assert code == 1, "its first bodies are not there"
    code, replayed = run("replay", found, *genesis, "--from", tmp_path / "taken")
    assert (code, replayed["equal"], replayed["height"]) == (0, True, PAYMENTS + 3)


def require_lists_since(chain, folder, height, transactions):
    """Its lists begin where its state began, its balances are those of the ledger."""
    with run_node(folder, chain.genesis_bytes, chain.operator) as running:
        head = running.engine.height()
        assert running.projector.wait_for(head, WAIT_SECONDS)
        assert running.read_model.since_height == height
        party = chain.consortium["bank"].party
        page = running.read_model.accounts(party)
        assert page.since_height == height
        with running.node.store.snapshot() as snapshot:
            account = ACCOUNTS.require(snapshot, chain.consortium.account("bank"))
        assert account.balance_minor in {row.balance_minor for row in page.rows}
        listed = running.read_model.transactions(chain.consortium["core"].party).rows
        assert len(listed) == transactions


def test_snapshots_of_two_nodes_and_of_an_older_height_have_equal_files(chain, tmp_path):
    one, other = chain.copied(tmp_path), tmp_path / "other"
    height = ("--at-height", PAYMENTS - 2)
    run("node", "snapshot", *chain.home, "--data", one, "--to", tmp_path / "one", *height)
    run("node", "restore", *chain.home, "--data", other, "--from", tmp_path / "one")
    run("node", "snapshot", *chain.home, "--data", other, "--to", tmp_path / "two")
    names = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert names == ["chunk-000000", "manifest"]
    for name in names:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_what_cannot_be_taken_or_restored_is_refused_by_name(chain, tmp_path):
    node, taken = chain.copied(tmp_path), tmp_path / "taken"
    snapshot = ("node", "snapshot", *chain.home, "--data", node, "--to", taken)
    assert refusal(run(*snapshot, "--at-height", 1)) == "storage/state_not_kept"
    assert run(*snapshot)[0] == 0
    assert refusal(run(*snapshot)) == "storage/store"
    restore = ("node", "restore", *chain.home, "--from", taken, "--data")
    assert refusal(run(*restore, node)) == "storage/store"
    chunk = taken / "chunk-000000"
    chunk.write_bytes(chunk.read_bytes()[:-1])
    assert refusal(run(*restore, tmp_path / "new")) == "storage/snapshot_invalid"
    assert not (tmp_path / "new" / "chain.lmdb").exists()


def test_a_pruned_and_compacted_node_is_smaller_and_tells_the_rest(chain, tmp_path):
    node = chain.copied(tmp_path)
    prune = ("node", "prune", *chain.home, "--data", node, "--before", 4)
    assert refusal(run(*prune)) == "readmodels/behind"
    model = open_read_model(node, chain.genesis_bytes)
    with contextlib.closing(open_store(node)) as store:
        model.project(store)
    model.close()
    code, done = run(*prune)
    assert (code, done["bodies_from"]) == (0, 4)
    assert done["bytes_after"] < done["bytes_before"]
    assert done["bytes_after"] == (node / "chain.lmdb").stat().st_size
    assert run("doctor", node, "--genesis", chain.folder / "genesis.json")[0] == 0
    with run_node(node, chain.genesis_bytes, chain.operator) as running:
        pruned, kept = chain.sent[0], chain.sent[-1]
        assert running.node.outcome(pruned).status == OutcomeStatus.COMMITTED
        with pytest.raises(BodyPruned, match="archive member"):
            running.node.receipt(pruned)
        assert running.node.receipt(kept)
    report = verify_receipt(chain.exported, chain.genesis_bytes, allow_simulated=True)
    assert report.transaction_id == pruned.hex()


def test_without_archive_members_bodies_are_pruned_only_when_forced(tmp_path):
    store = LmdbStore(tmp_path / "node")
    consortium = Consortium(store)
    for _ in range(3):
        consortium.send("core", Transfer(consortium.account("core"), consortium.account("bank"), 5))
    consortium.close()
    store.close()
    create_profile(
        tmp_path / "home", consortium.genesis_bytes, demo_uscc(1), NAMES["core"], ("http://node",)
    )
    prune = ("node", "prune", "--home", tmp_path / "home", "--data", tmp_path / "node")
    refused = refusal(run(*prune, "--before", 2))
    assert refused == "storage/no_archive"
    size = (tmp_path / "node" / "chain.lmdb").stat().st_size
    code, done = run(*prune, "--before", 2, "--force", "--no-compact")
    assert (code, done) == (0, {"bodies_from": 2})
    assert (tmp_path / "node" / "chain.lmdb").stat().st_size >= size
    code, done = run("node", "compact", "--data", tmp_path / "node")
    assert (code, done["bytes_before"] >= done["bytes_after"]) == (0, True)


def test_a_node_prunes_by_itself_as_configured_and_proves_within_its_window(chain, tmp_path):
    node = chain.copied(tmp_path)
    keeping = Keeping(history_heights=5, bodies=10)
    with run_node(
        node, chain.genesis_bytes, chain.operator, block_interval_seconds=0, keeping=keeping
    ) as running:
        consortium = chain.consortium
        store = running.node.store
        account = consortium.account("bank")
        for number in range(90):
            valid_until_ms = running.engine.application.environment().time_ms + 600_000
            payment = Transfer(consortium.account("core"), account, 1 + number)
            intent = consortium["core"].intend(payment, valid_until_ms=valid_until_ms)
            signed = intent.sign(consortium["core"].keys_of("finance-1"))
            running.node.submit(signed.raw).result(WAIT_SECONDS)
        head = running.engine.height()
        assert running.projector.wait_for(head, WAIT_SECONDS)
        assert running.pruner is not None
        running.pruner.notify(head)
        running.engine.wait_until(lambda: store.extent().bodies_from > 0)
        extent = store.extent()
        assert extent.states_from == head - 5
        assert 64 <= extent.bodies_from <= head - 10 + 1
        receipt = running.node.receipt(None, [ACCOUNTS.key(account)], head - 5)
        report = verify_receipt(receipt, chain.genesis_bytes, allow_simulated=True)
        assert report.heights == (head - 5,)
    with contextlib.closing(open_store(node)) as store:
        assert list(faults(store, chain.genesis_bytes)) == []


def test_a_mistyped_folder_is_not_pruned_and_not_made(chain, tmp_path):
    missing = tmp_path / "typo"
    prune = ("node", "prune", *chain.home, "--data", missing, "--before", 5)
    code, shown = run(*prune)
    assert (code, shown["error"]) == (1, "storage/store")
    assert "holds no store" in shown["detail"]
    assert not missing.exists()
    LmdbStore(missing).close()
    code, shown = run(*prune, "--force")
    assert (code, shown["error"]) == (1, "storage/store")
    assert "holds no chain" in shown["detail"]


def test_a_height_above_the_head_is_not_pruned_even_when_forced(chain, tmp_path):
    node = chain.copied(tmp_path)
    prune = ("node", "prune", *chain.home, "--data", node, "--before", PAYMENTS + 1)
    for forced in ((), ("--force",)):
        code, shown = run(*prune, *forced)
        assert (code, shown["error"]) == (1, "storage/above_head")
        assert f"at height {PAYMENTS}" in shown["detail"]
    with contextlib.closing(open_store(node)) as store:
        assert store.extent().bodies_from == 0


def test_a_running_node_is_not_judged_pruned_or_compacted_but_to_be_stopped_first(chain, tmp_path):
    node, other = chain.copied(tmp_path), chain.folder / "node"
    genesis = ("--genesis", chain.folder / "genesis.json")
    with run_node(node, chain.genesis_bytes, chain.operator):
        for examined in (("doctor", node), ("doctor", other, "--against", node)):
            code, shown = run(*examined, *genesis)
            assert (code, shown["error"]) == (3, "storage/in_use")
            assert "stop the node first" in shown["detail"]
        for command in (("prune", *chain.home, "--before", 1), ("compact",)):
            code, shown = run("node", *command, "--data", node)
            assert code == 1
            assert "stop the node first" in shown["detail"]


def test_a_node_of_a_network_is_not_restored_since_it_could_not_start(tmp_path):
    made = make_network(
        tmp_path / "four", example_members(4), 4, simulated=False, commit_ms=100, quiet_seconds=30
    )
    found = tmp_path / "found"
    restore = ("node", "restore", "--home", made.homes[0], "--data", found, "--from", tmp_path)
    assert refusal(run(*restore)) == "storage/network_node"
    assert not found.exists()


def test_a_snapshot_and_what_is_restored_from_it_are_for_their_owner_only(chain, tmp_path):
    node, taken, found = chain.copied(tmp_path), tmp_path / "taken", tmp_path / "found"
    run("node", "snapshot", *chain.home, "--data", node, "--to", taken)
    run("node", "restore", *chain.home, "--data", found, "--from", taken)
    run("node", "compact", "--data", found)
    files = [*taken.iterdir(), found / "chain.lmdb"]
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    assert {folder.stat().st_mode & 0o777 for folder in (taken, found)} == {0o700}
