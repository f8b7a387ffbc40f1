"""Documents, facts and verdicts equal the state's."""

from unit.readmodels.stories import INVOICE, root_of
from xinlian.modules.documents.types import DOCUMENTS
from xinlian.modules.evidence.types import FACTS, VERDICTS, VerdictOutcome
from xinlian.primitives import format_id
from xinlian.readmodels.rows import DocumentRow, FactRow, VerdictRow


def test_documents_equal_those_of_the_state(projected):
    with projected.told.state() as state:
        expected = sorted(
            (
                root.hex(),
                format_id("party", document.owner),
                document.schema,
                document.schema_version,
                document.registered_at_ms,
                tuple(format_id("party", party) for party in document.countersigners),
            )
            for (root,), document in DOCUMENTS.scan(state)
        )
    assert any(signers for *_, signers in expected)
    assert [
        (row.root, row.owner, row.schema, row.schema_version, row.time_ms, row.countersigners)
        for row in projected.rows(DocumentRow)
    ] == expected


def test_facts_equal_those_of_the_state(projected):
    with projected.told.state() as state:
        expected = sorted(
            (
                subject.hex(),
                root.hex(),
                fact.kind,
                fact.flow,
                fact.grade,
                format_id("party", fact.signer),
            )
            for (subject, root), fact in FACTS.scan(state)
        )
    assert [
        (row.subject, row.document_root, row.kind, row.flow, row.grade, row.signer)
        for row in projected.rows(FactRow)
    ] == expected


def test_a_fact_whose_grade_has_risen_keeps_the_block_in_which_it_arose(paid):
    root = root_of("contract").hex()
    (fact,) = [row for row in paid.rows(FactRow) if row.document_root == root]
    assert fact.subject == INVOICE.hex()
    assert fact.changed_height > fact.height
    assert fact.signer == paid.told.party_text("core")


def test_verdicts_equal_those_of_the_state(projected):
    with projected.told.state() as state:
        expected = sorted(
            (
                subject.hex(),
                format_id("party", party),
                VerdictOutcome(verdict.outcome).name.lower(),
                verdict.failures,
                tuple(root.hex() for root in verdict.document_roots),
                verdict.checks_version,
                verdict.given_at_ms,
                verdict.expires_at_ms,
            )
            for (subject, party), verdict in VERDICTS.scan(state)
        )
    assert [
        (
            row.subject,
            row.party,
            row.outcome,
            row.failures,
            row.document_roots,
            row.checks_version,
            row.given_at_ms,
            row.expires_at_ms,
        )
        for row in projected.rows(VerdictRow)
    ] == expected
