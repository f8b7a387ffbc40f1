"""Proven state entries in plain words: a leaf's holder, amount and state; a balance; an obligation.

The verifier proves bytes and knows no contract; here they are read, after they were proven.

Rules this file keeps:
 1. What is said is what the bytes say; names come from the root of trust, and a party that it does
    not name is shown by its id.
 2. Bytes that this release cannot read are said to be so, never guessed at.
"""

import enum
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

import msgspec

from xinlian.apps.supply_chain.holds import FreezeOrder, FreezeStatus
from xinlian.apps.supply_chain.types import Certificate, Finance, Leaf, Life
from xinlian.bootstrap import build_registry
from xinlian.ledger.outcomes import Marker
from xinlian.ledger.overlay import COLLECTION_PREFIX_BYTES
from xinlian.modules.accounts.types import Account
from xinlian.modules.members.types import Party, PartyKind, PartyStatus, organisation_id
from xinlian.modules.obligations.types import Obligation, ObligationStatus
from xinlian.modules.standing.types import Standing
from xinlian.primitives import ID_BYTES, format_id
from xinlian.primitives.time import china_day, iso_of_day
from xinlian.verifier import TrustRoot
from xinlian.verifier.report import Entry

LIVES: Final = {
    Life.DRAFT: ("draft", "草稿"),
    Life.OFFERED: ("offered", "待接收"),
    Life.ACTIVE: ("active", "有效"),
    Life.DUE: ("due", "到期"),
    Life.OVERDUE: ("overdue", "逾期"),
    Life.RECOURSE: ("overdue, recourse is sought from its seller", "逾期,正向转让方追索"),
    Life.DISCHARGED: ("discharged", "已清偿"),
    Life.VOID: ("void", "作废"),
    Life.CANCELLED: ("cancelled by obligor and supplier", "双方同意注销"),
    Life.SPENT: ("spent: it was split or passed on", "已拆分或转出"),
}
FINANCES: Final = {
    Finance.NONE: ("not financed", "未融资"),
    Finance.LOCKED: ("locked for an offer of finance", "融资锁定"),
    Finance.PLEDGED: ("pledged to a financier", "已质押给融资方"),
    Finance.ASSIGNED: ("assigned to a financier", "已转让给融资方"),
}
OBLIGATION_STATUSES: Final = {
    ObligationStatus.PROPOSED: ("proposed", "待同意"),
    ObligationStatus.OPEN: ("open", "未到期"),
    ObligationStatus.DUE: ("due", "到期"),
    ObligationStatus.PERFORMED: ("performed", "已履行"),
    ObligationStatus.DEFAULTED: ("in default", "违约"),
    ObligationStatus.CURED: ("cured after default", "违约后补足"),
    ObligationStatus.CANCELLED: ("cancelled", "已取消"),
    ObligationStatus.PART_PERFORMED: ("performed in part", "部分履行"),
    ObligationStatus.DISPUTED: ("disputed", "争议中"),
    ObligationStatus.CALLED: ("in default, guarantors called", "违约,已追保证人"),
    ObligationStatus.FORGIVEN: ("forgiven", "已免除"),
    ObligationStatus.SUBROGATED: ("taken over by guarantors", "已由保证人代偿"),
    ObligationStatus.ENFORCED: ("performed by order of a court", "已由法院执行履行"),
}
_FREEZES: Final = {
    FreezeStatus.ORDERED: ("ordered, not confirmed: it holds nothing", "已下令,未经确认,尚无效力"),
    FreezeStatus.IN_FORCE: ("in force", "冻结中"),
    FreezeStatus.LIFTED: ("lifted by the court", "法院已解除"),
    FreezeStatus.EXPIRED: ("expired", "已到期失效"),
}
_PARTY_KINDS: Final = {
    PartyKind.MEMBER: ("member", "成员"),
    PartyKind.PARTICIPANT: ("participant", "参与方"),
    PartyKind.PERSON: ("person", "个人"),
}
_PARTY_STATUSES: Final = {
    PartyStatus.ACTIVE: ("active", "正常"),
    PartyStatus.SUSPENDED: ("suspended", "暂停"),
}
_MIRRORED: Final = ("mirrored at its bank", "与银行账户同步")
_UNMIRRORED: Final = ("not mirrored at a bank", "未与银行账户同步")
_ID_KINDS: Final[Mapping[type[Any], tuple[str, str, str]]] = {
    Leaf: ("leaf", "leaf", "份额"),
    Certificate: ("cert", "certificate", "应收凭证"),
    FreezeOrder: ("freeze", "freeze order", "冻结令"),
    Account: ("account", "account", "账户"),
    Obligation: ("obligation", "obligation", "付款义务"),
    Party: ("party", "party", "机构"),
    Standing: ("party", "standing", "信用状况"),
}
"""The kind of id of a record, and what it is called."""


