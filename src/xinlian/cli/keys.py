"""``xinlian keys``: role keys of this home, and how a new one becomes a key of the organisation.

Rules this file keeps:
 1. A key is drawn on this machine and its private part never leaves the keyring.
 2. A new key is registered by a message that an already registered key signs; the new one proves
    its possession over chain, party and role.
"""

from typing import Annotated, Final

import typer

from xinlian.cli.options import HomeOption, JsonOption, SignOption
from xinlian.cli.output import show, show_list
from xinlian.cli.passphrase import ask_new_passphrase, ask_passphrase
from xinlian.cli.session import opened
from xinlian.client.keyring import KeyringError, add_keys, create_keys, read_public
from xinlian.crypto.ed25519 import SUITE_ED25519
from xinlian.modules.members.messages import RegisterKey
from xinlian.modules.members.types import key_id_of, possession_bytes
from xinlian.primitives import format_id

keys_app = typer.Typer(no_args_is_help=True)

KEYRING: Final = "keyring.json"
RolesArgument = Annotated[
    list[str],
    typer.Argument(help="角色,如 finance-1,不用人名 / roles such as finance-1, never names"),
]


@keys_app.command("create", help="生成角色密钥 / draw role keys, encrypted with a passphrase")
def create_role_keys(roles: RolesArgument, home: HomeOption, as_json: JsonOption = False) -> None:
    """Write a keyring; the passphrase is asked for, or taken from the environment."""
    create_keys(home / KEYRING, tuple(roles), ask_new_passphrase())
    _show_keys(home, as_json=as_json)


@keys_app.command("add", help="在密钥库中增加密钥 / draw more keys into the keyring")
def add_role_keys(roles: RolesArgument, home: HomeOption, as_json: JsonOption = False) -> None:
    """Draw keys for further roles; the ledger learns of them by ``keys register``."""
    add_keys(home / KEYRING, tuple(roles), ask_passphrase())
    _show_keys(home, as_json=as_json)


@keys_app.command("list", help="列出公钥 / list the public keys")
def list_keys(home: HomeOption, as_json: JsonOption = False) -> None:
    """Print roles and public keys; no passphrase is needed."""
    _show_keys(home, as_json=as_json)


@keys_app.command("register", help="在账本上登记新密钥 / register a new key on the ledger")
def register_role_key(
    role: Annotated[str, typer.Argument(help="新密钥的角色 / role of the new key")],
    sign: SignOption,
    home: HomeOption,
    as_json: JsonOption = False,
) -> None:
    """Send ``members.RegisterKey`` with the new key's proof of possession."""
    with opened(home) as session:
        organisation = session.organisation
        key = organisation.keys.get(role)
        if key is None:
            raise KeyringError(f"no key for {role}; draw it with `xinlian keys add {role}`")
        possession = key.sign(possession_bytes(organisation.chain_id, organisation.party, role))
        message = RegisterKey(SUITE_ED25519, key.public_key, role, possession)
        submitted = session.submit(message, roles=sign)
    result = {
        "role": role,
        "key": format_id("key", key_id_of(SUITE_ED25519, key.public_key)),
        "transaction": submitted.signed.transaction_id.hex(),
        "height": submitted.outcome.height,
        "next": "give it a mandate: xinlian tx members set-mandate",
    }
    show(result, as_json=as_json)


def _show_keys(home: HomeOption, *, as_json: bool) -> None:
    rows = [
        {
            "role": key.role,
            "key": format_id("key", key_id_of(SUITE_ED25519, bytes.fromhex(key.public_key))),
            "suite": key.suite,
            "public_key": key.public_key,
        }
        for key in read_public(home / KEYRING).keys
    ]
    show_list(rows, as_json=as_json)
