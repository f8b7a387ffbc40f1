"""Why a file from outside was not read.

The tree::

    DocumentError                 nothing was imported and nothing has changed
    ├── OutOfBounds               TooLarge, TooDeep, TooManyNodes
    ├── NotReadable               NotXml, NotJson, ForbiddenConstruct, UnknownFormat,
    │                             UnsupportedDocumentType
    ├── WrongStructure            SchemaInvalid, MissingElement, DuplicateId
    └── WrongValue                WrongCheckDigit, AmountInvalid, MixedCurrencies, DateInvalid

Rules this file keeps:
 1. Each error says where (a JSON pointer or an element path), what is wrong, and what to do next,
    in English and in Chinese.
 2. ``codespace/name`` and ``code`` are stable; texts may be reworded.
 3. A text quotes at most a short piece of the file.
"""

from typing import ClassVar, Final

from xinlian.primitives import LedgerError

CODESPACE: Final = "connectors"
QUOTE_CHARS_MAX: Final = 60


class DocumentError(LedgerError):
    """A file from outside was refused; nothing has changed."""

    codespace: ClassVar[str] = CODESPACE
    advice: ClassVar[str] = "Correct the file and import it again."
    advice_zh: ClassVar[str] = "请更正文件后重新导入。"

    def __init__(self, where: str, detail: str = "") -> None:
        super().__init__(where, detail)
        self.where = where
        self.detail = detail

    def __str__(self) -> str:
        """Return where, what and what next, in English."""
        return f"{self._place()}: {self._what()}. {self.advice}"

    @property
    def text_zh(self) -> str:
        """The same for readers of Chinese; details of the file are quoted as they are."""
        return f"{self._place()}：{self._what()}。{self.advice_zh}"

    def _place(self) -> str:
        return self.where or "the file"

    def _what(self) -> str:
        return f"{self.name}: {self.detail}" if self.detail else self.name


class OutOfBounds(DocumentError):  # noqa: N818 - the trade's words; every subclass is a refusal
    """The file is larger than any document read here."""


class NotReadable(DocumentError):  # noqa: N818 - see OutOfBounds
    """The file is of no format or kind that is read here."""


class WrongStructure(DocumentError):  # noqa: N818 - see OutOfBounds
    """A part of the document is absent, repeated, or not what its standard allows."""


class WrongValue(DocumentError):  # noqa: N818 - see OutOfBounds
    """A value in the document is not possible."""


class TooLarge(OutOfBounds):
    """The file has more bytes than any document read here."""

    code: ClassVar[int] = 1
    name: ClassVar[str] = "too_large"
    advice: ClassVar[str] = "Split it; a document may have 5 MiB."
    advice_zh: ClassVar[str] = "请拆分文件，单个文件不超过 5 MiB。"


class NotXml(NotReadable):
    """The file is not well-formed XML in UTF-8."""

    code: ClassVar[int] = 2
    name: ClassVar[str] = "not_xml"
    advice: ClassVar[str] = "Export it again as well-formed XML in UTF-8."
    advice_zh: ClassVar[str] = "请重新导出为格式正确的 UTF-8 XML。"


class NotJson(NotReadable):
    """The file is not JSON in UTF-8 with unique keys and finite numbers."""

    code: ClassVar[int] = 3
    name: ClassVar[str] = "not_json"
    advice: ClassVar[str] = "Export it again as JSON in UTF-8, with unique keys and finite numbers."
    advice_zh: ClassVar[str] = "请重新导出为 UTF-8 JSON，键名不得重复，数值必须有限。"


class ForbiddenConstruct(NotReadable):
    """The file has a DTD, an entity or an inclusion, none of which a business document needs."""

    code: ClassVar[int] = 4
    name: ClassVar[str] = "forbidden_construct"
    advice: ClassVar[str] = "Ask the sender for the file without DTD, entities and inclusions."
    advice_zh: ClassVar[str] = "请向发送方索取不含 DTD、实体和外部包含的文件。"


class TooDeep(OutOfBounds):
    """The file is nested deeper than any document read here."""

    code: ClassVar[int] = 5
    name: ClassVar[str] = "too_deep"
    advice: ClassVar[str] = "A document may be nested 32 levels deep; check what produced it."
    advice_zh: ClassVar[str] = "文件嵌套不得超过 32 层，请检查生成该文件的系统。"


