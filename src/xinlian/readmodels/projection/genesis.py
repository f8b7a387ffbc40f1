"""Height 0: the rows of what the genesis file puts into the state.

Rules this file keeps:
 1. Genesis has no events: its rows are read from its state, once.
 2. A collection that can be filled at genesis and has rows is read here.
"""

from collections.abc import Collection

from xinlian.apps.supply_chain.types import LINES, STOP_FLAGS
from xinlian.ledger.ports import StateView
from xinlian.modules.accounts.types import ACCOUNTS, ASSETS, BANK_ROUTES, AccountClass, AssetKind
from xinlian.modules.members.roles import OFFICIAL_ROLES, OfficialRole
from xinlian.modules.members.types import KEYS, PARTIES, KeyStatus, PartyKind, PartyStatus
from xinlian.modules.policy.types import ROWS
from xinlian.readmodels import rows
from xinlian.readmodels.projection.members import ROLE_HELD, ROLE_WITHDRAWN
from xinlian.readmodels.projection.validators import project_validators
from xinlian.readmodels.projection.writer import Writer
from xinlian.readmodels.rights import grant_at_genesis
from xinlian.readmodels.text import ISSUER_KINDS, enum_text, id_text


def project_genesis(writer: Writer, genesis: StateView) -> None:
    """Write the rows of the genesis state; the writer stands at height 0."""
    project_directory(writer, genesis)
    project_accounts(writer, genesis)
    project_routes(writer, genesis)


def project_directory(writer: Writer, state: StateView) -> None:
    """Write who is there, by which policy, with which units of value and issue lines."""
    grant_at_genesis(writer)
    _parties(writer, state)
    _official_roles(writer, state)
    project_validators(writer, state)
    _policy(writer, state)
    _assets(writer, state)
    for (obligor,), line in LINES.scan(state):
        stop = STOP_FLAGS.get(state, obligor)
        writer.add(
            rows.IssueLineRow(
                **writer.born_changing(),
                obligor=id_text("party", obligor),
                limit_minor=line.limit_minor,
                used_minor=line.used_minor,
                overdue_certificates=line.overdue_certificates,
                is_stopped=stop is not None,
                stop_lifts_at_ms=0 if stop is None else stop.lifts_at_ms,
            ),
        )


def _parties(writer: Writer, genesis: StateView) -> None:
    for (party_id,), party in PARTIES.scan(genesis):
        writer.add(
            rows.PartyRow(
                **writer.born_changing(),
                party_id=id_text("party", party_id),
                kind=enum_text(PartyKind(party.kind)),
                status=enum_text(PartyStatus(party.status)),
                sponsor=id_text("party", party.sponsor),
                uscc=party.uscc,
                name=party.name,
            ),
        )
    for (key_id,), key in KEYS.scan(genesis):
        writer.add(
            rows.KeyRow(
                **writer.born_changing(),
                key_id=id_text("key", key_id),
                party_id=id_text("party", key.party),
                suite=key.suite,
                public_key=key.public_key.hex(),
                role=key.role,
                status=enum_text(KeyStatus(key.status)),
            ),
        )


def _official_roles(writer: Writer, state: StateView) -> None:
    for (role, party_id), record in OFFICIAL_ROLES.scan(state):
        writer.add(
            rows.OfficialRoleRow(
                **writer.born_changing(),
                official_role=enum_text(OfficialRole(int.from_bytes(role, "big"))),
                party_id=id_text("party", party_id),
                status=ROLE_HELD if record.is_held else ROLE_WITHDRAWN,
                given_at_ms=record.given_at_ms,
                withdrawn_at_ms=record.withdrawn_at_ms,
            ),
        )


def _policy(writer: Writer, genesis: StateView) -> None:
    for (name,), row in ROWS.scan(genesis):
        for version in row.versions:
            writer.log(
                rows.PolicyVersionRow(
                    **writer.born(),
                    name=name.rstrip(b"\0").decode("ascii"),
                    effective_from_ms=version.effective_from_ms,
                    unit=row.unit,
                    value=version.value,
                    applies_by=version.applies_by,
                    citation=version.citation,
                    verified=version.verified,
                ),
            )


def _assets(writer: Writer, genesis: StateView) -> None:
    for (asset_id,), asset in ASSETS.scan(genesis):
        issuer_kind = ISSUER_KINDS.get(asset.kind, "cert")
        writer.add(
            rows.AssetRow(
                **writer.born(),
                asset_id=id_text("asset", asset_id),
                kind=asset.kind,
                issuer=id_text(issuer_kind, asset.issuer),
                currency=asset.currency,
                scale=asset.scale,
            ),
        )


def project_accounts(
    writer: Writer,
    genesis: StateView,
    kinds: Collection[str] = tuple(AssetKind),
) -> None:
    """Write the accounts in assets of some kinds with what they have."""
    for (account_id,), account in ACCOUNTS.scan(genesis):
        asset = writer.require(rows.AssetRow, id_text("asset", account.asset))
        if asset.kind not in kinds:
            continue
        writer.add(
            rows.AccountRow(
                **writer.born_changing(),
                account_id=id_text("account", account_id),
                owner=id_text("party", account.owner),
                asset_id=asset.asset_id,
                asset_kind=asset.kind,
                asset_issuer=asset.issuer,
                currency=asset.currency,
                scale=asset.scale,
                account_class=enum_text(AccountClass(account.account_class)),
                number=account.number,
                mirrored=account.mirrored,
                bank_account=account.bank_account.hex(),
                opening_minor=account.balance_minor,
                balance_minor=account.balance_minor,
                reserved_minor=account.reserved_minor,
            ),
        )


def project_routes(writer: Writer, genesis: StateView) -> None:
    """Write the accounts at banks, by their commitments."""
    for (bank_account,), route in BANK_ROUTES.scan(genesis):
        writer.add(
            rows.BankAccountRow(
                **writer.born(),
                bank_account=bank_account.hex(),
                owner=id_text("party", route.owner),
                bank=id_text("party", route.bank),
                account_id=id_text("account", route.account),
            ),
        )
