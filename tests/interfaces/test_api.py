"""The life of a certificate over HTTP alone: each party signs, sends and reads by its own client.

Roles: core owes; supplier1 is owed and owes supplier2; bank finances; settle keeps the money.
"""

import contextlib
from collections.abc import Iterator, Sequence

import pytest

from unit.api.conftest import Served, serve
from unit.readmodels import stories
from unit.readmodels.stories import FACE, REST, TO_SUPPLIER2, Told
from xinlian.apps.supply_chain.messages import AcceptCertificate, RequestFinance
from xinlian.client import SignedTransaction
from xinlian.client.http import ApiError, NodeClient
from xinlian.contracts.message import Message
from xinlian.modules.members.messages import SuspendParticipant
from xinlian.primitives.time import MS_PER_DAY
from xinlian.testing import Consortium
from xinlian.testing.consortium import NAMES
from xinlian.verifier import verify_receipt


class OverHttp(Told):
    """Tells the story through the clients of its parties."""

    clients: dict[str, NodeClient]

    def send(
        self,
        name: str,
        *messages: Message,
        code: int = 0,
        roles: Sequence[str] = ("finance-1", "finance-2"),
    ) -> SignedTransaction:
        signed = self.consortium.sign(name, *messages, roles=roles)
        committed = self.clients[name].wait_for_outcome(signed).committed
        assert committed is not None
        assert committed.code == code, committed
        return signed


@pytest.fixture(scope="module")
def served(tmp_path_factory) -> Iterator[Served]:
    told = OverHttp(Consortium())
    with contextlib.ExitStack() as stack:
        folder = tmp_path_factory.mktemp("api")
        found = stack.enter_context(contextlib.contextmanager(serve)(told, folder))
        told.clients = {
            name: stack.enter_context(
                NodeClient(
                    found.server.url,
                    party=told.consortium[name].party,
                    key=found.key(name),
                    clock=found.clock,
                ),
            )
            for name in NAMES
        }
        _tell(told)
        found.catch_up()
        yield found


def _tell(told: OverHttp) -> None:
    stories._register_trade(told)
    certificate = stories._issue(told, FACE)
    accepted = told.send("supplier1", AcceptCertificate(certificate, free_choice=True))
    told.ids.update(certificate=certificate, whole=accepted.created_id("leaf"))
    stories._split(told)
    stories._finance(told)
    stories._pay(told)
    told.send("bank", SuspendParticipant(told.party("supplier2")))


def client(served: Served, name: str) -> NodeClient:
    told = served.told
    assert isinstance(told, OverHttp)
    return told.clients[name]


def test_the_certificate_is_paid_and_the_sums_agree(served):
    path = f"/v1/certificates/{served.told.text('cert', 'certificate')}"
    item = client(served, "core").get(path)["item"]
    assert (item["life"], item["discharged_minor"]) == ("discharged", str(FACE))
    leaves = {
        leaf["leaf_id"]: (leaf["life"], leaf["amount_minor"])
        for leaf in client(served, "core").iterate(f"{path}/leaves", dict)
    }
    assert leaves == {
        served.told.text("leaf", "whole"): ("spent", str(FACE)),
        served.told.text("leaf", "leaf2"): ("discharged", str(TO_SUPPLIER2)),
        served.told.text("leaf", "rest"): ("discharged", str(REST)),
    }
    assert served.consortium.broken_invariants() == []


def test_a_second_lock_on_the_financed_leaf_is_refused_occupied(served):
    told = served.told
    refused = client(served, "supplier1").outcome(told.ids["refused"]).committed
    assert refused is not None
    assert refused.error == "supply_chain/occupied"


def test_a_receipt_and_the_state_of_a_leaf_are_checked_without_the_node(served):
    told = served.told
    node = client(served, "bank")
    disbursal = next(
        item["transaction_id"]
        for item in node.iterate("/v1/transactions", dict)
        if item["first_message"] == "supply_chain.Disburse"
    )
    data = node.receipt(bytes.fromhex(disbursal), [f"leaf:{told.text('leaf', 'rest')}"])
    report = verify_receipt(data, node.genesis(), allow_simulated=True)
    assert (report.transaction_id, len(report.present_keys)) == (disbursal, 1)


def test_each_party_follows_its_own_events_and_none_of_anothers(served):
    followed = {}
    for name in NAMES:
        page = served.model.events(served.told.party(name), limit=200)
        expected = [f"{row.height}.{row.position}" for row in page.rows]
        events = client(served, name).events()
        followed[name] = [next(events).id for _ in expected]
        assert followed[name] == expected
    assert set(followed["supplier2"]) != set(followed["supplier1"])


def test_the_suspended_supplier_reads_its_leaf_but_promises_nothing_new(served):
    told = served.told
    node = client(served, "supplier2")
    leaf = told.text("leaf", "leaf2")
    assert node.get(f"/v1/leaves/{leaf}")["item"]["life"] == "discharged"
    until = served.consortium.now_ms() + MS_PER_DAY
    request = RequestFinance(told.ids["leaf2"], told.party("bank"), until)
    signed = served.consortium.sign("supplier2", request)
    assert not node.dry_run(signed.raw).succeeded
    committed = node.wait_for_outcome(signed).committed
    assert committed is not None
    assert committed.error == "members/suspended"


def test_what_is_between_two_parties_is_not_found_by_a_third(served):
    rest = served.told.text("leaf", "rest")
    with pytest.raises(ApiError, match="api/not_found"):
        client(served, "supplier2").get(f"/v1/leaves/{rest}")
    assert client(served, "bank").get(f"/v1/leaves/{rest}")["item"]["holder"]
