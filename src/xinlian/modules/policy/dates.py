"""The dates of an object, of which a version of a policy row chooses the one that it applies by.

Rules this file keeps:
 1. A reader hands over all dates of the object that it decides about, and never chooses between
    them: the version does (``applies_by``).
 2. A version governs an object exactly if the object's date that it applies by is not before the
    moment from which it is in force.  Of those that govern the latest is in force.
 3. So a version in force from a moment on changes nothing for an object whose date, of the kind
    that the version applies by, was earlier.
 4. An object that has no contract of its own has the contract date of its issue; one that was not
    issued has the issue date of what happens now.

Source: docs/concepts/governance.md (``applies_by``; no retroactive effect).
"""

from collections.abc import Sequence
from typing import NamedTuple

from xinlian.modules.policy.types import AppliesBy, PolicyVersion


class PolicyDates(NamedTuple):
    """When an object's contract was made, when it was issued, and what happens to it: when."""

    contract_ms: int
    issue_ms: int
    event_ms: int

    def by(self, applies_by: str) -> int:
        """Return the date that a version applies by."""
        if applies_by == AppliesBy.CONTRACT:
            return self.contract_ms
        return self.issue_ms if applies_by == AppliesBy.ISSUE else self.event_ms


def happening(at_ms: int) -> PolicyDates:
    """Return the dates of what has no earlier ones: it is agreed, begun and done in one moment."""
    return PolicyDates(at_ms, at_ms, at_ms)


def dates_of(event_ms: int, *, issue_ms: int = 0, contract_ms: int = 0) -> PolicyDates:
    """Return the dates of an object; 0 where it has no such date."""
    issued_ms = issue_ms or event_ms
    return PolicyDates(contract_ms or issued_ms, issued_ms, event_ms)


def version_in_force(
    versions: Sequence[PolicyVersion],
    dates: PolicyDates,
) -> PolicyVersion | None:
    """Return the version that governs an object, of versions ascending by their moment."""
    for version in reversed(versions):
        if version.effective_from_ms <= dates.by(version.applies_by):
            return version
    return None
