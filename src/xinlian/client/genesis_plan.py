"""From a plan that people write to the genesis file of a consortium.

A plan names organisations, their public keys and mandates by role, their accounts, the issue lines
of obligors, a policy pack and the years whose banking calendar is published from the start.

Rules this file keeps:
 1. A plan holds public keys only; secrets stay in the keyrings of their owners.
 2. The policy pack is data that cites its sources; the calendar comes from published holidays.
"""

import datetime as dt
from importlib import resources
from typing import Final

import chinese_calendar
import msgspec
from chinese_calendar import constants as published_calendar

from xinlian.apps.supply_chain.genesis import GenesisLine, SupplyChainSection
from xinlian.client.keyring import PublicRoleKey
from xinlian.ledger.genesis import (
    GENESIS_FORMAT,
    Genesis,
    GenesisInvalid,
    Operator,
    encode_genesis,
)
from xinlian.modules.accounts.genesis import AccountsSection, GenesisAccount
from xinlian.modules.members.genesis import (
    GenesisKey,
    GenesisMandate,
    GenesisParty,
    MembersSection,
)
from xinlian.modules.policy.genesis import GenesisCalendarYear, GenesisRow, PolicySection
from xinlian.primitives.misfits import misfit_words

PLAN_BYTES_MAX: Final = 4 << 20
PACK_CN: Final = "cn"
_SATURDAY: Final = 5


class PolicyPack(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A named set of policy rows."""

    name: str
    rows: tuple[GenesisRow, ...]


class PlannedOperator(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The key that signs headers: a role key of an organisation of the plan."""

    uscc: str
    role: str


class PlannedParty(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An organisation; ``kind`` is ``member`` or ``participant``."""

    kind: str
    uscc: str
    name: str
    keys: tuple[PublicRoleKey, ...]
    mandates: tuple[GenesisMandate, ...]
    sponsor_uscc: str = ""
    suspended: bool = False
    official_roles: tuple[str, ...] = ()
    """What it is for the consortium: names such as ``court``."""


class GenesisPlan(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything that a consortium decides before its first block."""

    chain_id: str
    clock: str
    genesis_time_ms: int
    operators: tuple[PlannedOperator, ...]
    parties: tuple[PlannedParty, ...]
    accounts: tuple[GenesisAccount, ...]
    lines: tuple[GenesisLine, ...]
    calendar_years: tuple[int, ...] = ()
    policy: PolicyPack | None = None
    """None takes the pack that the package ships."""


def parse_plan(data: bytes) -> GenesisPlan:
    """Return the plan of its JSON; raises GenesisInvalid."""
    if len(data) > PLAN_BYTES_MAX:
        raise GenesisInvalid(f"a plan has at most {PLAN_BYTES_MAX} bytes")
    try:
        return msgspec.json.decode(data, type=GenesisPlan)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise GenesisInvalid(f"the plan is malformed: {misfit_words(error)}") from None


def build_genesis(plan: GenesisPlan) -> bytes:
    """Return the genesis file of a plan; raises GenesisInvalid."""
    pack = default_policy() if plan.policy is None else plan.policy
    calendar = tuple(calendar_year(year) for year in plan.calendar_years)
    sections: dict[str, msgspec.Struct] = {
        "members": MembersSection(tuple(_party(party) for party in plan.parties)),
        "policy": PolicySection(pack.rows, calendar),
        "accounts": AccountsSection(plan.accounts),
        "supply_chain": SupplyChainSection(plan.lines),
    }
    return encode_genesis(
        Genesis(
            format=GENESIS_FORMAT,
            chain_id=plan.chain_id,
            clock=plan.clock,
            genesis_time_ms=plan.genesis_time_ms,
            app_version=1,
            operators=tuple(_operator(plan, operator) for operator in plan.operators),
            sections={
                name: msgspec.Raw(msgspec.json.encode(section))
                for name, section in sections.items()
            },
        ),
    )


def default_policy() -> PolicyPack:
    """Return the policy pack that the package ships."""
    source = resources.files("xinlian.apps.supply_chain") / "policy_pack_cn.json"
    return msgspec.json.decode(source.read_bytes(), type=PolicyPack)


def calendar_year(year: int) -> GenesisCalendarYear:
    """Return the published banking calendar of a year in China.

    Raises:
        GenesisInvalid: the year's holidays are not published in the installed data; leave it out,
            and its days are judged by weekday until they are.
    """
    published = {day.year for day in published_calendar.holidays}
    if year not in published:
        raise GenesisInvalid(f"the holidays of {year} are not in chinesecalendar yet")
    days = [dt.date(year, 1, 1) + dt.timedelta(days=offset) for offset in range(366)]
    days = [day for day in days if day.year == year]
    holidays = [d for d in days if d.weekday() < _SATURDAY and chinese_calendar.is_holiday(d)]
    working = [d for d in days if d.weekday() >= _SATURDAY and chinese_calendar.is_workday(d)]
    # Assumed: banks settle corporate payments on the working weekends of 调休 too.
    return GenesisCalendarYear(
        year,
        tuple(day.isoformat() for day in holidays),
        tuple(day.isoformat() for day in working),
    )


def _party(party: PlannedParty) -> GenesisParty:
    return GenesisParty(
        kind=party.kind,
        uscc=party.uscc,
        name=party.name,
        keys=tuple(GenesisKey(key.role, key.suite, key.public_key) for key in party.keys),
        mandates=party.mandates,
        sponsor_uscc=party.sponsor_uscc,
        suspended=party.suspended,
        official_roles=party.official_roles,
    )


def _operator(plan: GenesisPlan, operator: PlannedOperator) -> Operator:
    for party in plan.parties:
        for key in party.keys:
            if (party.uscc, key.role) == (operator.uscc, operator.role):
                return Operator(key.suite, key.public_key)
    raise GenesisInvalid(f"operator {operator.uscc}: no key has the role {operator.role}")
