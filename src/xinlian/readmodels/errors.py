"""What the read model refuses, or cannot do.

The tree::

    ReadModelError
    ├── ReadRefused            the question is malformed: ask again, differently
    │   ├── CursorInvalid      1
    │   ├── LimitInvalid       2
    │   ├── HeightUnknown      3
    │   ├── PeriodUnknown      4
    │   ├── ReadNotRecorded    5
    │   ├── ConsentNotInForce  6
    │   ├── FigureUnknown      7
    │   └── HistoryMissing     8
    └── ReadModelBroken        the database cannot be used: an operator must act
        ├── AddressInvalid     11
        ├── DatabaseFailed     12
        ├── OtherChain         13
        ├── BlockMissing       14
        └── SchemaUnknown      15

Rules this file keeps:
 1. ``codespace`` and ``code`` are set by the concrete class and never change once released.
 2. No text names a password, an address of a database, or a value of a statement.
"""

from typing import ClassVar


class ReadModelError(Exception):
    """Base of all errors of the read model, identified by ``(codespace, code)``."""

    codespace: ClassVar[str] = "readmodels"
    code: ClassVar[int] = 0
    name: ClassVar[str] = "error"
    next_step: ClassVar[str] = ""
    """What the caller may do about it."""

    @property
    def reference(self) -> str:
        """The stable public name, for example ``readmodels/cursor_invalid``."""
        return f"{self.codespace}/{self.name}"


class ReadRefused(ReadModelError):  # noqa: N818 - a refusal, like those of the ledger
    """The question is malformed."""


class CursorInvalid(ReadRefused):
    """A cursor that this list did not give."""

    code = 1
    name = "cursor_invalid"
    next_step = "ask without a cursor, then use next_cursor of the answer as it is"


class LimitInvalid(ReadRefused):
    """A limit outside 1…200."""

    code = 2
    name = "limit_invalid"
    next_step = "ask for 1 to 200 rows"


class HeightUnknown(ReadRefused):
    """A height that is negative, above what was projected, or an empty range."""

    code = 3
    name = "height_unknown"
    next_step = "ask for a height between 0 and the height of the last answer"


class PeriodUnknown(ReadRefused):
    """A period that is no month and no quarter."""

    code = 4
    name = "period_unknown"
    next_step = "ask for a month, YYYY-MM, or a quarter, YYYY-Qn"


class ReadNotRecorded(ReadRefused):
    """The data is given for a recorded read, and none is recorded under the consent."""

    code = 5
    name = "read_not_recorded"
    next_step = "record the read first (consent.RecordRead), then ask again"


class ConsentNotInForce(ReadRefused):
    """Every consent of the organisation to the reader is revoked, over, or has not begun."""

    code = 6
    name = "consent_not_in_force"
    next_step = "ask the organisation for a consent; `xinlian query consents` lists those you had"


class FigureUnknown(ReadRefused):
    """No figure of the portrait that the reader may see has this name."""

    code = 7
    name = "figure_unknown"
    next_step = "take a name from the portrait's figures"


class HistoryMissing(ReadRefused):
    """The question needs every block, and this node lacks its first ones."""

    code = 8
    name = "history_missing"
    next_step = "ask an archive node; `xinlian query policy` names the archive members"


class ReadModelBroken(ReadModelError):  # noqa: N818 - names the state of the read model
    """The database cannot be used as it is."""


class AddressInvalid(ReadModelBroken):
    """The address of the database is not one that is supported."""

    code = 11
    name = "address_invalid"
    next_step = "use sqlite:///PATH or postgresql+psycopg://USER:PASSWORD@HOST/DATABASE"


class DatabaseFailed(ReadModelBroken):
    """The database refused a statement or does not answer."""

    code = 12
    name = "database_failed"
    next_step = "look at the database's own log; the chain goes on, projection resumes by itself"


class OtherChain(ReadModelBroken):
    """The database holds the rows of another chain, or of another history of this one."""

    code = 13
    name = "other_chain"
    next_step = "name an empty database, or rebuild this one"


class BlockMissing(ReadModelBroken):
    """The store has no body or outcome of a height that is to be projected."""

    code = 14
    name = "block_missing"
    next_step = "fetch the missing blocks from an archive node"


class SchemaUnknown(ReadModelBroken):
    """The database was migrated by another release, or holds rows that this one cannot read."""

    code = 15
    name = "schema_unknown"
    next_step = "use the release that wrote it, or an empty database"
