"""The table of all refusals, by codespace and code."""

import importlib
import pkgutil
from collections.abc import Iterator
from typing import Final

import xinlian
from docs_tools.markdown import code, first_line, page, table
from xinlian.client.refusal_words import refusal_words
from xinlian.ledger.errors import (
    INTERNAL_CODESPACE,
    INTERNAL_ERROR_CODE,
    INTERNAL_INVARIANT_CODE,
)
from xinlian.primitives import InvalidTransaction, LedgerError, Rejected, Unauthorised

_INTRO: Final = """\
A refusal is identified by `codespace/name`, and on the ledger by `(codespace, code)`. Both are
stable: they never change once released and are never reused. The text that comes with a refusal is
for people and may be reworded; no program should read it.

*Class* says what kind of refusal it is: `InvalidTransaction`, the envelope or a message is
malformed; `Unauthorised`, well formed, but these signers may not do it; `Rejected`, the rules of
the business refuse it. Where it names another class, the refusal arises outside the ledger and
never becomes the result of a transaction.

*Transient* says whether the very same request may succeed later. For anything else, change the
request.

What a refusal does to the idempotency key: those of codespace `ledger` consume nothing and are no
outcome; every later one is the outcome of its transaction and has consumed the key. See
[outcomes and replay](../concepts/outcomes.md)."""
_INTERNAL: Final = """\
Results of the project's own bugs. The message is rolled back, the idempotency key is consumed, the
operator's log has an alarm. Report them."""
_ROOTS: Final = (InvalidTransaction, Unauthorised, Rejected)


def error_page() -> str:
    """Return the page of all refusals."""
    by_codespace: dict[str, list[type[LedgerError]]] = {}
    for error in sorted(set(_refusals()), key=lambda e: (e.codespace, e.code)):
        by_codespace.setdefault(error.codespace, []).append(error)
    parts = [_codespace(name, errors) for name, errors in by_codespace.items()]
    return page("Errors", _INTRO, *parts, _internal())


def _codespace(name: str, errors: list[type[LedgerError]]) -> str:
    codes = [error.code for error in errors]
    if len(set(codes)) != len(codes):
        raise ValueError(f"codespace {name} uses a code twice")
    rows = [
        (e.code, code(f"{name}/{e.name}"), _class_of(e), "yes" if e.transient else "no",
         first_line(e.__doc__), *_words(f"{name}/{e.name}"))
        for e in errors
    ]  # fmt: skip
    head = ("code", "name", "class", "transient", "meaning", "what to do", "含义", "处理")
    return f"## {name}\n\n{table(head, rows)}"


def _words(reference: str) -> tuple[str, str, str]:
    words = refusal_words(reference)
    return words.cure_en, words.meaning_zh, words.cure_zh


def _internal() -> str:
    rows = [
        (INTERNAL_INVARIANT_CODE, "`internal/invariant`",
         "A message would have broken a conservation sum or an invariant."),
        (INTERNAL_ERROR_CODE, "`internal/error`", "A message met an unexpected exception."),
    ]  # fmt: skip
    return f"## {INTERNAL_CODESPACE}\n\n{_INTERNAL}\n\n{table(('code', 'name', 'meaning'), rows)}"


def _class_of(error: type[LedgerError]) -> str:
    for root in _ROOTS:
        if issubclass(error, root):
            return root.__name__
    return error.__bases__[0].__name__


def _refusals() -> Iterator[type[LedgerError]]:
    """Yield every concrete refusal of the package: those with a code of their own."""
    for module in pkgutil.walk_packages(xinlian.__path__, "xinlian."):
        if module.name.endswith(".errors"):
            importlib.import_module(module.name)
    pending: list[type[LedgerError]] = [LedgerError]
    while pending:
        error = pending.pop()
        pending += error.__subclasses__()
        is_ours = error.__module__.startswith("xinlian.")  # tests have refusals of their own
        if is_ours and "code" in vars(error) and error.code:
            yield error
