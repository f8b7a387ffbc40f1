"""Step 6: a receipt with a state proof, checked by a program that asks no node."""

import json
import subprocess
import sys
from pathlib import Path

from xinlian.cli.demo.certificate import Financed
from xinlian.cli.demo.narrator import Narrator
from xinlian.cli.demo.world import World
from xinlian.client.files import write_private
from xinlian.primitives import format_id


def prove(world: World, narrator: Narrator, financed: Financed, folder: Path) -> Path:
    """Write the receipt of the disbursement with the bank's leaf, verify it, break it, verify."""
    leaf = format_id("leaf", financed.bank_leaf)
    transaction_id = financed.disbursed.signed.transaction_id
    content = world.sessions["bank"].node.receipt(transaction_id, [f"leaf:{leaf}"])
    path = folder / "disbursement.receipt"
    write_private(path, content)
    narrator.say(f"回执文件 {path}({len(content)} 字节)", f"a receipt of {len(content)} bytes")
    genuine = _verify(path, world.genesis_file)
    narrator.check(
        "receipt verifies without the node",
        holds=genuine.returncode == 0 and transaction_id.hex() in genuine.stdout,
        chinese="另一进程不经节点验证通过:放款交易与份额状态",
        english="another process verifies transaction and leaf without the node",
    )
    position = len(content) // 2
    flipped = bytearray(content)
    flipped[position] ^= 1
    broken = folder / "disbursement-one-byte-flipped.receipt"
    write_private(broken, bytes(flipped))
    refused = _verify(broken, world.genesis_file)
    reason = _reason(refused.stdout)
    narrator.check(
        "one flipped byte is refused with its step",
        holds=refused.returncode != 0 and reason != "",
        chinese=f"改动第 {position} 字节后被拒绝:{reason}",
        english=f"byte {position} flipped: refused, and the step is named",
    )
    return path


def _reason(output: str) -> str:
    """Return what the verifier says is wrong, empty if it does not refuse."""
    answer = json.loads(output)
    return str(answer["detail"]) if answer.get("error") == "verifier/refused" else ""


def _verify(file: Path, genesis: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "xinlian.cli", "verify", str(file)]
    return subprocess.run(  # noqa: S603 - this interpreter, this package, files of this run
        [*command, "--genesis", str(genesis), "--allow-simulated", "--json"],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
