"""``xinlian export``: what a party can prove, checked by a stranger from the archive alone."""

import hashlib
import json
import os
import subprocess
import sys
import zipfile

import pytest

from support.terminal import CASE, Desk, call, refused


@pytest.fixture
def desk(tmp_path):
    desk = Desk(tmp_path)
    for name in ("supplier1", "core"):
        organisation = desk.organisations[name]
        call(
            *("home", "create", "--home", desk.home(name), "--genesis", str(desk.genesis)),
            *("--uscc", organisation.uscc, "--name", organisation.name),
            *("--node", desk.server.url),
        )
    yield desk
    desk.close()


def test_a_stranger_checks_an_evidence_pack_with_nothing_else(desk, tmp_path):
    home = desk.home("supplier1")
    document = str(CASE / "01-contract.json")
    root = call("document", "import", document, "--home", home)["root"]
    call("document", "register", root, "--sign", "operations", "--home", home)
    pack = tmp_path / "pack.zip"
    written = call("export", "--mine", "-o", str(pack), "--home", home)
    assert (written["receipts"], written["documents"], written["missing"]) == (1, 1, [])
    assert pack.stat().st_mode & 0o077 == 0
    with zipfile.ZipFile(pack) as archive:
        archive.extractall(tmp_path / "pack")
    opened = tmp_path / "pack"
    for line in (opened / "sums.txt").read_text().splitlines():
        expected, _, name = line.partition("  ")
        assert hashlib.sha256((opened / name).read_bytes()).hexdigest() == expected
    (receipt,) = (opened / "receipts").iterdir()
    checked = subprocess.run(
        [sys.executable, "-S", "-m", "xinlian.verifier", str(receipt),
         "--genesis", str(desk.genesis), "--allow-simulated"],
        cwd=opened / "verifier",
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(opened / "verifier")},
        capture_output=True,
        check=False,
        timeout=60,
    )  # fmt: skip
    assert checked.returncode == 0, checked.stderr
    assert json.loads(checked.stdout)["transaction_id"] == receipt.stem
    assert (opened / "documents" / f"{root}.document").is_file()


def test_no_secret_of_the_home_folder_is_in_a_pack(desk, tmp_path):
    home = desk.home("core")
    pack = tmp_path / "pack.zip"
    call("export", "--mine", "-o", str(pack), "--home", home)
    passphrase = os.environ["XINLIAN_PASSPHRASE"].encode()
    with zipfile.ZipFile(pack) as archive:
        for name in archive.namelist():
            assert passphrase not in archive.read(name)
            assert not any(word in name for word in ("keyring", "profile", "passphrase"))


def test_what_is_to_be_exported_is_said(desk, tmp_path):
    pack = tmp_path / "pack.zip"
    home = ("-o", str(pack), "--home", desk.home("core"))
    assert refused("export", *home) == "cli/options_conflict"
    assert not pack.exists()
