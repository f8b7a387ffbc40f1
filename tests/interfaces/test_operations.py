"""What an operator does to a stopped node: replay it, examine it, start it after harm.

Every harm is done to a copy of the file of a real chain, with a seed; nothing is simulated.
"""

import contextlib
import io
import json
import os
import random
import shutil
import subprocess
import sys

import lmdb
import pytest

from xinlian.bootstrap import open_store
from xinlian.cli.app import main
from xinlian.contracts.runtime import Contracts
from xinlian.ledger.header import decode_block, encode_block
from xinlian.ledger.ports import StoreError
from xinlian.modules.accounts.types import ACCOUNTS
from xinlian.modules.obligations.keeper import DUE_HANDLER
from xinlian.primitives import InvariantViolation
from xinlian.storage import LmdbStore
from xinlian.storage.probe import TABLES
from xinlian.testing import Consortium
from xinlian.testing.agreements import Agreement
from xinlian.testing.trade import EVENING_MS, Trade

FLIPS = 50
CUTS = 12


@pytest.fixture(scope="module")
def chain(tmp_path_factory):
    """A chain with certificates, finance and a default; stopped cleanly."""
    folder = tmp_path_factory.mktemp("chain")
    store = LmdbStore(folder / "node", durable=False)
    consortium = Consortium(store)
    trade = Trade(consortium)
    trade.register()
    _, leaf = trade.certify(600_000_00)
    trade.split(leaf, 100_000_00)
    trade.drain(10_000_00)
    trade.to_due_day(EVENING_MS)
    consortium.close()
    store.close()
    (folder / "genesis.json").write_bytes(consortium.genesis_bytes)
    return folder


@pytest.fixture
def copy(chain, tmp_path):
    """A copy of the chain's folder without its seal, as after a crash or from a backup."""
    node = tmp_path / "node"
    shutil.copytree(chain / "node", node)
    (node / "seal").unlink()
    return node


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


def raw_tables(node):
    """Open the file with LMDB itself, as no program of ours would."""
    environment = lmdb.open(str(node / "chain.lmdb"), subdir=False, max_dbs=8)
    return environment, {name: environment.open_db(name.encode()) for name in TABLES}


def change(node, table, key, value):
    """Write one entry past the ledger."""
    environment, tables = raw_tables(node)
    with environment.begin(write=True) as transaction:
        transaction.put(key, value, db=tables[table])
    environment.close()


def height_key(height):
    return height.to_bytes(8, "big")


def block_of(node, height):
    environment, tables = raw_tables(node)
    with environment.begin() as transaction:
        raw = transaction.get(height_key(height), db=tables["blocks"])
    environment.close()
    return decode_block(raw)


def test_a_sound_chain_replays_to_the_same_hashes_and_has_no_fault(chain):
    genesis = chain / "genesis.json"
    code, replayed = run("replay", chain / "node", "--genesis", genesis)
    assert (code, replayed["equal"], replayed["differences"]) == (0, True, [])
    code, examined = run("doctor", chain / "node", "--genesis", genesis)
    assert (code, examined["sound"], examined["faults"]) == (0, True, [])
    assert examined["height"] == replayed["height"] > 10


def test_looking_at_a_store_changes_no_byte_of_it(chain):
    before = (chain / "node" / "chain.lmdb").read_bytes(), (chain / "node" / "seal").read_bytes()
    run("replay", chain / "node", "--genesis", chain / "genesis.json")
    run("doctor", chain / "node", "--genesis", chain / "genesis.json")
    assert before == (
        (chain / "node" / "chain.lmdb").read_bytes(),
        (chain / "node" / "seal").read_bytes(),
    )


