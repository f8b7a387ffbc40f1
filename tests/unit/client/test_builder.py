"""What a client knows of its transaction before it signs: above all the ids of what it creates."""

import dataclasses

from xinlian.apps.supply_chain.types import CERTIFICATES, Life
from xinlian.primitives.time import MS_PER_DAY
from xinlian.testing import Consortium
from xinlian.testing.trade import Trade


def test_a_key_that_comes_again_after_its_marker_was_dropped_creates_something_new():
    c = Consortium()
    trade = Trade(c)
    trade.register()
    key = b"the same key 123"
    created = []
    for face_minor in (100_000_00, 200_000_00):
        intent = c["core"].intend(trade.proposal(face_minor), valid_until_ms=c.now_ms() + 600_000)
        signed = dataclasses.replace(intent, idempotency_key=key).sign(
            c["core"].keys_of("finance-1", "finance-2"),
        )
        assert c.engine.submit(signed.raw).result(timeout=60).result.succeeded
        created.append(signed.created_id("cert"))
        if face_minor == 100_000_00:
            trade.issue(created[0])
            trade.accept(created[0])
        c.advance_to(c.now_ms() + 3 * MS_PER_DAY)
        c.settle_due_work()
    with c.engine.application.store.snapshot() as snapshot:
        found = [CERTIFICATES.require(snapshot, certificate) for certificate in created]
    c.close()
    assert [certificate.face_minor for certificate in found] == [100_000_00, 200_000_00]
    assert [certificate.life for certificate in found] == [Life.ACTIVE, Life.DRAFT]
