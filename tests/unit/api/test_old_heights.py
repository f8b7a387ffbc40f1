"""What the API says of heights that the node pruned, or whose state it no longer keeps."""

import pytest

from unit.api.callers import refused
from unit.api.conftest import serve
from unit.readmodels.stories import Told
from xinlian.ledger.pruning import prune
from xinlian.modules.accounts.messages import Transfer
from xinlian.modules.accounts.types import ACCOUNTS
from xinlian.modules.policy.archive import archive_row
from xinlian.primitives import format_id
from xinlian.storage import MemoryStore
from xinlian.testing import Consortium
from xinlian.testing.consortium import POLICY, demo_uscc
from xinlian.verifier import verify_receipt


@pytest.fixture(scope="module")
def old(tmp_path_factory):
    """(what is served, the ids of four payments, the receipt of the first before pruning)."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(POLICY, archive_row(demo_uscc(2)), (1, "flag"))
        store = MemoryStore(history_heights=2)
        consortium = Consortium(store)
    told = Told(consortium)
    payment = Transfer(consortium.account("core"), consortium.account("bank"), 5)
    ids = [told.send("core", payment).transaction_id.hex() for _ in range(4)]
    for served in serve(told, tmp_path_factory.mktemp("served")):
        exported = served.caller("core").get(f"/v1/receipts/{ids[0]}").content
        list(prune(store, 3))
        yield served, ids, exported


def test_a_pruned_receipt_is_gone_for_its_parties_with_who_has_it_and_not_there_for_others(old):
    served, ids, exported = old
    report = verify_receipt(exported, served.consortium.genesis_bytes, allow_simulated=True)
    assert report.transaction_id == ids[0]
    response = served.caller("core").get(f"/v1/receipts/{ids[0]}")
    assert (response.status_code, refused(response)) == (410, "api/pruned")
    assert demo_uscc(2) in response.json()["detail"]
    assert refused(served.caller("settle").get(f"/v1/receipts/{ids[0]}")) == "api/not_found"
    assert served.caller("core").get(f"/v1/receipts/{ids[3]}").status_code == 200


def test_a_pruned_outcome_is_told_to_its_parties_alone(old):
    served, ids, _ = old
    answer = served.caller("core").get(f"/v1/transactions/{ids[0]}").json()
    assert (answer["status"], answer["committed"]["height"]) == ("committed", 1)
    assert answer["since_height"] == 0
    assert refused(served.caller("settle").get(f"/v1/transactions/{ids[0]}")) == "api/not_found"


def test_headers_of_pruned_heights_are_all_there(old):
    served, _, _ = old
    items = served.caller("core").get("/v1/headers").json()["items"]
    assert [item["height"] for item in items] == list(range(5))


def test_entries_are_proven_as_of_an_older_height_and_beyond_the_answer_names_the_heights(old):
    served, ids, _ = old
    account = served.consortium.account("core")
    path = f"/v1/receipts/{ids[3]}?state=account:{format_id('account', account)}&at_height="
    data = served.caller("core").get(f"{path}3").content
    report = verify_receipt(data, served.consortium.genesis_bytes, allow_simulated=True)
    assert report.present_keys == (ACCOUNTS.key(account).hex(),)
    assert report.heights == (4, 3)
    response = served.caller("core").get(f"{path}1")
    assert (response.status_code, refused(response)) == (410, "api/state_not_kept")
    assert "3 to 4 are" in response.json()["detail"]
    for wrong in ("-1", "x", str(1 << 53)):
        assert refused(served.caller("core").get(path + wrong)) == "api/parameters_invalid"
