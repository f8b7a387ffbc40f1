"""Cuts a condition's text into tokens.

Rules this file keeps:
 1. What the language has and the profile leaves out is refused by name: fractions, unsigned and
    hexadecimal-float numbers, bytes.
 2. Integers are read without their sign; the parser puts the two together.

Source: the lexis of the Common Expression Language's grammar.
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import Final, NamedTuple

from xinlian.modules.conditions.errors import NotInProfile, SyntaxRefused, TextTooLong

TEXT_LENGTH_MAX: Final = 4_096
_TOKEN: Final = re.compile(
    r"""
    (?P<space>   [ \t\r\n\f]+ | //[^\n]* )
  | (?P<fraction> [0-9]+\.[0-9]+([eE][+-]?[0-9]+)? | [0-9]+[eE][+-]?[0-9]+ | \.[0-9]+ )
  | (?P<unsigned> (0[xX][0-9a-fA-F]+ | [0-9]+)[uU] )
  | (?P<integer> 0[xX][0-9a-fA-F]+ | [0-9]+ )
  | (?P<bytes>  ([bB][rR]?|[rR][bB])(?=["']) )
  | (?P<string> [rR]?(\"\"\"|'''|"|') )
  | (?P<name>   [_a-zA-Z][_a-zA-Z0-9]* )
  | (?P<operator> == | != | <= | >= | && | \|\| | [-+*/%!<>?:.,()\[\]{}] )
    """,
    re.VERBOSE,
)
_SIMPLE_ESCAPES: Final = {
    **{char: char for char in "\\'\"`?"},
    "a": "\a",
    "b": "\b",
    "f": "\f",
    "n": "\n",
    "r": "\r",
    "t": "\t",
    "v": "\v",
}
_HEXADECIMAL_ESCAPES: Final = {"x": 2, "X": 2, "u": 4, "U": 8}
_OCTAL_DIGITS: Final = 3
_CODE_POINT_MAX: Final = 0x10FFFF
_SURROGATES: Final = range(0xD800, 0xE000)
_INTEGER_DIGITS_MAX: Final = 20


class Token(NamedTuple):
    """A piece of the text: ``name``, ``integer``, ``string``, ``operator`` or ``end``."""

    kind: str
    text: str
    position: int


def tokens_of(text: str) -> list[Token]:
    """Return the tokens of a text, the last of kind ``end``.

    Raises:
        TextTooLong: beyond 4 096 characters.
        NotInProfile: a kind of literal that the profile leaves out, or text that is not in NFC.
        SyntaxRefused: anything else that is no token.
    """
    if len(text) > TEXT_LENGTH_MAX:
        raise TextTooLong(f"a condition has at most {TEXT_LENGTH_MAX} characters", len(text) - 1)
    if not unicodedata.is_normalized("NFC", text):
        raise NotInProfile("the text is not in Unicode normal form C")
    return [*_tokens(text), Token("end", "", len(text))]


def _tokens(text: str) -> Iterator[Token]:
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise SyntaxRefused(f"unexpected {text[position]!r}", position)
        kind, word = str(match.lastgroup), match[0]
        if kind in {"fraction", "unsigned", "bytes"}:
            raise NotInProfile(f"there are no {kind} values", position)
        if kind == "string":
            value, end = _string(text, position, match)
            yield Token("string", value, position)
            position = end
            continue
        if kind == "integer" and len(word) > _INTEGER_DIGITS_MAX:
            raise SyntaxRefused("an integer has at most 64 bits", position)
        if kind != "space":
            yield Token(kind, word, position)
        position = match.end()


def _string(text: str, start: int, opening: re.Match[str]) -> tuple[str, int]:
    """Return the value of a string literal and where it ends."""
    is_raw = opening[0][0] in "rR"
    quotes = opening[0].lstrip("rR")
    parts: list[str] = []
    position = opening.end()
    while not text.startswith(quotes, position):
        if position >= len(text) or (text[position] in "\r\n" and len(quotes) == 1):
            raise SyntaxRefused("the string has no end", start)
        if text[position] == "\\" and not is_raw:
            value, position = _escape(text, position)
            parts.append(value)
        else:
            parts.append(text[position])
            position += 1
    return "".join(parts), position + len(quotes)


def _escape(text: str, start: int) -> tuple[str, int]:
    """Return the character of an escape sequence and where it ends."""
    letter = text[start + 1 : start + 2]
    if letter in _SIMPLE_ESCAPES:
        return _SIMPLE_ESCAPES[letter], start + 2
    if letter in _HEXADECIMAL_ESCAPES:
        begin, base = start + 2, 16
        count = _HEXADECIMAL_ESCAPES[letter]
    elif letter and letter in "0123":
        begin, base, count = start + 1, 8, _OCTAL_DIGITS
    else:
        raise SyntaxRefused("there is no such escape sequence", start)
    digits = text[begin : begin + count]
    allowed = "01234567" if base == 8 else "0123456789abcdefABCDEF"  # noqa: PLR2004 - octal
    if len(digits) != count or digits.strip(allowed):
        raise SyntaxRefused(f"the escape sequence needs {count} digits", start)
    code = int(digits, base)
    if code > _CODE_POINT_MAX or code in _SURROGATES:
        raise SyntaxRefused("there is no such character", start)
    return chr(code), begin + count
