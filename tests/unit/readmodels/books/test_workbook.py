"""The workbook read back with the standard library: what was written, no formula, exact amounts."""

import io
import zipfile
from xml.etree import ElementTree as ET

from xinlian.readmodels.books.sheets import Amount, Sheet
from xinlian.readmodels.books.workbook import EXACT_MINOR_MAX, xlsx_bytes

NAMESPACE = {"s": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
SHEET = Sheet(
    "试算 & <balance>",
    (("party", "=HYPERLINK(1)"),),
    ("code", "amount"),
    (("1002", Amount(-105)), ("\x00a<b>&", Amount(EXACT_MINOR_MAX + 1)), ("n", 7)),
)


def parts(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        assert package.testzip() is None
        return {name: package.read(name) for name in package.namelist()}


def test_every_part_is_well_formed_and_named_in_the_content_types():
    found = parts(xlsx_bytes(SHEET))
    types = found["[Content_Types].xml"].decode()
    for name, content in found.items():
        ET.fromstring(content)  # noqa: S314 - written by ourselves
        assert name.endswith(".rels") or name.startswith("[") or f"/{name}" in types


def test_texts_are_inline_strings_and_amounts_numbers_while_exact():
    sheet = ET.fromstring(parts(xlsx_bytes(SHEET))["xl/worksheets/sheet1.xml"])  # noqa: S314 - ours
    assert sheet.findall(".//s:f", NAMESPACE) == []
    cells = [
        (cell.get("t", "n"), "".join(cell.itertext()))
        for cell in sheet.iterfind(".//s:c", NAMESPACE)
    ]
    assert ("inlineStr", "=HYPERLINK(1)") in cells
    assert ("n", "-1.05") in cells
    assert ("inlineStr", "10000000000000.00") in cells
    assert ("inlineStr", "a<b>&") in cells
    assert ("n", "7") in cells


def test_the_same_sheet_gives_the_same_bytes():
    assert xlsx_bytes(SHEET) == xlsx_bytes(SHEET)