def test_replay_names_the_first_height_and_the_root_that_differs(chain, copy):
    block = block_of(copy, 5)
    changed = type(block)(block.signed_header, block.engine_time_ms, block.transactions[:-1])
    change(copy, "blocks", height_key(5), encode_block(changed))
    code, replayed = run("replay", copy, "--genesis", chain / "genesis.json")
    assert (code, replayed["equal"], replayed["height"]) == (1, False, 5)
    named = {row["what"] for row in replayed["differences"]}
    assert {"transaction_count", "transactions_root", "state_root", "app_hash"} <= named


def test_a_chain_of_another_genesis_file_is_named_at_its_first_block(chain, tmp_path):
    other = tmp_path / "other.json"
    other.write_bytes((chain / "genesis.json").read_bytes().replace(b"1000000000", b"1000000001"))
    code, replayed = run("replay", chain / "node", "--genesis", other)
    assert (code, replayed["height"]) == (1, 0)
    assert {"previous_hash", "state_root"} <= {row["what"] for row in replayed["differences"]}
    code, examined = run("doctor", chain / "node", "--genesis", other)
    assert (code, examined["faults"][0]["what"]) == (1, "previous_hash")


def test_doctor_names_the_first_differing_key_with_both_records(chain, copy):
    environment, tables = raw_tables(copy)
    with environment.begin(db=tables["state"]) as transaction:
        cursor = transaction.cursor()
        assert cursor.set_range(ACCOUNTS.prefix)
        key, value = cursor.item()
    environment.close()
    account = ACCOUNTS.decode(value)
    forged = value.replace(account.owner, bytes(20))
    change(copy, "state", key, forged)
    code, examined = run(
        *("doctor", chain / "node", "--genesis", chain / "genesis.json", "--against", copy),
    )
    assert (code, examined["faults"]) == (1, [])
    found = examined["first_difference"]
    assert (found["collection"], found["key"]) == ("Account", key.hex())
    assert found["value"]["owner"] == account.owner.hex()
    assert found["other_value"]["owner"] == "00" * 20
    code, examined = run("doctor", copy, "--genesis", chain / "genesis.json")
    assert (code, next(fault["what"] for fault in examined["faults"])) == (1, "state_root")


@pytest.mark.parametrize("command", ["replay", "doctor"])
def test_a_folder_without_a_store_is_refused_and_left_alone(command, chain, tmp_path):
    empty = tmp_path / "empty"
    empty.mkdir()
    code, _ = run(command, empty, "--genesis", chain / "genesis.json")
    assert (code, list(empty.iterdir())) == (1, [])


