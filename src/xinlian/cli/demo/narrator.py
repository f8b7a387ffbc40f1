"""Tells the demonstration as it happens, and remembers what was checked.

Rules this file keeps:
 1. Every sentence stands in Chinese and English; every act names who signed, the height and the
    time it took.
 2. A check that does not hold ends the demonstration with a failure; nothing is printed as done
    that was not looked at.
"""

import dataclasses
import time
from collections.abc import Sequence
from typing import Final, NamedTuple

from rich.console import Console
from rich.table import Table

from xinlian.client.session import Submitted

RULE_ROLES: Final = frozenset({"verifier"})
"""Roles whose keys belong to programs: what they sign is no person's touch."""


class DemoFailed(Exception):  # noqa: N818 - names what happened to the demonstration
    """Something that the demonstration promises did not hold."""


@dataclasses.dataclass(frozen=True, slots=True)
class Check:
    """One promise that was looked at and held."""

    step: int
    name: str
    text: str


class Tally(NamedTuple):
    """Transactions and signatures so far, by people and by rules."""

    transactions: int
    by_people: int
    by_rules: int


class Narrator:
    """Prints acts and checks; counts signatures."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._step = 0
        self._act_began = time.perf_counter()
        self.checks: list[Check] = []
        self._tally = Tally(0, 0, 0)

    def heading(self, chinese: str, english: str) -> None:
        """Print a heading that is no step."""
        self._console.print(f"\n[bold]{chinese} · {english}[/]")

    def step(self, number: int, chinese: str, english: str) -> None:
        """Begin a numbered step."""
        self._step = number
        self._console.print(f"\n[bold cyan]{number}. {chinese}[/] · {english}")
        self._act_began = time.perf_counter()

    def say(self, chinese: str, english: str) -> None:
        """Print a remark."""
        self._console.print(f"   {chinese} · [dim]{english}[/]")
        self._act_began = time.perf_counter()

    def act(
        self,
        who: str,
        roles: Sequence[str],
        submitted: Submitted,
        chinese: str,
        english: str,
    ) -> None:
        """Print what a party did, and count its signatures."""
        self.count(roles)
        took_ms = self._took_ms()
        self._console.print(
            f"   [green]✓[/] {who} [dim]({', '.join(roles)})[/] {chinese} · [dim]{english}[/]"
            f"  [dim]高度 height {submitted.outcome.height}, {took_ms} ms[/]",
        )

    def refused(self, who: str, reference: str, height: int, chinese: str, english: str) -> None:
        """Print what the ledger refused."""
        self._console.print(
            f"   [yellow]✗[/] {who} {chinese} → [bold]{reference}[/] · [dim]{english}[/]"
            f"  [dim]高度 height {height}, {self._took_ms()} ms[/]",
        )

    def check(self, name: str, *, holds: bool, chinese: str, english: str) -> None:
        """Record a promise that holds; raises DemoFailed for one that does not."""
        if not holds:
            raise DemoFailed(f"step {self._step}, {name}: {english} / {chinese}")
        self.checks.append(Check(self._step, name, english))
        self._console.print(f"   [green]■[/] {chinese} · [dim]{english}[/]")

    def count(self, roles: Sequence[str]) -> None:
        """Count the signatures of one transaction."""
        by_rules = sum(role in RULE_ROLES for role in roles)
        self._tally = Tally(
            self._tally.transactions + 1,
            self._tally.by_people + len(roles) - by_rules,
            self._tally.by_rules + by_rules,
        )

    def tally(self) -> Tally:
        """Return what was counted so far."""
        return self._tally

    def command(self, text: str) -> None:
        """Print a command to copy."""
        self._console.print(f"   $ {text}", markup=False)

    def table(self, title: str, rows: Sequence[tuple[str, str]]) -> None:
        """Print a table of two columns."""
        table = Table(title=title, show_header=False, title_justify="left")
        table.add_column(style="bold")
        table.add_column(overflow="fold")
        for name, value in rows:
            table.add_row(name, value)
        self._console.print()
        self._console.print(table)

    def _took_ms(self) -> int:
        now = time.perf_counter()
        took_ms = round((now - self._act_began) * 1_000)
        self._act_began = now
        return took_ms
