"""One form for a GS1 identifier, however it was written: the canonical GS1 Digital Link URI.

Rules this file keeps:
 1. EPC, EPC class and EPC pattern URIs become Digital Link URIs; check digits are computed.
 2. A Digital Link URI on any domain, with names or numbers for its keys, becomes the one on
    ``id.gs1.org`` with the finest key and qualifiers; its query is dropped.
 3. Whatever is neither stays as it is.

Source: GS1 EPC Tag Data Standard 1.13 section 6.3; GS1 Digital Link URI Syntax 1.2, 4.11; CBV 2.0
section 8.9.1 for the keys and qualifiers that are kept.
"""

import re
from collections.abc import Callable
from typing import Final
from urllib.parse import quote, unquote

from xinlian.connectors.identifiers import gs1_check_digit

CANONICAL: Final = "https://id.gs1.org"
_EPC: Final = re.compile(r"urn:epc:(?:id|class|idpat):([a-z]+):(.+)")
_LINK: Final = re.compile(r"https?://[^/?#]+/([^?#]*)(?:[?#].*)?")
_WILDCARD: Final = "*"
_NO_EXTENSION: Final = "0"
_GTIN_DIGITS: Final = 13
_SERIAL_DIGITS: Final = 17
_GLN_DIGITS: Final = 12
_GSIN_DIGITS: Final = 16

_KEYS: Final = {
    "00": (r"[0-9]{18}", ()),
    "01": (r"[0-9]{8}|[0-9]{12,14}", ("21", "10", "235")),
    "253": (r"[0-9]{13}.{0,17}", ()),
    "255": (r"[0-9]{13,25}", ()),
    "401": (r".{1,30}", ()),
    "402": (r"[0-9]{17}", ()),
    "414": (r"[0-9]{13}", ("254",)),
    "417": (r"[0-9]{13}", ()),
    "8003": (r"[0-9]{14}.{0,16}", ()),
    "8004": (r".{1,30}", ()),
    "8006": (r"[0-9]{18}", ("21", "10")),
    "8010": (r".{1,30}", ("8011",)),
    "8017": (r"[0-9]{18}", ()),
    "8018": (r"[0-9]{18}", ()),
}
"""Key → form of its value, and its qualifiers from the finest."""
_NAMED: Final = {
    "sscc": "00",
    "gtin": "01",
    "gdti": "253",
    "gcn": "255",
    "ginc": "401",
    "gsin": "402",
    "gln": "414",
    "party": "417",
    "grai": "8003",
    "giai": "8004",
    "itip": "8006",
    "cpid": "8010",
    "gsrnp": "8017",
    "gsrn": "8018",
    "ser": "21",
    "lot": "10",
    "cpsn": "8011",
    "glnx": "254",
}


def canonical(uri: str) -> str:
    """Return the canonical Digital Link URI of a GS1 identifier, or the URI as it is.

    >>> canonical("urn:epc:id:sscc:4012345.0000000111")
    'https://id.gs1.org/00/040123450000001112'
    """
    epc = _EPC.fullmatch(uri)
    if epc:
        build = _SCHEMES.get(epc[1])
        path = build(*epc[2].split(".", _PARTS[epc[1]] - 1)) if build else None
        return uri if path is None else f"{CANONICAL}/{path}"
    link = _LINK.fullmatch(uri)
    path = _constrained(link[1]) if link else None
    return uri if path is None else f"{CANONICAL}/{path}"


def _constrained(path: str) -> str | None:
    """Return the path of key and finest qualifier, None if there is no key in it."""
    steps = path.rstrip("/").split("/")
    for at in range(len(steps) - 1):
        key = _NAMED.get(steps[at], steps[at])
        form, qualifiers = _KEYS.get(key, ("", ()))
        if not form or not re.fullmatch(form, unquote(steps[at + 1])):
            continue
        rest = steps[at + 2 :]
        if len(rest) % 2:
            continue
        given = {
            _NAMED.get(name, name): value for name, value in zip(rest[::2], rest[1::2], strict=True)
        }
        finest = next((name for name in qualifiers if name in given), None)
        tail = "" if finest is None else f"/{finest}/{_escaped(given[finest])}"
        value = steps[at + 1].zfill(_GTIN_DIGITS + 1) if key == "01" else steps[at + 1]
        return f"{key}/{_escaped(value)}{tail}"
    return None


def _escaped(value: str) -> str:
    return quote(unquote(value), safe="'")


