"""Banks and a supplier at their terminals: ask, seal, open, compare, accept.

Roles: supplier1 holds a claim of one million yuan on core; bank and bank2 are asked, bank3 is not.
"""

import hashlib

import pytest

from support.bidding import BANKS, TERMS, Bidding
from support.terminal import call, refused
from unit.readmodels.stories import open_model, sqlite_address
from xinlian.api import BackgroundServer, create_app
from xinlian.client import keyring
from xinlian.client.profile import create_profile
from xinlian.primitives import format_id
from xinlian.primitives.time import MS_PER_DAY
from xinlian.readmodels import Projector

PASSPHRASE = "a passphrase of a test"
ROLE = "finance-1"
SIGN = ("--sign", ROLE)


class Terminals:
    """A served ledger with one leaf, and a home folder for each party."""

    def __init__(self, bidding, projector, url, folder):
        self.bidding, self.projector, self.folder = bidding, projector, folder
        self.leaf = format_id("leaf", bidding.leaf)
        for name in ("supplier1", *BANKS):
            organisation = bidding.c[name]
            home, names = folder / name, (organisation.uscc, organisation.name)
            create_profile(home, bidding.c.genesis_bytes, *names, (url,))
            seed = hashlib.sha256(f"xinlian test key {name} {ROLE}".encode()).digest()
            keyring.write_keyring(home / "keyring.json", {ROLE: seed}, PASSPHRASE)

    def home(self, name):
        return ("--home", str(self.folder / name))

    def later(self, days):
        c = self.bidding.c
        c.advance_to(c.now_ms() + days * MS_PER_DAY)
        assert self.projector.wait_for(c.engine.height(), 30)

    def seal(self, name, call_id, *amounts):
        named = zip(("--advance", "--discount", "--fee"), amounts, strict=False)
        return (
            *("offer", "seal", call_id, *SIGN, *self.home(name)),
            *(word for pair in named for word in pair),
        )


@pytest.fixture
def terminals(tmp_path, monkeypatch):
    monkeypatch.setenv("XINLIAN_PASSPHRASE", PASSPHRASE)
    monkeypatch.setattr(keyring, "SCRYPT_N", 1 << 10)  # each command opens a keyring
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


def test_a_supplier_asks_banks_opens_their_offers_and_takes_the_cheapest(terminals):
    supplier, bank = terminals.home("supplier1"), terminals.home("bank")
    asked = ("bank", "bank2")
    banks = [word for name in asked for word in ("--bank", terminals.bidding.c[name].uscc)]
    call_for_offers = ("offer", "call", terminals.leaf, *banks, *SIGN, *supplier)
    odd = ("--pledge", "--recourse")
    assert refused(*call_for_offers, *odd) == "supply_chain/call_malformed"
    call_id = call(*call_for_offers, "--keeps-rest")["call"]

    unsound = terminals.seal("bank", call_id, "10.00", "10.00")
    assert refused(*unsound) == "cli/offer_unsound"
    uninvited = terminals.seal("bank3", call_id, "10.00", "1.00")
    assert refused(*uninvited) == "supply_chain/unknown_call"
    for name in asked:
        yuan = (f"{minor // 100}.00" for minor in TERMS[name])
        sealed = call(*terminals.seal(name, call_id, *yuan))
        assert sealed["net_minor"] == str(TERMS[name].net_minor)

    opening = ("offer", "open", call_id, *SIGN)
    assert refused(*opening, *supplier) == "supply_chain/not_time_to_decide"
    accepting = ("offer", "accept", call_id, *SIGN, *supplier)
    terminals.later(2)
    assert refused(*opening, *bank) == "client/call_key_missing"
    opened = call(*opening, *supplier)["items"]
    names = {format_id("party", terminals.bidding.party(name)): name for name in BANKS}
    assert [names[offer["bank"]] for offer in opened] == ["bank2", "bank"]
    rates = [float(offer["annual_cost"].rstrip("%")) for offer in opened]
    assert rates == sorted(rates)

    comparing = ("offer", "compare", call_id, *bank)
    assert call(*comparing)["items"] == opened
    assert refused(*comparing, "--paid-on", "2027-03-01") == "client/no_annual_rate"
    accepted = call(*accepting, opened[0]["bank"])
    assert accepted["advance_minor"] == str(TERMS["bank2"].advance_minor)
    (found,) = call("query", "calls", *supplier)["items"]
    assert found["status"] == "accepted"
