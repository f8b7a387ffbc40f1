"""Sheets as an XLSX file, with the standard library alone.

Rules this file keeps:
 1. Texts are inline strings, which no spreadsheet computes; there are no formulas, links or macros.
 2. An amount is a number with two decimals as long as a spreadsheet holds it exactly, else a text.
 3. The same sheet gives the same bytes.

Source: ECMA-376 part 1 (SpreadsheetML), its smallest complete package.
"""

import io
import zipfile
from typing import Final
from xml.sax.saxutils import escape

from xinlian.readmodels.books.sheets import Amount, Cell, Sheet, table_of

EXACT_MINOR_MAX: Final = 10**15 - 1
"""A spreadsheet keeps fifteen digits of a number."""
_TEXT_CHARS_MAX: Final = 32_767
_SHEET_NAME_CHARS_MAX: Final = 31
_MOMENT: Final = (1980, 1, 1, 0, 0, 0)
_HEAD: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONSHIPS: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml"

_CONTENT_TYPES: Final = (
    f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" '
    'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPE}.worksheet+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/></Types>'
)
_ROOT_RELATIONS: Final = (
    f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_RELATIONSHIPS}/officeDocument" Target="xl/workbook.xml"/>'
    "</Relationships>"
)
_WORKBOOK_RELATIONS: Final = (
    f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_RELATIONSHIPS}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId2" Type="{_RELATIONSHIPS}/styles" Target="styles.xml"/></Relationships>'
)
_STYLES: Final = (
    f'{_HEAD}<styleSheet xmlns="{_MAIN}"><fonts count="1"><font/></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
    '<cellXfs count="2"><xf numFmtId="0" xfId="0"/>'
    '<xf numFmtId="4" xfId="0" applyNumberFormat="1"/></cellXfs></styleSheet>'
)
"""Style 1 is the built-in format ``#,##0.00``."""


def xlsx_bytes(sheet: Sheet) -> bytes:
    """Return a workbook of one sheet."""
    name = escape(sheet.title[:_SHEET_NAME_CHARS_MAX], {'"': "&quot;"})
    workbook = (
        f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_RELATIONSHIPS}"><sheets>'
        f'<sheet name="{name}" sheetId="1" r:id="rId1"/></sheets></workbook>'
    )
    parts = {
        "[Content_Types].xml": _CONTENT_TYPES,
        "_rels/.rels": _ROOT_RELATIONS,
        "xl/workbook.xml": workbook,
        "xl/_rels/workbook.xml.rels": _WORKBOOK_RELATIONS,
        "xl/styles.xml": _STYLES,
        "xl/worksheets/sheet1.xml": _worksheet(sheet),
    }
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as package:
        for path, text in parts.items():
            package.writestr(zipfile.ZipInfo(path, _MOMENT), text.encode("utf-8"))
    return content.getvalue()


def _worksheet(sheet: Sheet) -> str:
    rows = "".join(
        f'<row r="{number}">{"".join(map(_cell, line))}</row>'
        for number, line in enumerate(table_of(sheet), 1)
    )
    return f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetData>{rows}</sheetData></worksheet>'


def _cell(cell: Cell) -> str:
    if isinstance(cell, Amount):
        if abs(cell.minor) <= EXACT_MINOR_MAX:
            return f'<c s="1"><v>{cell.text()}</v></c>'
        return _text(cell.text())
    return f"<c><v>{cell}</v></c>" if isinstance(cell, int) else _text(cell)


def _text(text: str) -> str:
    printable = "".join(character for character in text if character.isprintable())
    kept = escape(printable[:_TEXT_CHARS_MAX])
    return f'<c t="inlineStr"><is><t xml:space="preserve">{kept}</t></is></c>'
