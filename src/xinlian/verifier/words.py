"""What a result rests on, in words.

Rules this file keeps:
 1. Nothing is left out that would have to hold for the result to be true.
 2. A countersigner counts only where it countersigned every header of the file, and adds nobody
    where it also runs the operator.
"""

import functools
from collections.abc import Sequence
from typing import NamedTuple

from xinlian.verifier.report import MODE_ARCHIVAL, MODE_LIVE, Countersigner, ProvenHeader
from xinlian.verifier.trust import ROOT_CHECKPOINT, TrustRoot


class Words(NamedTuple):
    """A sentence in both languages."""

    english: str
    chinese: str


def common_countersigners(headers: Sequence[ProvenHeader]) -> tuple[Countersigner, ...]:
    """Return who countersigned every header, beside the operator; one entry a party."""
    by_header = [
        {signer.code: signer for signer in header.countersigners if not signer.is_operator}
        for header in headers
    ]
    if not by_header:
        return ()
    codes = functools.reduce(lambda one, other: one & other, (set(found) for found in by_header))
    return tuple(by_header[0][code] for code in sorted(codes))


def assumption_of(
    root: TrustRoot, headers: Sequence[ProvenHeader], mode: str = MODE_ARCHIVAL
) -> Words:
    """Return what a result rests on."""
    parts = [
        _root_words(root, headers),
        _validator_words(root, headers, mode)
        if root.validators
        else _signer_words(common_countersigners(headers)),
        *_unknown_words(headers),
        *_stamp_words(headers),
        Words(
            english="Keys are those of the root of trust; the file cannot show that one was "
            "revoked since. It shows what was recorded, not that the rules were followed: replay "
            "shows that.",
            chinese="密钥以信任根所载为准,文件不能说明其后是否吊销。"
            "本结果证明账上如此记载,不证明记载合规;后者须重放核对。",
        ),
    ]
    return Words(
        english=" ".join(part.english for part in parts),
        chinese="".join(part.chinese for part in parts),
    )


def equivocation_words(height: int, other_height: int) -> Words:
    """Return what two contradicting headers show."""
    if height == other_height:
        return Words(
            english=f"The operator signed two different headers of height {height}: "
            "it showed two histories of one chain.",
            chinese=f"运营者在同一高度 {height} 签署了两个不同的区块头:同一条链有两套历史。",
        )
    return Words(
        english=f"The operator signed a header of height {other_height} that does not follow "
        f"the one of height {height} that it signed: it showed two histories of one chain.",
        chinese=f"运营者所签高度 {other_height} 的区块头并不承接其所签高度 {height} 的区块头:"
        "同一条链有两套历史。",
    )


def _root_words(root: TrustRoot, headers: Sequence[ProvenHeader]) -> Words:
    if root.kind != ROOT_CHECKPOINT:
        return Words(
            english=f"You trust the genesis file of {root.chain_id}.",
            chinese=f"以您所信任的 {root.chain_id} 创世文件为准。",
        )
    if root.validators:
        return Words(
            english=f"You trust the checkpoint of height {root.height} for the validators and the "
            "keys of the parties.",
            chinese=f"以您所信任的检查点(高度 {root.height})所载验证节点与各方密钥为准。",
        )
    linked = bool(headers) and all(header.is_checkpoint for header in headers)
    if linked:
        return Words(
            english=f"You trust the checkpoint of height {root.height}, and all that is shown is "
            "in the very chain that it closes.",
            chinese=f"以您所信任的检查点(高度 {root.height})为准,"
            "所证内容均在该检查点所封闭的链上。",
        )
    return Words(
        english=f"You trust the checkpoint of height {root.height} for the keys of operators "
        "and parties.",
        chinese=f"以您所信任的检查点(高度 {root.height})所载运营者与各方密钥为准。",
    )


def _validator_words(root: TrustRoot, headers: Sequence[ProvenHeader], mode: str) -> Words:
    count = len(root.validators)
    changes = max((header.set_changes for header in headers), default=0)
    since = f", and on those that they named in {changes} changes since" if changes else ""
    since_zh = f"及其后 {changes} 次变更所指定者" if changes else ""
    source, source_zh = (
        ("checkpoint", "检查点") if root.kind == ROOT_CHECKPOINT else ("genesis file", "创世文件")
    )
    age, age_zh = (
        (
            " They voted so recently that whoever did can still be held to account.",
            "投票均在信任期内。",
        )
        if mode == MODE_LIVE
        else ("", "")
    )
    return Words(
        english=f"It rests on the {count} validators of the {source}{since}: that those who hold a "
        f"third of the voting power or more did not sign a second block for one height.{age}",
        chinese=f"依据{source_zh}所载 {count} 个验证节点{since_zh}的投票:"
        f"信其中持三分之一以上表决权者不会就同一高度另签一个区块。{age_zh}",
    )


def _signer_words(signers: Sequence[Countersigner]) -> Words:
    if not signers:
        return Words(
            english="It rests on the operator of the embedded engine alone, which ordered this "
            "chain: that it signed one header a height.",
            chinese="仅依据嵌入式引擎运营者一方的签名:信其每一高度只签署一个区块头。",
        )
    names = ", ".join(f"{signer.name} ({signer.code})" for signer in signers)
    names_zh = "、".join(f"{signer.name}({signer.code})" for signer in signers)
    return Words(
        english=f"It rests on the signatures of the operator and of {len(signers)} countersigning "
        f"parties, {names}: that not all of them signed a second header for one height.",
        chinese=f"依据运营者与 {len(signers)} 个副署方的签名:{names_zh}。"
        "信其不会全体就同一高度另签一个区块头。",
    )


def _unknown_words(headers: Sequence[ProvenHeader]) -> list[Words]:
    keys = {key for header in headers for key in header.unknown_keys}
    if not keys:
        return []
    return [
        Words(
            english=f"{len(keys)} more keys countersigned that the root of trust does not name; "
            "they count for nobody.",
            chinese=f"另有 {len(keys)} 个信任根未载明的密钥副署,不予计算。",
        ),
    ]


def _stamp_words(headers: Sequence[ProvenHeader]) -> list[Words]:
    stamps = [stamp for header in headers for stamp in header.time_stamps]
    checked = sorted({stamp.authority for stamp in stamps if stamp.is_checked})
    unchecked = sum(not stamp.is_checked for stamp in stamps)
    words: list[Words] = []
    if checked:
        names = ", ".join(checked)
        words.append(
            Words(
                english=f"Its age rests on the time stamps of {names}.",
                chinese=f"其存在时间依据 {names} 的时间戳。",
            ),
        )
    if unchecked:
        words.append(
            Words(
                english=f"{unchecked} time stamps were not checked: that needs the authority's "
                "certificate.",
                chinese=f"{unchecked} 个时间戳未核验:核验须有时间戳机构的证书。",
            ),
        )
    return words