class TooManyNodes(OutOfBounds):
    """The file has more parts than any document read here."""

    code: ClassVar[int] = 6
    name: ClassVar[str] = "too_many_nodes"
    advice: ClassVar[str] = "Split it; a document may have 100 000 nodes."
    advice_zh: ClassVar[str] = "请拆分文件，单个文件不超过 100 000 个节点。"


class UnknownFormat(NotReadable):
    """The file is of no format that is read here."""

    code: ClassVar[int] = 7
    name: ClassVar[str] = "unknown_format"
    advice: ClassVar[str] = (
        "Import UBL 2, a Chinese EInvoice XML, EPCIS 2.0 JSON, ISO 20022 camt.053/054 or "
        "a xinlian-contract-1 file."
    )
    advice_zh: ClassVar[str] = (
        "请导入 UBL 2、数电票 XML、EPCIS 2.0 JSON、"
        "ISO 20022 camt.053/054 或 xinlian-contract-1 文件。"
    )


class UnsupportedDocumentType(NotReadable):
    """The format is known, but this kind of document is not read."""

    code: ClassVar[int] = 8
    name: ClassVar[str] = "unsupported_document_type"
    advice: ClassVar[str] = (
        "Import the order, despatch advice, receipt advice, invoice, credit note, goods event, "
        "bank statement or contract itself."
    )
    advice_zh: ClassVar[str] = (
        "请导入订单、发货通知、收货通知、发票、贷项通知、货物事件、银行对账单或合同本身。"
    )


class SchemaInvalid(WrongStructure):
    """A part of the document is not what its standard allows."""

    code: ClassVar[int] = 9
    name: ClassVar[str] = "schema_invalid"


class MissingElement(WrongStructure):
    """A part that this kind of document must have is absent or empty."""

    code: ClassVar[int] = 10
    name: ClassVar[str] = "missing_element"
    advice: ClassVar[str] = "Have the sender fill it in, then import the file again."
    advice_zh: ClassVar[str] = "请发送方补全后重新导入。"


class DuplicateId(WrongStructure):
    """Two parts of the document have one id."""

    code: ClassVar[int] = 11
    name: ClassVar[str] = "duplicate_id"


class WrongCheckDigit(WrongValue):
    """An identifier's check character does not fit it: a typing error, or an invented code."""

    code: ClassVar[int] = 12
    name: ClassVar[str] = "wrong_check_digit"
    advice: ClassVar[str] = "Compare the code with the register or the label, and correct it."
    advice_zh: ClassVar[str] = "请与登记信息或标签核对该代码并更正。"


class AmountInvalid(WrongValue):
    """A number is no decimal, too large, too precise, or negative where it may not be."""

    code: ClassVar[int] = 13
    name: ClassVar[str] = "amount_invalid"
    advice: ClassVar[str] = "Give it in the currency's own decimals, without sign or exponent."
    advice_zh: ClassVar[str] = "请按该币种的小数位数填写，不带符号和指数。"


class MixedCurrencies(WrongValue):
    """Amounts of one document are in several currencies."""

    code: ClassVar[int] = 14
    name: ClassVar[str] = "mixed_currencies"
    advice: ClassVar[str] = "Have the sender issue one document for each currency."
    advice_zh: ClassVar[str] = "请发送方按币种分别开具单据。"


class DateInvalid(WrongValue):
    """A date or time does not exist, or is not written as its standard says."""

    code: ClassVar[int] = 15
    name: ClassVar[str] = "date_invalid"
    advice: ClassVar[str] = (
        "Write dates as YYYY-MM-DD, times as YYYY-MM-DDThh:mm:ss with an offset."
    )
    advice_zh: ClassVar[str] = "日期请写作 YYYY-MM-DD，时间请写作带时区的 YYYY-MM-DDThh:mm:ss。"


def quoted(text: str) -> str:
    """Return a short printable quotation of a piece of the file."""
    short = text if len(text) <= QUOTE_CHARS_MAX else text[:QUOTE_CHARS_MAX] + "…"
    return ascii(short) if not short.isprintable() else f"'{short}'"