def _digits(body: str, count: int) -> str | None:
    """Return a key of digits with its check digit, None if it has not the right size."""
    if len(body) != count or not (body.isascii() and body.isdigit()):
        return None
    return body + gs1_check_digit(body)


def _gtin(company: str, item: str) -> str | None:
    return _digits(item[:1] + company + item[1:], _GTIN_DIGITS)


def _gln(company: str, rest: str) -> str | None:
    return _digits(company + rest, _GLN_DIGITS)


def _item(qualifier: str) -> Callable[[str, str, str], str | None]:
    def build(company: str, item: str = "", value: str = _WILDCARD) -> str | None:
        gtin = _gtin(company, item)
        if gtin is None:
            return None
        return f"01/{gtin}" + ("" if value == _WILDCARD else f"/{qualifier}/{_escaped(value)}")

    return build


def _serial(key: str) -> Callable[[str, str], str | None]:
    def build(company: str, reference: str = "") -> str | None:
        body = company + reference
        if key == "00":
            body = reference[:1] + company + reference[1:]
        code = _digits(body, _GSIN_DIGITS if key == "402" else _SERIAL_DIGITS)
        return None if code is None else f"{key}/{code}"

    return build


def _location(company: str, reference: str = "", extension: str = _NO_EXTENSION) -> str | None:
    gln = _gln(company, reference)
    if gln is None:
        return None
    return f"414/{gln}" + ("" if extension == _NO_EXTENSION else f"/254/{_escaped(extension)}")


def _party(company: str, reference: str = "") -> str | None:
    gln = _gln(company, reference)
    return None if gln is None else f"417/{gln}"


def _numbered(prefix: str) -> Callable[[str, str, str], str | None]:
    """Keys of twelve digits, check digit and serial."""

    def build(company: str, kind: str = "", serial: str = _WILDCARD) -> str | None:
        code = _gln(company, kind)
        if code is None:
            return None
        return f"{prefix}{code}" + ("" if serial == _WILDCARD else _escaped(serial))

    return build


def _free(key: str) -> Callable[[str, str], str | None]:
    def build(company: str, reference: str = "") -> str | None:
        return f"{key}/{company}{_escaped(reference)}"

    return build


def _component(company: str, part: str = "", serial: str = _WILDCARD) -> str | None:
    tail = "" if serial == _WILDCARD else f"/8011/{_escaped(serial)}"
    return f"8010/{company}{_escaped(part)}{tail}"


def _piece(
    company: str, item: str = "", piece: str = "", total: str = "", serial: str = _WILDCARD
) -> str | None:
    gtin = _gtin(company, item)
    if gtin is None:
        return None
    tail = "" if serial == _WILDCARD else f"/21/{_escaped(serial)}"
    return f"8006/{gtin}{piece}{total}{tail}"


_SCHEMES: Final[dict[str, Callable[..., str | None]]] = {
    "sgtin": _item("21"),
    "lgtin": _item("10"),
    "upui": _item("235"),
    "sscc": _serial("00"),
    "gsrn": _serial("8018"),
    "gsrnp": _serial("8017"),
    "gsin": _serial("402"),
    "sgln": _location,
    "pgln": _party,
    "grai": _numbered("8003/0"),
    "gdti": _numbered("253/"),
    "sgcn": _numbered("255/"),
    "giai": _free("8004"),
    "ginc": _free("401"),
    "cpi": _component,
    "itip": _piece,
}
_PARTS: Final = {
    "sgtin": 3, "lgtin": 3, "upui": 3, "sscc": 2, "gsrn": 2, "gsrnp": 2, "gsin": 2, "sgln": 3,
    "pgln": 2, "grai": 3, "gdti": 3, "sgcn": 3, "giai": 2, "ginc": 2, "cpi": 3, "itip": 5,
}  # fmt: skip
"""How many parts each scheme has: the last may contain dots."""
_CHECKED: Final = re.compile(
    rf"{CANONICAL}/(?:(?:00|01|402|414|417|8017|8018)/([0-9]+)|(?:253|255)/([0-9]{{13}})"
    r"|8003/0([0-9]{13})|8006/([0-9]{14})).*"
)


def has_check_digit(uri: str) -> bool:
    """Return False for a canonical Digital Link URI whose key has a wrong check digit."""
    match = _CHECKED.fullmatch(uri)
    key = next(filter(None, match.groups()), None) if match else None
    return key is None or key[-1] == gs1_check_digit(key[:-1])
