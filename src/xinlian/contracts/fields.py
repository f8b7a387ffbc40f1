"""Field types of messages, records and events: bounds and class together.

Rules this file keeps:
 1. Every field names its class: L (ledger, every validator reads it) or D (directory, admission
    data of organisations, and the published policy).  P (party) fields are never on the ledger,
    so no type for them exists here.
 2. L holds no free text and no bytes that a caller may choose, except commitments, keys and
    signatures, enumerations, bounded ids, and sealed boxes of a size that their message fixes.
 3. Bounds are checked when bytes are decoded, before any handler runs.
"""

from typing import Annotated, Final, Literal

import msgspec

from xinlian.primitives import AMOUNT_MINOR_MAX, ID_BYTES
from xinlian.primitives.time import TIME_MS_MAX

FieldClass = Literal["L", "D"]
CLASS_KEY: Final = "field_class"
WORDS_KEY: Final = "words"
"""What a pattern means, (English, Chinese): for whoever wrote a text that it refuses."""

_L: Final = {CLASS_KEY: "L"}
_D: Final = {CLASS_KEY: "D"}
_END: Final = r"$(?!\n)"
"""In Python ``$`` alone also matches before a last line feed."""
_NAME_PATTERN: Final = r"^[a-z0-9][a-z0-9._\-]{0,47}" + _END
_OPTIONAL_NAME_PATTERN: Final = r"^([a-z0-9][a-z0-9._\-]{0,47})?" + _END
_CURRENCY_PATTERN: Final = r"^[A-Z]{3}" + _END
_USCC_PATTERN: Final = r"^[0-9A-Z]{18}" + _END

_NAME: Final = {
    **_L,
    WORDS_KEY: (
        "a name of 1 to 48 characters: a-z, 0-9, dot, dash, underscore; the first a-z or 0-9",
        "1 至 48 个字符的名称:a-z、0-9、点、连字符、下划线,首字符为 a-z 或 0-9",
    ),
}
_OPTIONAL_NAME: Final = {
    **_L,
    WORDS_KEY: (
        "nothing, or a name of 1 to 48 characters: a-z, 0-9, dot, dash, underscore",
        "空,或 1 至 48 个字符的名称:a-z、0-9、点、连字符、下划线",
    ),
}
_CURRENCY: Final = {
    **_L,
    WORDS_KEY: ("a currency code of three capital letters", "三个大写字母的币种代码"),
}
_USCC: Final = {
    **_D,
    WORDS_KEY: (
        "a unified social credit code: 18 digits and capital letters",
        "18 位统一社会信用代码(数字与大写字母)",
    ),
}

Id = Annotated[bytes, msgspec.Meta(min_length=ID_BYTES, max_length=ID_BYTES, extra=_L)]
"""An id of 20 bytes."""
OptionalId = Annotated[bytes, msgspec.Meta(max_length=ID_BYTES, extra=_L)]
"""An id of 20 bytes, or empty where there is none."""
Hash = Annotated[bytes, msgspec.Meta(min_length=32, max_length=32, extra=_L)]
"""A commitment of 32 bytes."""
OptionalHash = Annotated[bytes, msgspec.Meta(max_length=32, extra=_L)]
"""A commitment of 32 bytes, or empty where there is none."""
AmountMinor = Annotated[int, msgspec.Meta(ge=0, le=AMOUNT_MINOR_MAX, extra=_L)]
"""Minor units, 0…2⁶³−1."""
PositiveMinor = Annotated[int, msgspec.Meta(ge=1, le=AMOUNT_MINOR_MAX, extra=_L)]
"""Minor units, 1…2⁶³−1."""
TimeMs = Annotated[int, msgspec.Meta(ge=0, le=TIME_MS_MAX, extra=_L)]
"""Consensus time in milliseconds, 0 where there is none."""
Day = Annotated[int, msgspec.Meta(ge=0, le=TIME_MS_MAX // 86_400_000, extra=_L)]
"""A local date, in days since 1970-01-01."""
Count = Annotated[int, msgspec.Meta(ge=0, le=2**53 - 1, extra=_L)]
"""A small number: a count, a sequence, a version."""
Number = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1, extra=_L)]
"""A policy value in the unit its row names."""
RateE9 = Annotated[int, msgspec.Meta(ge=0, le=10**12, extra=_L)]
"""A rate in 1e-9."""
Flag = Annotated[bool, msgspec.Meta(extra=_L)]
"""True or false."""
Name = Annotated[str, msgspec.Meta(pattern=_NAME_PATTERN, extra=_NAME)]
"""A bounded id: lower-case letters, digits, dot, dash, underscore; at most 48 characters."""
OptionalName = Annotated[str, msgspec.Meta(pattern=_OPTIONAL_NAME_PATTERN, extra=_OPTIONAL_NAME)]
"""A bounded id, or empty where there is none."""
Currency = Annotated[str, msgspec.Meta(pattern=_CURRENCY_PATTERN, extra=_CURRENCY)]
"""An ISO 4217 alphabetic code."""
PublicKey = Annotated[bytes, msgspec.Meta(min_length=32, max_length=128, extra=_L)]
"""A public key of the suite named beside it."""
Signature = Annotated[bytes, msgspec.Meta(min_length=1, max_length=1024, extra=_L)]
"""A signature of the suite named beside it."""
BoxKey = Annotated[bytes, msgspec.Meta(min_length=32, max_length=32, extra=_L)]
"""A public key to which boxes are sealed (HPKE, X25519)."""
BoxSecret = Annotated[bytes, msgspec.Meta(min_length=32, max_length=32, extra=_L)]
"""The private key of such a public key, published so that everybody opens the same boxes."""
Sealed = Annotated[bytes, msgspec.Meta(min_length=48, max_length=256, extra=_L)]
"""A sealed box (HPKE): encapsulated key, ciphertext and tag."""
DirectoryText = Annotated[str, msgspec.Meta(min_length=1, max_length=200, extra=_D)]
"""Admission data of an organisation, or the text of published policy."""
Uscc = Annotated[str, msgspec.Meta(pattern=_USCC_PATTERN, extra=_USCC)]
"""A unified social credit code, GB 32100."""
