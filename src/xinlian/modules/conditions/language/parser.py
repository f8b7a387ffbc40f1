"""Reads a condition's text into a tree.

Rules this file keeps:
 1. Depth and number of parts are bounded, whatever the text.
 2. Macros are recognised by their form, as the language asks, never by a variable's value.

Source: the grammar of the Common Expression Language.
"""

from collections.abc import Callable
from typing import Final

from xinlian.modules.conditions.errors import (
    NotInProfile,
    SyntaxRefused,
    TooDeep,
    TooManyNodes,
)
from xinlian.modules.conditions.language.lexer import Token, tokens_of
from xinlian.modules.conditions.language.syntax import (
    PRECEDENCE,
    Binary,
    Call,
    Choice,
    Comprehension,
    Index,
    Listing,
    Literal,
    Name,
    Node,
    Select,
    Unary,
    depth_of,
)
from xinlian.modules.conditions.language.types import INT_MAX

DEPTH_MAX: Final = 32
"""How deep brackets, choices and arguments lie in one another."""
TREE_DEPTH_MAX: Final = 64
"""How deep the tree is, where a row of operators counts each of them."""
NODES_MAX: Final = 512
COMPREHENSION_MACROS: Final = frozenset({"all", "exists", "exists_one", "filter", "map"})
_RESERVED: Final = frozenset(
    [
        "as",
        "break",
        "const",
        "continue",
        "else",
        "for",
        "function",
        "if",
        "import",
        "let",
        "loop",
        "package",
        "namespace",
        "return",
        "var",
        "void",
        "while",
    ],
)
_KEYWORDS: Final = frozenset({"true", "false", "null", "in"})
_LEFT_OUT: Final = frozenset({"matches", "dyn", "double", "uint", "bytes", "type"})


def parse(text: str) -> Node:
    """Return the tree of a text.

    Raises:
        ConditionRefused: one of its classes, with the position of what is wrong.
    """
    parser = _Parser(tokens_of(text))
    node = parser.expression()
    parser.expect_end()
    if depth_of(node) > TREE_DEPTH_MAX:
        raise TooDeep(f"the parts lie more than {TREE_DEPTH_MAX} deep in one another")
    return node


