"""XML from strangers: what is refused before anything reads it, and how elements are found."""

import pytest

from unit.connectors.samples import INVOICE, changed
from xinlian.connectors.errors import (
    DocumentError,
    ForbiddenConstruct,
    MissingElement,
    NotXml,
    SchemaInvalid,
    TooDeep,
    TooLarge,
    TooManyNodes,
)
from xinlian.connectors.limits import DOCUMENT_BYTES_MAX
from xinlian.connectors.xml_input import node_of, read_xml

LAUGHS = (
    b'<!DOCTYPE x [<!ENTITY a "ha">'
    + b"".join(
        b'<!ENTITY %c "%s">' % (new, b"&%c;" % old * 10)
        for old, new in zip(b"abcdefgh", b"bcdefghi", strict=True)
    )
    + b"]><x>&i;</x>"
)


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"", NotXml),
        (b"   ", NotXml),
        (b"plain text", NotXml),
        (b"<a>", NotXml),
        (b"<a></b>", NotXml),
        (b"<a/><b/>", NotXml),
        (b"<a>&undeclared;</a>", NotXml),
        (b"<a x='1' x='2'/>", NotXml),
        (b"<a>\x00</a>", NotXml),
        (b"<a>\xff</a>", NotXml),
        (b"<p:a/>", NotXml),
        ("<a/>".encode("utf-16"), NotXml),
        (b'<?xml version="1.0" encoding="GBK"?><a/>', NotXml),
        (b'<?xml version="1.0" encoding="UTF-7"?><a/>', NotXml),
        (INVOICE[: len(INVOICE) // 2], NotXml),
        (b"<!-- unfinished", NotXml),
        (LAUGHS, ForbiddenConstruct),
        (b"<!DOCTYPE a><a/>", ForbiddenConstruct),
        (b"\xef\xbb\xbf<!DOCTYPE a><a/>", ForbiddenConstruct),
        (b'<?xml version="1.0"?><!-- c --><?pi x?>\n<!DOCTYPE a><a/>', ForbiddenConstruct),
        (
            b'<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><a>&e;</a>',
            ForbiddenConstruct,
        ),
        (b'<!DOCTYPE a SYSTEM "http://example.com/a.dtd"><a/>', ForbiddenConstruct),
        (
            b'<a xmlns:i="http://www.w3.org/2001/XInclude"><i:include href="/etc/passwd"/></a>',
            ForbiddenConstruct,
        ),
        (b"<a>" * 33 + b"</a>" * 33, TooDeep),
        (b"<a>" * 200 + b"</a>" * 200, TooDeep),
        (b"<a>" + b"<b/>" * 100_000 + b"</a>", TooManyNodes),
        (b"<a>" + b"<b/>" * 500_000 + b"</a>", TooManyNodes),
        (b"<a " + b" ".join(b"b%d=''" % n for n in range(100_000)) + b"/>", TooManyNodes),
        (b"<a>" + b" " * DOCUMENT_BYTES_MAX + b"</a>", TooLarge),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else f"{len(value)} bytes",
)
def test_hostile_and_broken_files_are_refused_by_name(data, error):
    with pytest.raises(error):
        read_xml(data)


def test_what_is_within_the_bounds_is_read():
    assert len(read_xml(b"<a>" + b"<b/>" * 99_999 + b"</a>")) == 99_999
    assert read_xml(b"<a>" * 32 + b"</a>" * 32).tag == "a"
    assert read_xml(b"\xef\xbb\xbf<a>\xe4\xbf\xa1</a>").text == "信"


def test_the_words_of_a_dtd_inside_text_are_only_text():
    assert read_xml(b"<a><![CDATA[<!DOCTYPE x>]]></a>").text == "<!DOCTYPE x>"


def test_comments_and_instructions_never_cut_a_value():
    node = node_of(read_xml(b"<a><b>1<!-- 9 -->2<?x 3?>3</b></a>"), {"": ""})
    assert node.element[0].text == "123"


def _node(xml):
    return node_of(read_xml(xml.encode()), {"p": "urn:p"})


DOCUMENT = (
    '<a xmlns:q="urn:p"><q:b i=" 7 ">  x \n y </q:b><q:c><q:d/></q:c><q:e>1</q:e><q:e>2</q:e></a>'
)


def test_elements_are_found_by_namespace_whatever_their_prefix():
    node = _node(DOCUMENT)
    assert node.required_text("p:b") == "x y"
    assert node.required("p:b").attribute("i") == "7"
    assert [found.path for found in node.all("p:e")] == ["/a/p:e[1]", "/a/p:e[2]"]


def test_what_is_absent_or_empty_is_none_or_named():
    node = _node(DOCUMENT)
    assert node.optional("p:nothing", "p:b") is None
    assert node.optional_text("p:c", "p:d") is None
    assert node.required("p:b").attribute("nothing") is None
    for names in (("p:c", "p:x"), ("p:c", "p:d")):
        with pytest.raises(MissingElement) as refused:
            node.required_text(*names)
        assert refused.value.where == "/a/" + "/".join(names)


def test_an_element_that_occurs_twice_is_not_chosen_from():
    with pytest.raises(SchemaInvalid) as refused:
        _node(DOCUMENT).optional("p:e")
    assert refused.value.where == "/a/p:e"


def test_text_with_elements_inside_or_too_long_is_refused():
    for xml in (DOCUMENT.replace("<q:d/>", "x<q:d/>"), DOCUMENT.replace("<q:d/>", "x" * 1_001)):
        with pytest.raises(SchemaInvalid):
            _node(xml).required_text("p:c")


def test_an_error_says_where_in_the_document():
    broken = changed(INVOICE, "<cbc:IssueDate>2026-09-20</cbc:IssueDate>", "<cbc:IssueDate>")
    with pytest.raises(DocumentError) as refused:
        read_xml(broken)
    assert refused.value.where.startswith("line ")
