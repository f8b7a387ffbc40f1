"""Genesis sections with something wrong in them: each is refused by name, never by a traceback."""

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from xinlian.bootstrap import check_genesis
from xinlian.ledger.genesis import GenesisInvalid
from xinlian.testing import Consortium

Section = dict[str, Any]
CONSORTIUM = Consortium()
CONSORTIUM.close()
GOOD = json.loads(CONSORTIUM.genesis_bytes)


def changed(change: Callable[[Section], None]) -> bytes:
    sections = copy.deepcopy(GOOD)
    change(sections["sections"])
    return json.dumps(sections).encode()


def party(sections: Section, index: int = 0) -> Section:
    found: Section = sections["members"]["parties"][index]
    return found


def twice(listing: list[Any]) -> None:
    listing.append(listing[0])


CHANGES: dict[str, Callable[[Section], Any]] = {
    "a kind nobody knows": lambda s: party(s).update(kind="person"),
    "a wrong check digit": lambda s: party(s).update(uscc="91990000MA00000010"),
    "a code in Chinese": lambda s: party(s).update(uscc="统一社会信用代码"),
    "a party twice": lambda s: twice(s["members"]["parties"]),
    "a member with a sponsor": lambda s: party(s).update(sponsor_uscc=party(s, 1)["uscc"]),
    "a participant without a sponsor": lambda s: party(s, 3).update(sponsor_uscc=""),
    "a sponsor nobody knows": lambda s: party(s, 3).update(sponsor_uscc="91990000MA00000099"),
    "a sponsor that is no member": lambda s: party(s, 3).update(sponsor_uscc=party(s, 4)["uscc"]),
    "a name without end": lambda s: party(s).update(name="名" * 201),
    "no name": lambda s: party(s).update(name=""),
    "a key that is not hexadecimal": lambda s: party(s)["keys"][0].update(public_key="xyz"),
    "a key of small order": lambda s: party(s)["keys"][0].update(
        public_key="26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"
    ),
    "a suite nobody knows": lambda s: party(s)["keys"][0].update(suite="sm2"),
    "a key of two parties": lambda s: party(s)["keys"][0].update(party(s, 1)["keys"][0]),
    "a role with blanks": lambda s: party(s)["keys"][0].update(role="Finance One"),
    "a role in Chinese": lambda s: party(s)["keys"][0].update(role="财务"),
    "a mandate for no message": lambda s: party(s)["mandates"][0].update(messages=["x.Nothing"]),
    "a threshold of zero": lambda s: party(s)["mandates"][0].update(threshold=0),
    "a threshold beyond the keys": lambda s: party(s)["mandates"][0].update(threshold=3),
    "a cap that is no number": lambda s: party(s)["mandates"][0].update(cap_minor="much"),
    "a negative cap": lambda s: party(s)["mandates"][0].update(cap_minor="-1"),
    "a cap with separators": lambda s: party(s)["mandates"][0].update(cap_minor="1_000"),
    "a daily cap in yuan": lambda s: party(s)["mandates"][0].update(daily_cap_minor="1.00"),
    "a negative daily cap": lambda s: party(s)["mandates"][0].update(daily_cap_minor="-1"),
    "an expiry before time": lambda s: party(s)["mandates"][0].update(expires_at_ms=-1),
    "an account of nobody": lambda s: s["accounts"]["accounts"][0].update(owner_uscc="无"),
    "an account twice": lambda s: twice(s["accounts"]["accounts"]),
    "a second mirrored account": lambda s: s["accounts"]["accounts"].append(
        s["accounts"]["accounts"][0] | {"account_number": "other"}
    ),
    "an opening below zero": lambda s: s["accounts"]["accounts"][0].update(opening_minor="-5"),
    "an opening in yuan": lambda s: s["accounts"]["accounts"][0].update(opening_minor="5.00"),
    "openings beyond all amounts": lambda s: [
        account.update(opening_minor=str(2**62)) for account in s["accounts"]["accounts"]
    ],
    "a currency of four letters": lambda s: s["accounts"]["accounts"][0].update(currency="CNYX"),
    "a line of nobody": lambda s: s["supply_chain"]["lines"][0].update(obligor_uscc="无"),
    "a line beyond all amounts": lambda s: s["supply_chain"]["lines"][0].update(
        limit_minor=str(2**63)
    ),
    "a policy row in Chinese": lambda s: s["policy"]["rows"][0].update(name="期限"),
    "a policy row without versions": lambda s: s["policy"]["rows"][0].update(versions=[]),
    "a policy row twice the same day": lambda s: twice(s["policy"]["rows"][0]["versions"]),
    "a policy row missing": lambda s: s["policy"]["rows"].pop(0),
    "a citation missing": lambda s: s["policy"]["rows"][0]["versions"][0].update(citation=""),
    "an unknown applies_by": lambda s: s["policy"]["rows"][0]["versions"][0].update(
        applies_by="mood"
    ),
    "a calendar with an impossible day": lambda s: s["policy"].update(
        calendar=[{"year": 2027, "holidays": ["2027-02-30"], "working_weekends": []}]
    ),
    "a calendar with another year's day": lambda s: s["policy"].update(
        calendar=[{"year": 2027, "holidays": ["2026-02-03"], "working_weekends": []}]
    ),
    "a calendar of a negative year": lambda s: s["policy"].update(
        calendar=[{"year": -1, "holidays": [], "working_weekends": []}]
    ),
    "a section missing": lambda s: s.pop("accounts"),
    "a section nobody knows": lambda s: s.update(lottery={}),
    "a field nobody knows": lambda s: s["members"].update(president="me"),
}


def test_the_file_that_is_changed_is_good():
    check_genesis(CONSORTIUM.genesis_bytes)


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_what_is_wrong_is_refused(change):
    with pytest.raises(GenesisInvalid):
        check_genesis(changed(change))
