"""``xinlian network validator-proof`` and ``use-next-key``: the keys of a validator's votes.

Rules this file keeps:
 1. A private key leaves no file and is never shown; what is shown goes into a proposal.
 2. The next key is drawn before members are asked, and lies beside the present one until it is
    used; the present one is destroyed then.
 3. A key is changed only while the node does not run.
"""

import secrets
from typing import Annotated

import typer

from xinlian.cli.network_places import engine_home
from xinlian.cli.options import DataOption, HomeOption, JsonOption
from xinlian.cli.output import CommandRefused, show
from xinlian.client.profile import load_genesis, load_profile
from xinlian.engines.cometbft.home import (
    KEY_FILE,
    draw_successor,
    read_keys,
    read_signing_key,
    use_successor,
)
from xinlian.ledger.genesis import GenesisInvalid
from xinlian.modules.members.types import organisation_id, possession_bytes
from xinlian.modules.validators.types import ROLE
from xinlian.storage import is_in_use

_SEED_BYTES = 32


def validator_proof(
    home: HomeOption,
    data: DataOption,
    next_key: Annotated[
        bool,
        typer.Option("--next", help="另生成下一把密钥 / draw the key that is to follow, for it"),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Show what a proposal of this node's validator, or of its next key, must hold."""
    place = engine_home(data)
    profile, (_, genesis) = load_profile(home), load_genesis(home)
    try:
        present = read_keys(place).consensus_key
        key = (
            draw_successor(place, secrets.token_bytes(_SEED_BYTES))
            if next_key
            else read_signing_key(place / KEY_FILE)
        )
    except GenesisInvalid as problem:
        raise CommandRefused(
            "cometbft/no_key", str(problem), "draw keys with `xinlian network keys`"
        ) from None
    party = organisation_id(genesis.chain_id, profile.uscc)
    shown = {"public_key": present.hex()}
    if next_key:
        shown["successor"] = key.public_key.hex()
    proof = key.sign(possession_bytes(genesis.chain_id, party, ROLE))
    message = "propose-validator-key" if next_key else "propose-validator"
    shown |= {"possession": proof.hex(), "next_step": f"xinlian tx governance {message}"}
    show(shown, as_json=as_json)


def use_next_key(data: DataOption, as_json: JsonOption = False) -> None:
    """Put the next key in place of the present one, once members have decided so."""
    if is_in_use(data):
        raise CommandRefused("storage/in_use", f"{data} is in use", "stop the node first")
    try:
        key = use_successor(engine_home(data))
    except GenesisInvalid as problem:
        raise CommandRefused(
            "cometbft/no_key",
            str(problem),
            "draw the next key with `xinlian network validator-proof --next`",
        ) from None
    show({"public_key": key.hex()}, as_json=as_json)