class Said(NamedTuple):
    """What an entry says, in both languages."""

    english: str
    chinese: str


class Reader:
    """Reads proven entries of one chain."""

    def __init__(self, root: TrustRoot) -> None:
        self._collections = build_registry().collections
        self._names: Mapping[bytes, str] = {
            organisation_id(root.chain_id, party.code): party.name
            for party in root.parties.values()
        }

    def words(self, entry: Entry) -> Said:
        """Return what an entry says."""
        key = bytes.fromhex(entry.key)
        collection = self._collections.get(key[:COLLECTION_PREFIX_BYTES])
        if collection is None:
            return _unread(entry)
        record_type = collection.record_type
        english, chinese = _named(record_type, key[COLLECTION_PREFIX_BYTES:])
        if entry.value is None:
            return Said(
                f"At height {entry.height} there is no {english}.",
                f"高度 {entry.height} 上不存在{chinese}。",
            )
        try:
            record = collection.decode(bytes.fromhex(entry.value))
            said = _WORDS.get(record_type, _fields_words)(record, self._name)
        except (msgspec.DecodeError, ValueError, KeyError):  # of a later release, or a broken one
            return _unread(entry)
        return Said(
            f"At height {entry.height} {english}: {said.english}",
            f"高度 {entry.height},{chinese}:{said.chinese}",
        )

    def _name(self, party: bytes) -> str:
        return self._names.get(party) or (format_id("party", party) if party else "—")


_Name = Callable[[bytes], str]


def _leaf_words(leaf: Leaf, name: _Name) -> Said:
    life, finance = Life(leaf.life), Finance(leaf.finance)
    owed = money(leaf.outstanding_minor if leaf.is_live else 0)  # what it became owes the rest
    of = money(leaf.amount_minor)
    assigned = f" ({name(leaf.financier)})" if leaf.financier else ""
    return Said(
        f"held by {name(leaf.holder)}, {owed} owed of {of}; {LIVES[life][0]}; "
        f"{FINANCES[finance][0]}{assigned}",
        f"持有人 {name(leaf.holder)},尚欠 {owed}(原额 {of});{LIVES[life][1]};"
        f"{FINANCES[finance][1]}{assigned}",
    )


def _certificate_words(certificate: Certificate, name: _Name) -> Said:
    life = Life(certificate.life)
    due, face = iso_of_day(certificate.due_day), money(certificate.face_minor)
    owed = money(certificate.outstanding_minor)
    return Said(
        f"{name(certificate.obligor)} owes {owed} of a face amount of {face}, due {due}; "
        f"first holder {name(certificate.first_holder)}; {LIVES[life][0]}",
        f"债务人 {name(certificate.obligor)},票面 {face},尚欠 {owed},到期日 {due};"
        f"首个持有人 {name(certificate.first_holder)};{LIVES[life][1]}",
    )


def _freeze_words(order: FreezeOrder, name: _Name) -> Said:
    status = _FREEZES[FreezeStatus(order.status)]
    until = iso_of_day(china_day(order.expires_at_ms))
    received = money(order.received_minor)
    what = name(order.subject) if order.is_of_holder else format_id("leaf", order.subject)
    return Said(
        f"{name(order.authority)} holds {what}, until {until} at the latest; "
        f"{received} paid aside; {status[0]}",
        f"{name(order.authority)} 冻结 {what},最迟至 {until};已付入指定账户 {received};{status[1]}",
    )


