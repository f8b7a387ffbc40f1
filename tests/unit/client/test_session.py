"""A session signs, submits and waits; a refusal is raised with its stable reference."""

import pytest

from xinlian.api import BackgroundServer
from xinlian.bootstrap import run_node
from xinlian.client.errors import ApiError, NodeUnreachable
from xinlian.client.keyring import KeyringError
from xinlian.client.organisation import Organisation
from xinlian.client.session import Refused, Session
from xinlian.modules.accounts.messages import Transfer
from xinlian.modules.schedule.messages import AdvanceClock
from xinlian.primitives.time import MS_PER_DAY
from xinlian.testing import Consortium


class Served:
    """A node of the test consortium behind its API."""

    def __init__(self, folder):
        self.consortium = Consortium()
        self.consortium.close()
        operator = self.consortium["core"].keys["operator"]
        self.running = run_node(folder, self.consortium.genesis_bytes, operator)
        self.server = BackgroundServer(self.running.app)
        self.server.start()

    def close(self):
        self.server.stop()
        self.running.close()

    def payment(self, amount_minor):
        c = self.consortium
        return Transfer(c.account("core"), c.account("bank"), amount_minor)


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    served = Served(tmp_path_factory.mktemp("node"))
    yield served
    served.close()


@pytest.fixture
def session(served):
    with Session.connect(served.consortium["core"], [served.server.url]) as session:
        yield session


def balance(session):
    rows = session.node.iterate("/v1/accounts", dict)
    return next(int(row["balance_minor"]) for row in rows if row["mirrored"])


def test_a_message_takes_effect_and_says_where(session, served):
    before = balance(session)
    submitted = session.submit(served.payment(100), roles=["finance-1"])
    assert submitted.outcome.succeeded
    assert submitted.outcome.height == session.node.head().height
    assert balance(session) == before - 100


def test_several_messages_are_one_transaction(session, served):
    before = balance(session)
    submitted = session.submit(served.payment(1), served.payment(2), roles=["finance-1"])
    answer = session.node.outcome(submitted.signed.transaction_id)
    assert answer.status == "committed"
    assert balance(session) == before - 3


def test_a_refusal_carries_its_reference_and_height_and_changes_nothing(session, served):
    before = balance(session)
    with pytest.raises(Refused) as refused:
        session.submit(served.payment(1), served.payment(10**15), roles=["finance-1"])
    assert refused.value.reference == "members/cap_exceeded"
    assert refused.value.height > 0
    assert balance(session) == before


def test_a_dry_run_says_what_would_happen_and_keeps_nothing(session, served):
    head = session.node.head().height
    assert session.dry_run(served.payment(5), roles=["finance-1"]).succeeded
    refused = session.dry_run(served.payment(5), roles=["operations"])
    assert refused.error == "members/no_mandate"
    assert session.node.head().height == head


def test_a_transaction_is_valid_for_ten_minutes_of_ledger_time(session, served):
    now_ms = session.now_ms()
    _, valid_until_ms = session.sign(served.payment(1), roles=["finance-1"])
    assert valid_until_ms == now_ms + 600_000


def test_a_transaction_signed_too_long_ago_is_not_admitted(session, served):
    signed, _ = session.sign(served.payment(1), roles=["finance-1"])
    session.submit(AdvanceClock(session.now_ms() + MS_PER_DAY), roles=["operator"])
    served.running.engine.wait_until(served.running.engine.is_idle)
    with pytest.raises(ApiError, match="ledger/expired"):
        session.node.submit(signed.raw)


@pytest.mark.parametrize("roles", [[], ["nobody"], ["finance-1", "nobody"]])
def test_a_role_without_a_key_is_named_with_those_there_are(session, served, roles):
    with pytest.raises(KeyringError, match="finance-2"):
        session.submit(served.payment(1), roles=roles)


def test_an_empty_keyring_connects_to_nothing(served):
    nobody = Organisation("test-consortium", "91990000MA0000001B", "x", {})
    with pytest.raises(KeyringError, match="empty"):
        Session.connect(nobody, [served.server.url])


def test_a_node_that_does_not_answer_is_named(served):
    with pytest.raises(NodeUnreachable):
        Session.connect(served.consortium["core"], ["http://127.0.0.1:9"])
