"""Three banks and a supplier at their terminals: ask, seal, open, compare, accept.

Roles: supplier1 holds a claim of one million yuan on core; bank, bank2 and bank3 are asked.
"""

import hashlib
import os

import pytest

from support.bidding import BANKS, TERMS, Bidding
from support.terminal import call, refused
from unit.readmodels.stories import open_model, sqlite_address
from xinlian.api import BackgroundServer, create_app
from xinlian.client.keyring import write_keyring
from xinlian.client.profile import create_profile
from xinlian.primitives import format_id
from xinlian.primitives.time import MS_PER_DAY
from xinlian.readmodels import Projector
from xinlian.testing.consortium import ROLES

PASSPHRASE = "a passphrase of a test"
SIGN = ("--sign", "finance-1", "--sign", "finance-2")


class Terminals:
    """A served ledger with one leaf, and a home folder for each party."""

    def __init__(self, bidding, projector, url, folder):
        self.bidding, self.projector, self.folder = bidding, projector, folder
        self.leaf = format_id("leaf", bidding.leaf)
        for name in ("supplier1", *BANKS):
            organisation = bidding.c[name]
            home, names = folder / name, (organisation.uscc, organisation.name)
            create_profile(home, bidding.c.genesis_bytes, *names, (url,))
            seeds = {
                role: hashlib.sha256(f"xinlian test key {name} {role}".encode()).digest()
                for role in ROLES
            }
            write_keyring(home / "keyring.json", seeds, PASSPHRASE)

    def home(self, name):
        return ("--home", str(self.folder / name))

    def later(self, days):
        c = self.bidding.c
        c.advance_to(c.now_ms() + days * MS_PER_DAY)
        assert self.projector.wait_for(c.engine.height(), 30)

    def seal(self, name, call_id, advance, discount, fee="0.00"):
        amounts = ("--advance", advance, "--discount", discount, "--fee", fee)
        return call("offer", "seal", call_id, *amounts, *SIGN, *self.home(name))


@pytest.fixture
def terminals(tmp_path, monkeypatch):
    monkeypatch.setitem(os.environ, "XINLIAN_PASSPHRASE", PASSPHRASE)
    bidding = Bidding()
    model = open_model(sqlite_address(tmp_path), bidding.c)
    projector = Projector(model, bidding.c.engine.application.store)
    bidding.c.engine.on_commit(projector.notify)
    projector.notify(bidding.c.engine.height())
    assert projector.wait_for(bidding.c.engine.height(), 30)
    with BackgroundServer(create_app(bidding.c.node, model, projector)) as server:
        yield Terminals(bidding, projector, server.url, tmp_path)
    projector.close()
    model.close()
    bidding.close()


def test_a_supplier_asks_three_banks_and_takes_the_cheapest(terminals):
    supplier = terminals.home("supplier1")
    banks = [word for name in BANKS for word in ("--bank", terminals.bidding.c[name].uscc)]
    made = call("offer", "call", terminals.leaf, *banks, "--keeps-rest", *SIGN, *supplier)
    call_id = made["call"]
    for name, (advance, discount, fee) in TERMS.items():
        amounts = (f"{minor // 100}.00" for minor in (advance, discount, fee))
        sealed = terminals.seal(name, call_id, *amounts)
        assert sealed["net_minor"] == str(advance - discount - fee)
    seen = call("query", "offers", *terminals.home("bank2"))["items"]
    assert [(offer["status"], offer["advance_minor"]) for offer in seen] == [("sealed", "0")]
    early = refused("offer", "open", call_id, *SIGN, *supplier)
    assert early == "supply_chain/not_time_to_decide"
    terminals.later(2)
    assert refused("offer", "open", call_id, *SIGN, *terminals.home("bank")) == (
        "client/call_key_missing"
    )
    opened = call("offer", "open", call_id, *SIGN, *supplier)
    ordered = [offer["bank"] for offer in opened["items"]]
    names = {format_id("party", terminals.bidding.party(name)): name for name in BANKS}
    assert [names[bank] for bank in ordered] == ["bank3", "bank2", "bank"]
    costs = [offer["annual_cost"] for offer in opened["items"]]
    assert costs == sorted(costs, key=lambda text: float(text.rstrip("%")))
    assert opened["about"]["status"] == "open"  # as it was read before it was opened
    compared = call("offer", "compare", call_id, *terminals.home("bank"))
    assert compared["items"] == opened["items"]
    accepted = call("offer", "accept", call_id, ordered[0], *SIGN, *supplier)
    assert accepted["advance_minor"] == str(TERMS["bank3"].advance_minor)
    (asked,) = call("query", "calls", *supplier)["items"]
    assert asked["status"] == "accepted"


def test_what_cannot_be_offered_or_accepted_is_said_before_anything_is_sent(terminals):
    supplier, bank = terminals.home("supplier1"), terminals.home("bank")
    bank_uscc = terminals.bidding.c["bank"].uscc
    asked = ("offer", "call", terminals.leaf, "--bank", bank_uscc, *SIGN, *supplier)
    assert refused(*asked, "--pledge", "--recourse") == "supply_chain/call_malformed"
    call_id = call(*asked)["call"]
    unsound = ("--advance", "10.00", "--discount", "10.00", *SIGN, *bank)
    assert refused("offer", "seal", call_id, *unsound) == "cli/offer_unsound"
    no_amount = ("--advance", "ten", "--discount", "1.00", *SIGN, *bank)
    assert refused("offer", "seal", call_id, *no_amount) == "cli/field_refused"
    nobody = ("--advance", "10.00", "--discount", "1.00", *SIGN, *terminals.home("bank2"))
    assert refused("offer", "seal", call_id, *nobody) == "supply_chain/unknown_call"
    assert refused("offer", "accept", call_id, bank_uscc, *SIGN, *supplier) == (
        "supply_chain/no_offer"
    )
    assert refused("offer", "accept", call_id, "nobody", *SIGN, *supplier) == "cli/field_refused"
    nothing = call("offer", "compare", call_id, *supplier)
    assert nothing["items"] == []
    late = ("--paid-on", "2027-03-01")
    terminals.seal("bank", call_id, "900000.00", "9000.00")
    terminals.later(2)
    call("offer", "open", call_id, *SIGN, *supplier)
    assert refused("offer", "compare", call_id, *late, *supplier) == "client/no_annual_rate"
    assert refused("offer", "compare", call_id, "--paid-on", "soon", *supplier) == (
        "cli/field_refused"
    )