def test_a_store_that_was_changed_while_it_was_closed_is_not_opened(chain, tmp_path):
    node = tmp_path / "node"
    shutil.copytree(chain / "node", node)
    data = bytearray((node / "chain.lmdb").read_bytes())
    data[len(data) // 2] ^= 0x10
    (node / "chain.lmdb").write_bytes(data)
    for _ in range(2):  # it stays refused
        with pytest.raises(StoreError, match="has changed since it was closed"):
            open_store(node)


def test_a_forged_balance_is_not_served_after_a_crash_and_stays_refused(copy):
    environment, tables = raw_tables(copy)
    with environment.begin(db=tables["state"]) as transaction:
        cursor = transaction.cursor()
        assert cursor.set_range(ACCOUNTS.prefix)
        key, value = cursor.item()
    environment.close()
    change(copy, "state", key, value.replace(ACCOUNTS.decode(value).owner, bytes(20)))
    for _ in range(2):
        with pytest.raises(StoreError, match="do not give the state root"):
            open_store(copy)


CONTENT = """
import hashlib, sys, lmdb
environment = lmdb.open(sys.argv[1], subdir=False, readonly=True, lock=False, max_dbs=8)
digest = hashlib.sha256()
for name in sys.argv[2:]:
    table = environment.open_db(name.encode(), create=False)
    with environment.begin(db=table) as transaction:
        for key, value in transaction.cursor():
            digest.update(b"%d %d " % (len(key), len(value)) + key + value)
print(digest.hexdigest())
"""


def content_of(file):
    """Return the digest of everything in a file, empty when it cannot be read."""
    finished = subprocess.run(
        [sys.executable, "-c", CONTENT, str(file), *TABLES],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return finished.stdout.strip() if finished.returncode == 0 else ""


def test_every_flipped_bit_that_matters_is_found_by_the_doctor(chain, copy):
    file = copy / "chain.lmdb"
    whole = file.read_bytes()
    original = content_of(file)
    assert original
    rng = random.Random(20260301)
    found = harmless = 0
    for _ in range(FLIPS):
        data = bytearray(whole)
        at = rng.randrange(len(data))
        data[at] ^= 1 << rng.randrange(8)
        file.write_bytes(data)
        code, examined = run("doctor", copy, "--genesis", chain / "genesis.json")
        assert code in {0, 1}
        if code == 0:
            assert content_of(file) == original, f"byte {at} was changed and not found"
            harmless += 1
        else:
            assert examined["faults"]
            found += 1
    assert found > 0
    assert harmless > 0  # free pages and the gaps of pages hold nothing


def test_a_file_that_was_cut_off_is_never_served(copy):
    file = copy / "chain.lmdb"
    whole = file.read_bytes()
    rng = random.Random(20260302)
    for _ in range(CUTS):
        file.write_bytes(whole[: rng.randrange(1, len(whole) - 4096)])
        with pytest.raises(StoreError, match=r"damaged|cannot be opened"):
            open_store(copy)
        (copy / "seal").unlink(missing_ok=True)


FULL_DISK = """
import resource, sys
from pathlib import Path
from xinlian.ledger.node import NodeStopped
from xinlian.modules.accounts.messages import Transfer
from xinlian.storage import LmdbStore
from xinlian.testing import Consortium
store = LmdbStore(Path(sys.argv[1]))
consortium = Consortium(store)
size = (Path(sys.argv[1]) / "chain.lmdb").stat().st_size
resource.setrlimit(resource.RLIMIT_FSIZE, (size + 65536, resource.RLIM_INFINITY))
payment = Transfer(consortium.account("core"), consortium.account("bank"), 1)
sent = 0
try:
    while sent < 5000:
        consortium.send("core", *[payment] * 50)
        sent += 1
except NodeStopped as stopped:
    print(sent, stopped)
consortium.close()
store.close()
"""


def test_a_full_disk_stops_the_node_by_name_and_it_resumes_when_there_is_room(tmp_path):
    finished = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        timeout=120,
    )
    sent, cause = finished.stdout.strip().splitlines()[-1].split(" ", 1)
    assert "the commit of height" in cause
    assert "bytes are free on its disk" in cause
    store = open_store(tmp_path)
    consortium = Consortium(store)
    assert consortium.engine.height() >= int(sent)
    assert consortium.broken_invariants() == []
    consortium.advance_to(consortium.now_ms() + 1_000)
    consortium.close()
    store.close()


def test_doctor_lists_parked_work_for_those_who_vote_on_it(tmp_path, monkeypatch):
    store = LmdbStore(tmp_path / "node", durable=False)
    consortium = Consortium(store)
    promise = Agreement(consortium)
    promise.agree()
    executor = consortium.engine.application.executor
    assert isinstance(executor, Contracts)
    scheduled = executor.registry.scheduled

    def fall_due(context, subject):
        raise InvariantViolation("tests", subject.hex())

    monkeypatch.setitem(scheduled, DUE_HANDLER, fall_due)
    promise.to_due_day()
    consortium.close()
    store.close()
    genesis = tmp_path / "genesis.json"
    genesis.write_bytes(consortium.genesis_bytes)
    code, examined = run("doctor", tmp_path / "node", "--genesis", genesis)
    assert (code, examined["sound"]) == (0, True)
    (item,) = examined["parked"]
    assert (item["handler_no"], item["work"]) == (DUE_HANDLER, "fall_due")
    assert item["subject"] == promise.id.hex()