class _Parser:
    """A cursor over the tokens."""

    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = -1  # the outermost expression lies in no brackets
        self._nodes = 0

    def expression(self) -> Node:
        """Read ``condition ? yes : no``, or what binds more tightly."""
        self._depth += 1
        if self._depth > DEPTH_MAX:
            raise TooDeep(f"a condition is at most {DEPTH_MAX} deep", self._next.position)
        node = self._binary(PRECEDENCE["||"])
        if self._accept("?"):
            position = self._tokens[self._at - 1].position
            yes = self._binary(PRECEDENCE["||"])
            self._expect(":")
            node = self._made(Choice(node, yes, self.expression(), position))
        self._depth -= 1
        return node

    def expect_end(self) -> None:
        """Refuse whatever is left."""
        if self._next.kind != "end":
            raise SyntaxRefused(f"unexpected {self._next.text!r}", self._next.position)

    @property
    def _next(self) -> Token:
        return self._tokens[self._at]

    def _accept(self, operator: str) -> bool:
        token = self._next
        if token.kind not in {"operator", "name"} or token.text != operator:
            return False
        self._at += 1
        return True

    def _expect(self, operator: str) -> None:
        if not self._accept(operator):
            found = self._next.text or "the end"
            raise SyntaxRefused(f"expected {operator!r}, found {found!r}", self._next.position)

    def _made(self, node: Node) -> Node:
        self._nodes += 1
        if self._nodes > NODES_MAX:
            raise TooManyNodes(f"a condition has at most {NODES_MAX} parts", node.position)
        return node

    def _binary(self, level: int) -> Node:
        """Read operators of one level, from the left."""
        if level > PRECEDENCE["*"]:
            return self._unary()
        node = self._binary(level + 1)
        while True:
            token = self._next
            is_operator = token.kind in {"operator", "name"}
            if not is_operator or PRECEDENCE.get(token.text) != level:
                return node
            self._at += 1
            right = self._binary(level + 1)
            node = self._made(Binary(token.text, node, right, token.position))

    def _unary(self) -> Node:
        signs: list[Token] = []
        while self._next.kind == "operator" and self._next.text in {"!", "-"}:
            signs.append(self._next)
            self._at += 1
        if len({sign.text for sign in signs}) > 1:
            raise SyntaxRefused("! and - cannot be mixed", signs[0].position)
        is_negative = bool(signs) and signs[-1].text == "-" and self._next.kind == "integer"
        if is_negative:
            signs.pop()
        node = self._members(self._integer(sign=-1) if is_negative else self._primary())
        for sign in reversed(signs):
            node = self._made(Unary(sign.text, node, sign.position))
        return node

    def _members(self, node: Node) -> Node:
        """Read what follows a value: fields, calls on it, indexes."""
        while self._next.kind == "operator" and self._next.text in {".", "["}:
            position = self._next.position
            if self._accept("["):
                index = self.expression()
                self._expect("]")
                node = self._made(Index(node, index, position))
                continue
            self._at += 1
            field = self._identifier()
            is_call = self._accept("(")
            node = self._call_on(node, field) if is_call else self._select(node, field)
        return node

    def _select(self, operand: Node, field: Token) -> Node:
        return self._made(Select(operand, field.text, field.position))

    def _call_on(self, target: Node, function: Token) -> Node:
        _refuse_left_out(function)
        arguments = self._arguments(")")
        if function.text in COMPREHENSION_MACROS:
            return self._made(_comprehension(target, function, arguments))
        return self._made(Call(function.text, target, arguments, function.position))

    def _arguments(self, closing: str) -> tuple[Node, ...]:
        arguments: list[Node] = []
        if self._accept(closing):
            return ()
        while True:
            arguments.append(self.expression())
            if not self._accept(","):
                break
            if closing == "]" and self._next.text == closing:  # a list may end with a comma
                break
        self._expect(closing)
        return tuple(arguments)

    def _primary(self) -> Node:
        token = self._next
        readers: dict[str, Callable[[], Node]] = {
            "integer": self._integer,
            "string": self._string,
            "name": self._named,
        }
        if token.kind in readers:
            return readers[token.kind]()
        if self._accept("("):
            node = self.expression()
            self._expect(")")
            return node
        if self._accept("["):
            return self._made(Listing(self._arguments("]"), token.position))
        if token.kind == "operator" and token.text in {"{", "."}:
            raise NotInProfile("there are no maps, messages or rooted names", token.position)
        raise SyntaxRefused(f"unexpected {token.text or 'end'!r}", token.position)

    def _integer(self, sign: int = 1) -> Node:
        token = self._next
        self._at += 1
        is_hexadecimal = token.text[:2].lower() == "0x"
        value = int(token.text, base=16 if is_hexadecimal else 10)
        if value > INT_MAX + (sign < 0):
            raise SyntaxRefused("an integer has at most 64 bits", token.position)
        return self._made(Literal(sign * value, token.position))

    def _string(self) -> Node:
        token = self._next
        self._at += 1
        return self._made(Literal(token.text, token.position))

    def _named(self) -> Node:
        """Read a constant, a name, a call, or ``has``."""
        if self._next.text in {"true", "false"}:
            token = self._next
            self._at += 1
            return self._made(Literal(token.text == "true", token.position))
        token = self._identifier()
        if self._next.kind == "operator" and self._next.text == "{":
            raise NotInProfile("there are no messages", token.position)
        if not self._accept("("):
            return self._made(Name(token.text, token.position))
        _refuse_left_out(token)
        arguments = self._arguments(")")
        if token.text == "has":
            return self._made(_presence(token, arguments))
        return self._made(Call(token.text, None, arguments, token.position))

    def _identifier(self) -> Token:
        token = self._next
        if token.kind != "name":
            raise SyntaxRefused(f"expected a name, found {token.text!r}", token.position)
        if token.text == "null":
            raise NotInProfile("there is no null", token.position)
        if token.text in _RESERVED or token.text in _KEYWORDS:
            raise SyntaxRefused(f"{token.text!r} is a reserved word", token.position)
        self._at += 1
        return token


def _refuse_left_out(function: Token) -> None:
    if function.text in _LEFT_OUT:
        raise NotInProfile(f"there is no {function.text}()", function.position)


def _presence(token: Token, arguments: tuple[Node, ...]) -> Node:
    (operand,) = arguments if len(arguments) == 1 else (None,)
    if not isinstance(operand, Select) or operand.is_test:
        raise SyntaxRefused("has() takes one field, such as has(claim.note)", token.position)
    return Select(operand.operand, operand.field, token.position, is_test=True)


def _comprehension(operand: Node, macro: Token, arguments: tuple[Node, ...]) -> Node:
    counts = {2, 3} if macro.text == "map" else {2}
    if len(arguments) not in counts or not isinstance(arguments[0], Name):
        raise SyntaxRefused(f"{macro.text}() takes a variable and a condition", macro.position)
    condition = arguments[1] if len(arguments) > 2 else None  # noqa: PLR2004 - with a condition
    variable = arguments[0].text
    return Comprehension(macro.text, operand, variable, condition, arguments[-1], macro.position)
