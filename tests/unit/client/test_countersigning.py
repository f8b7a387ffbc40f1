"""Countersigning: the log decides, never two heads of one height, never a shorter chain."""

import pytest

from support.heads import Heads, pay, two_histories
from xinlian.client.countersigning import HEADS_KEPT, CountersignLog, countersign
from xinlian.client.errors import NodeUnreachable
from xinlian.client.heads import ForkFound, HeadRefused, signed_header_of
from xinlian.testing import Consortium
from xinlian.verifier import root_of_genesis, verify_receipt


@pytest.fixture
def c():
    consortium = Consortium()
    yield consortium
    consortium.close()


@pytest.fixture
def root(c):
    return root_of_genesis(c.genesis_bytes)


@pytest.fixture
def log(tmp_path, root):
    return CountersignLog(tmp_path / "home" / "countersigned.json", root)


def key_of(consortium, name="bank"):
    return consortium[name].keys["finance-1"]


def test_what_a_member_countersigned_is_in_receipts_and_said_in_words(c, root, log):
    transaction_id = pay(c, 3)
    found = countersign(Heads(c), key_of(c), root, log)
    assert (found.height, found.is_new) == (3, True)
    receipt = c.node.receipt(transaction_id)
    report = verify_receipt(receipt, c.genesis_bytes, allow_simulated=True)
    assert "演示融资银行" in report.assumption


def test_the_log_is_written_before_the_signature_leaves(c, root, log):
    class Lost(Heads):
        def countersign(self, countersignature: bytes):
            assert log.heads()[-1] == self.node.head()
            raise NodeUnreachable(f"{len(countersignature)} bytes lost")

    pay(c)
    with pytest.raises(NodeUnreachable):
        countersign(Lost(c), key_of(c), root, log)
    again = countersign(Heads(c), key_of(c), root, log)
    assert (again.height, again.is_new) == (1, False)  # the same head is signed again, no other


def test_each_head_extends_the_last_one(c, root, log):
    for _ in range(HEADS_KEPT + 3):
        pay(c)
        assert countersign(Heads(c), key_of(c), root, log).is_new
    heights = [signed.header.height for signed in log.heads()]
    assert heights == list(range(4, HEADS_KEPT + 4))


def test_a_shorter_chain_is_never_countersigned(c, root, log):
    pay(c, 3)
    countersign(Heads(c), key_of(c), root, log)
    with pytest.raises(HeadRefused) as refused:
        countersign(Heads(c, up_to=2), key_of(c), root, log)
    assert refused.value.reference == "client/head_is_shorter"


def test_a_second_head_of_a_height_is_never_countersigned_but_proven(root, tmp_path):
    one, other = two_histories(1, 2)
    log = CountersignLog(tmp_path / "log.json", root_of_genesis(one.genesis_bytes))
    countersign(Heads(one), key_of(one), root, log)
    before = log.heads()
    with pytest.raises(ForkFound):
        countersign(Heads(other), key_of(one), root, log)
    pay(other, 2)
    with pytest.raises(ForkFound):  # nor a longer chain that does not extend it
        countersign(Heads(other), key_of(one), root, log)
    assert log.heads() == before
    assert other.node.countersignatures.between(0, 99, 9) == []
    one.close()
    other.close()


def test_an_empty_log_may_begin_from_a_head_that_is_trusted(c, root, log):
    pay(c, 4)
    start = signed_header_of(Heads(c).header(3))
    asked = []

    class Counting(Heads):
        def headers(self, first: int, limit: int):
            asked.append(first)
            return super().headers(first, limit)

    countersign(Counting(c), key_of(c), root, log, start)
    assert min(asked) == 3


def test_an_operators_key_countersigns_nothing(c, root, log):
    pay(c)
    with pytest.raises(HeadRefused, match="operator"):
        countersign(Heads(c), c["core"].keys["operator"], root, log)


def test_one_process_at_a_time_works_with_a_log(c, root, log):
    pay(c)
    with log.locked(), pytest.raises(HeadRefused) as refused:
        countersign(Heads(c), key_of(c), root, log)
    assert refused.value.reference == "client/log_in_use"
    countersign(Heads(c), key_of(c), root, log)


@pytest.mark.parametrize(
    "content",
    [b"", b"{}", b'{"format":"xinlian-countersigned-1","genesis_hash":"00","heads":["zz"]}'],
)
def test_a_damaged_log_stops_countersigning(c, root, log, tmp_path, content):
    pay(c)
    countersign(Heads(c), key_of(c), root, log)
    (tmp_path / "home" / "countersigned.json").write_bytes(content)
    with pytest.raises(HeadRefused) as refused:
        countersign(Heads(c), key_of(c), root, log)
    assert refused.value.reference == "client/log_damaged"


def test_a_log_of_another_chain_stops_countersigning(c, root, log, tmp_path):
    pay(c)
    path = tmp_path / "home" / "countersigned.json"
    countersign(Heads(c), key_of(c), root, log)
    path.write_text(path.read_text().replace(root.genesis_hash.hex(), "00" * 32))
    with pytest.raises(HeadRefused) as refused:
        countersign(Heads(c), key_of(c), root, log)
    assert refused.value.reference == "client/log_of_another_chain"


def test_a_head_below_the_log_is_not_put_on_record(c, root, log):
    pay(c, 2)
    countersign(Heads(c), key_of(c), root, log)
    with pytest.raises(HeadRefused):
        log.append(signed_header_of(Heads(c).header(1)))
