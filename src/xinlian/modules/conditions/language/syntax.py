"""The parts that a condition's text is made of, and their one spelling.

Rules this file keeps:
 1. ``spelled`` gives equal trees equal texts: people sign the text, and its hash names it.
"""

import dataclasses
from typing import Final, TypeAlias

from xinlian.primitives import InvariantViolation

_ESCAPES: Final = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_SPACE: Final = 0x20
_DELETE: Final = 0x7F

PRECEDENCE: Final = {
    "?:": 1,
    "||": 2,
    "&&": 3,
    **dict.fromkeys(("==", "!=", "<", "<=", ">", ">=", "in"), 4),
    **dict.fromkeys(("+", "-"), 5),
    **dict.fromkeys(("*", "/", "%"), 6),
}
"""How tightly binary operators bind; all of them from the left."""
UNARY: Final = 7
MEMBER: Final = 8


@dataclasses.dataclass(frozen=True, slots=True)
class Literal:
    """A bool, an int or a string that is written out."""

    value: bool | int | str
    position: int


@dataclasses.dataclass(frozen=True, slots=True)
class Name:
    """A declared name, or the variable of a comprehension."""

    text: str
    position: int


@dataclasses.dataclass(frozen=True, slots=True)
class Select:
    """``operand.field``; with ``is_test`` it is ``has(operand.field)``."""

    operand: "Node"
    field: str
    position: int
    is_test: bool = False


@dataclasses.dataclass(frozen=True, slots=True)
class Index:
    """``operand[index]``."""

    operand: "Node"
    index: "Node"
    position: int


@dataclasses.dataclass(frozen=True, slots=True)
class Listing:
    """``[a, b, …]``."""

    elements: tuple["Node", ...]
    position: int


@dataclasses.dataclass(frozen=True, slots=True)
class Unary:
    """``!operand`` or ``-operand``."""

    operator: str
    operand: "Node"
    position: int


@dataclasses.dataclass(frozen=True, slots=True)
class Binary:
    """``left operator right``."""

    operator: str
    left: "Node"
    right: "Node"
    position: int


@dataclasses.dataclass(frozen=True, slots=True)
class Choice:
    """``condition ? yes : no``."""

    condition: "Node"
    yes: "Node"
    no: "Node"
    position: int


@dataclasses.dataclass(frozen=True, slots=True)
class Call:
    """``function(arguments)`` or ``target.function(arguments)``."""

    function: str
    target: "Node | None"
    arguments: tuple["Node", ...]
    position: int


@dataclasses.dataclass(frozen=True, slots=True)
class Comprehension:
    """``operand.macro(variable, body)``; ``map`` may have a condition before its body."""

    macro: str
    operand: "Node"
    variable: str
    condition: "Node | None"
    body: "Node"
    position: int


Node: TypeAlias = (
    Literal | Name | Select | Index | Listing | Unary | Binary | Choice | Call | Comprehension
)

_KINDS: Final = (
    Literal,
    Name,
    Select,
    Index,
    Listing,
    Unary,
    Binary,
    Choice,
    Call,
    Comprehension,
)


def children(node: Node) -> tuple[Node, ...]:
    """Return the parts that a part is made of, in the order of its fields."""
    found: list[Node] = []
    for field in dataclasses.fields(node):
        value = getattr(node, field.name)
        if isinstance(value, _KINDS):
            found.append(value)
        elif isinstance(value, tuple):
            found += value
    return tuple(found)


def depth_of(node: Node) -> int:
    """Return how many parts lie in one another, without calling itself."""
    deepest = 0
    waiting = [(node, 1)]
    while waiting:
        part, depth = waiting.pop()
        deepest = max(deepest, depth)
        waiting += [(child, depth + 1) for child in children(part)]
    return deepest


def spelled(node: Node) -> str:
    """Return the one text of a tree."""
    return _spelled(node, 0)


def quoted(text: str) -> str:
    """Return a string as it is written in a condition."""
    return '"' + "".join(map(_escaped, text)) + '"'


def _escaped(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    if ord(character) < _SPACE or ord(character) == _DELETE:
        return f"\\u{ord(character):04x}"
    return character


def _spelled(node: Node, around: int) -> str:
    """Return a tree's text, in brackets where what is around it binds more tightly."""
    text, binds = _with_strength(node)
    return text if binds >= around else f"({text})"


def _with_strength(node: Node) -> tuple[str, int]:
    if isinstance(node, Binary):
        binds = PRECEDENCE[node.operator]
        left, right = _spelled(node.left, binds), _spelled(node.right, binds + 1)
        return f"{left} {node.operator} {right}", binds
    if isinstance(node, Choice):
        binds = PRECEDENCE["?:"]
        condition, yes = _spelled(node.condition, binds + 1), _spelled(node.yes, binds + 1)
        return f"{condition} ? {yes} : {_spelled(node.no, binds)}", binds
    if isinstance(node, Unary):
        return node.operator + _spelled(node.operand, MEMBER), UNARY
    if isinstance(node, Literal) and type(node.value) is int and node.value < 0:
        return str(node.value), UNARY
    return _spelled_member(node), MEMBER


def _spelled_member(node: Node) -> str:
    if isinstance(node, Literal):
        return _spelled_literal(node.value)
    if isinstance(node, Name):
        return node.text
    if isinstance(node, Listing):
        return f"[{_spelled_all(node.elements)}]"
    if isinstance(node, Call):
        target = "" if node.target is None else f"{_spelled(node.target, MEMBER)}."
        return f"{target}{node.function}({_spelled_all(node.arguments)})"
    return _spelled_on_operand(node)


def _spelled_literal(value: bool | int | str) -> str:  # noqa: FBT001 - a literal, no flag
    if isinstance(value, bool):
        return "true" if value else "false"
    return quoted(value) if isinstance(value, str) else str(value)


def _spelled_on_operand(node: Node) -> str:
    """Return a field, an index or a comprehension, after what it is of."""
    if not isinstance(node, Select | Index | Comprehension):
        raise InvariantViolation("condition_part", type(node).__name__)
    operand = _spelled(node.operand, MEMBER)
    if isinstance(node, Index):
        return f"{operand}[{spelled(node.index)}]"
    if isinstance(node, Select):
        text = f"{operand}.{node.field}"
        return f"has({text})" if node.is_test else text
    parts = [] if node.condition is None else [spelled(node.condition)]
    inner = ", ".join([node.variable, *parts, spelled(node.body)])
    return f"{operand}.{node.macro}({inner})"


def _spelled_all(nodes: tuple[Node, ...]) -> str:
    return ", ".join(map(spelled, nodes))