def _account_words(account: Account, name: _Name) -> Said:
    balance, reserved = money(account.balance_minor), money(account.reserved_minor)
    mirrored = _MIRRORED if account.mirrored else _UNMIRRORED
    return Said(
        f"owned by {name(account.owner)}, balance {balance}, of it reserved {reserved}; "
        f"{mirrored[0]}",
        f"所有人 {name(account.owner)},余额 {balance},其中冻结 {reserved};{mirrored[1]}",
    )


def _obligation_words(obligation: Obligation, name: _Name) -> Said:
    status = ObligationStatus(obligation.status)
    due, of = iso_of_day(obligation.due_day), money(obligation.amount_minor)
    still = money(obligation.open_minor)
    return Said(
        f"{name(obligation.debtor)} has to pay {of}, of it {still} open, due {due}; "
        f"{OBLIGATION_STATUSES[status][0]}",
        f"债务人 {name(obligation.debtor)},应付 {of},未付 {still},到期日 {due};"
        f"{OBLIGATION_STATUSES[status][1]}",
    )


def _party_words(party: Party, name: _Name) -> Said:
    kind, status = _PARTY_KINDS[PartyKind(party.kind)], _PARTY_STATUSES[PartyStatus(party.status)]
    del name  # a directory entry has its own
    return Said(
        f"{party.name} ({party.uscc}), {kind[0]}, {status[0]}",
        f"{party.name}({party.uscc}),{kind[1]},{status[1]}",
    )


def _standing_words(standing: Standing, name: _Name) -> Said:
    del name  # whose it is stands in the key
    kept, value = standing.on_time, money(standing.on_time_minor)
    return Said(
        f"{kept} promises kept in time ({value}), {standing.defaulted} defaults, of them "
        f"{standing.open_defaults} open and {standing.cured} cured; at most "
        f"{standing.days_late_max} days late; {standing.duties_missed} duties missed",
        f"如期履行 {kept} 笔({value}),违约 {standing.defaulted} 笔,其中未了结 "
        f"{standing.open_defaults} 笔、已补足 {standing.cured} 笔;最长逾期 "
        f"{standing.days_late_max} 天;未尽义务 {standing.duties_missed} 次",
    )


def _marker_words(marker: Marker, name: _Name) -> Said:
    del name  # it names no party
    return Said(
        f"transaction {marker.transaction_id.hex()} was ordered at height {marker.height}",
        f"交易 {marker.transaction_id.hex()} 已在高度 {marker.height} 入块",
    )


def _fields_words(record: msgspec.Struct, name: _Name) -> Said:
    """Return the fields of a record for which there are no words of its own."""
    del name  # what a field means is not known here
    shown = ", ".join(
        f"{field} {_shown(value)}" for field, value in msgspec.structs.asdict(record).items()
    )
    return Said(shown, shown)


def money(amount_minor: int) -> str:
    """Return an amount with its two decimals."""
    sign = "-" if amount_minor < 0 else ""
    return f"{sign}{abs(amount_minor) // 100:,}.{abs(amount_minor) % 100:02}"


def _shown(value: object) -> str:
    if isinstance(value, bytes):
        return value.hex() or "—"
    if isinstance(value, enum.Enum):
        return value.name
    if isinstance(value, tuple):
        return f"[{', '.join(_shown(item) for item in value)}]"
    return str(value)


def _named(record_type: type[Any], part: bytes) -> Said:
    """Return what a record of this key is called."""
    known = _ID_KINDS.get(record_type)
    if known is not None and len(part) == ID_BYTES:
        kind, english, chinese = known
        text = format_id(kind, part)
        return Said(f"{english} {text}", f"{chinese} {text}")
    text = f"{record_type.__name__} {part.hex()}"
    return Said(text, text)


def _unread(entry: Entry) -> Said:
    state = "absent" if entry.value is None else entry.value
    return Said(
        f"At height {entry.height} key {entry.key}: {state} (not a record that this release reads)",
        f"高度 {entry.height},键 {entry.key}:{state}(本版本无法识读)",
    )


_WORDS: Final[Mapping[type[Any], Callable[[Any, _Name], Said]]] = {
    Leaf: _leaf_words,
    Certificate: _certificate_words,
    FreezeOrder: _freeze_words,
    Account: _account_words,
    Obligation: _obligation_words,
    Party: _party_words,
    Standing: _standing_words,
    Marker: _marker_words,
}
