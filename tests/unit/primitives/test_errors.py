"""The tree of refusals: stable, unique, and apart from our own bugs."""

import importlib
import pkgutil

import xinlian
from xinlian.primitives import (
    InvalidTransaction,
    InvariantViolation,
    LedgerError,
    Rejected,
    Unauthorised,
)

ROOTS = (InvalidTransaction, Unauthorised, Rejected)
CONSENSUS = ("ledger", "contracts", "modules", "apps")


def refusals() -> list[type[LedgerError]]:
    """Every refusal that can become a result of a transaction."""
    for module in pkgutil.walk_packages(xinlian.__path__, "xinlian."):
        if module.name.rsplit(".", 1)[-1] == "errors":
            importlib.import_module(module.name)
    found: list[type[LedgerError]] = []
    pending: list[type[LedgerError]] = [LedgerError]
    while pending:
        for child in pending.pop().__subclasses__():
            if not child.__module__.startswith("xinlian."):
                continue
            pending.append(child)
            if child.__module__.split(".")[1] in CONSENSUS and child not in ROOTS:
                found.append(child)
    return found


def test_every_refusal_has_its_own_code_and_name_in_its_codespace():
    codes = [(refusal.codespace, refusal.code) for refusal in refusals()]
    names = [(refusal.codespace, refusal.name) for refusal in refusals()]
    assert len(codes) > 60
    assert len(codes) == len(set(codes))
    assert len(names) == len(set(names))
    assert all(code > 0 for _, code in codes)


def test_every_refusal_descends_from_one_of_three_roots_and_is_explained():
    for refusal in refusals():
        assert sum(issubclass(refusal, root) for root in ROOTS) == 1, refusal
        assert refusal.__doc__
        assert refusal.__doc__.rstrip().endswith((".", ")")), refusal


def test_names_are_for_machines():
    for refusal in refusals():
        assert refusal.name.replace("_", "").isalnum()
        assert refusal.name == refusal.name.lower()


def test_our_own_bugs_are_no_refusals():
    assert not issubclass(InvariantViolation, LedgerError)
    violation = InvariantViolation("sums", "1 and 2")
    assert violation.invariant == "sums"
    assert str(violation) == "sums: 1 and 2"
    assert str(InvariantViolation("sums")) == "sums"
