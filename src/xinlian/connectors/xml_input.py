"""Reading XML from strangers.

Rules this file keeps:
 1. Nothing outside the file is ever fetched, and nothing inside it is expanded: a DTD is refused
    before the parser sees it, so are inclusions.
 2. Size, depth and count are bounded (``limits.py``); the encoding is UTF-8.
 3. An element that may occur once is refused when it occurs twice: two readers of one file must
    not read two different values.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from lxml import etree

from xinlian.connectors.errors import (
    ForbiddenConstruct,
    MissingElement,
    NotXml,
    SchemaInvalid,
    TooDeep,
    TooLarge,
    TooManyNodes,
    quoted,
)
from xinlian.connectors.limits import DEPTH_MAX, DOCUMENT_BYTES_MAX, NODES_MAX
from xinlian.connectors.values import day_of
from xinlian.modules.evidence.statements import TEXT_CHARS_MAX

_BOM: Final = b"\xef\xbb\xbf"
_XINCLUDE: Final = "http://www.w3.org/2001/XInclude"
_ENCODING: Final = re.compile(rb"""<\?xml\s[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]*)""")
_BLANK: Final = b" \t\r\n"
_ENCODINGS: Final = (b"utf-8", b"us-ascii", b"ascii")


@dataclass(frozen=True, slots=True)
class XmlNode:
    """An element and how to say where it is.

    Names of elements are ``prefix:local`` with the reader's own prefixes, or ``local`` alone in
    the namespace of the prefix ``""``.
    """

    element: etree._Element
    path: str
    namespaces: Mapping[str, str]

    @property
    def namespace(self) -> str:
        """The namespace of the element's name."""
        return etree.QName(self.element).namespace or ""

    @property
    def local_name(self) -> str:
        """The element's name without its namespace."""
        return etree.QName(self.element).localname

    def all(self, name: str) -> list["XmlNode"]:
        """Return the children of a name, in order."""
        children = self.element.findall(self._tag(name))
        return [
            XmlNode(child, f"{self.path}/{name}[{number}]", self.namespaces)
            for number, child in enumerate(children, 1)
        ]

    def optional(self, *names: str) -> "XmlNode | None":
        """Return the one descendant along the names, None if there is none.

        Raises:
            SchemaInvalid: a name on the way occurs more than once.
        """
        node = self
        for name in names:
            children = node.element.findall(self._tag(name))
            path = f"{node.path}/{name}"
            if len(children) > 1:
                raise SchemaInvalid(path, "it may occur once")
            if not children:
                return None
            node = XmlNode(children[0], path, self.namespaces)
        return node

    def required(self, *names: str) -> "XmlNode":
        """Return the one descendant along the names.

        Raises:
            MissingElement: it is absent.
            SchemaInvalid: a name on the way occurs more than once.
        """
        node = self.optional(*names)
        if node is None:
            raise MissingElement("/".join((self.path, *names)))
        return node

    def text(self) -> str:
        """Return the element's text with blanks collapsed.

        Raises:
            SchemaInvalid: it has elements inside, or is too long.
        """
        if len(self.element):
            raise SchemaInvalid(self.path, "text is expected here, not elements")
        text = " ".join((self.element.text or "").split())
        if len(text) > TEXT_CHARS_MAX:
            raise SchemaInvalid(self.path, f"at most {TEXT_CHARS_MAX} characters are read")
        return text

    def required_text(self, *names: str) -> str:
        """Return the text along the names; raises MissingElement if absent or empty."""
        node = self.required(*names)
        text = node.text()
        if not text:
            raise MissingElement(node.path, "it is empty")
        return text

    def optional_text(self, *names: str) -> str | None:
        """Return the text along the names, None if absent or empty."""
        node = self.optional(*names)
        return None if node is None else node.text() or None

    def day(self) -> int:
        """Return the element's date as days since 1970-01-01; raises DateInvalid."""
        return day_of(self.text(), self.path)

    def attribute(self, name: str) -> str | None:
        """Return an attribute's value, None if absent or empty."""
        return (self.element.get(name) or "").strip() or None

    def _tag(self, name: str) -> str:
        prefix, _, local = name.rpartition(":")
        return f"{{{self.namespaces[prefix]}}}{local}"


def read_xml(data: bytes) -> etree._Element:
    """Return the root element of a document.

    Raises:
        TooLarge, NotXml, ForbiddenConstruct, TooDeep, TooManyNodes: see the rules of this file.
    """
    if len(data) > DOCUMENT_BYTES_MAX:
        raise TooLarge("", f"{len(data)} bytes")
    _require_utf8(data)
    if _has_doctype(data):
        raise ForbiddenConstruct("", "a document type declaration (DTD)")
    if data.count(b"<") > 4 * NODES_MAX:  # two tags an element, and as many comments
        raise TooManyNodes("", "too many tags")
    try:
        root = etree.fromstring(data, _parser())
    except etree.XMLSyntaxError as error:
        raise NotXml(f"line {error.lineno or 0}", quoted(error.msg or "")) from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise ForbiddenConstruct("", "a document type declaration (DTD)")
    _check_nodes(root)
    return root


def node_of(root: etree._Element, namespaces: Mapping[str, str]) -> XmlNode:
    """Return the root element as the start of all paths."""
    return XmlNode(root, f"/{etree.QName(root).localname}", namespaces)


def _parser() -> etree.XMLParser:
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        recover=False,
    )


def _require_utf8(data: bytes) -> None:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise NotXml(f"byte {error.start}", "not UTF-8") from None
    declared = _ENCODING.match(data.removeprefix(_BOM))
    if declared and declared[1].lower() not in _ENCODINGS:
        raise NotXml("line 1", f"encoding {quoted(declared[1].decode('ascii'))}")


def _has_doctype(data: bytes) -> bool:
    """Return whether a document type declaration stands before the root element."""
    at = len(_BOM) if data.startswith(_BOM) else 0
    while True:
        while at < len(data) and data[at] in _BLANK:
            at += 1
        if data.startswith(b"<!--", at):
            end = data.find(b"-->", at + 4)
        elif data.startswith(b"<?", at):
            end = data.find(b"?>", at + 2)
        else:
            return data.startswith(b"<!", at)
        if end < 0:
            return False  # not well formed; the parser says so
        at = end + 2


def _check_nodes(root: etree._Element) -> None:
    """Refuse what is too deep, has too many parts, or includes other files."""
    level = [root]
    count = depth = 0
    while level:
        depth += 1
        if depth > DEPTH_MAX:
            raise TooDeep("", f"more than {DEPTH_MAX} levels")
        for element in level:
            if not isinstance(element.tag, str):
                raise ForbiddenConstruct("", "an entity reference")
            if etree.QName(element).namespace == _XINCLUDE:
                raise ForbiddenConstruct(f"line {element.sourceline}", "an inclusion (XInclude)")
            count += 1 + len(element.attrib)
        if count > NODES_MAX:
            raise TooManyNodes("", f"more than {NODES_MAX} elements and attributes")
        level = [child for element in level for child in element]
