"""Questions about who is on the ledger and how it is governed."""

from xinlian.readmodels import lists, rows
from xinlian.readmodels.paging import NOTHING, find, page
from xinlian.readmodels.queries.asking import LIMIT_DEFAULT, Asking
from xinlian.readmodels.reading import open_reading
from xinlian.readmodels.rows import Found, Page


class DirectoryQueries(Asking):
    """Questions about who is on the ledger and how it is governed."""

    def parties(
        self,
        reader: bytes,
        *,
        cursor: str | None = None,
        limit: int = LIMIT_DEFAULT,
    ) -> Page[rows.PartyRow]:
        """Return the entries of the directory that the reader may see; raises ReadRefused."""
        return self._page(lists.PARTIES, reader, cursor, limit, {})

    def party(self, reader: bytes, party_id: str) -> Found[rows.PartyRow] | None:
        """Return an entry of the directory, or None."""
        return self._find(lists.PARTIES, reader, party_id)

    def keys(
        self,
        reader: bytes,
        *,
        party_id: str | None = None,
        cursor: str | None = None,
        limit: int = LIMIT_DEFAULT,
    ) -> Page[rows.KeyRow]:
        """Return role keys, of one party or of all that the reader may see."""
        return self._page(lists.KEYS, reader, cursor, limit, {"party_id": party_id})

    def official_roles(
        self,
        reader: bytes,
        *,
        party_id: str | None = None,
        cursor: str | None = None,
        limit: int = LIMIT_DEFAULT,
    ) -> Page[rows.OfficialRoleRow]:
        """Return who is or was what for the consortium, to every party."""
        return self._page(lists.OFFICIAL_ROLES, reader, cursor, limit, {"party_id": party_id})

    def validators(
        self,
        reader: bytes,
        *,
        party_id: str | None = None,
        cursor: str | None = None,
        limit: int = LIMIT_DEFAULT,
    ) -> Page[rows.ValidatorRow]:
        """Return who votes on blocks, or did, and who answers for it, to every party."""
        return self._page(lists.VALIDATORS, reader, cursor, limit, {"party_id": party_id})

    def proposals(
        self,
        reader: bytes,
        *,
        status: str | None = None,
        cursor: str | None = None,
        limit: int = LIMIT_DEFAULT,
    ) -> Page[rows.ProposalRow]:
        """Return proposals of governance, to members."""
        return self._page(lists.PROPOSALS, reader, cursor, limit, {"status": status})

    def proposal(self, reader: bytes, proposal_id: str) -> Found[rows.ProposalRow] | None:
        """Return a proposal, or None."""
        return self._find(lists.PROPOSALS, reader, proposal_id)

    def votes(
        self,
        reader: bytes,
        proposal_id: str,
        *,
        cursor: str | None = None,
        limit: int = LIMIT_DEFAULT,
    ) -> Page[rows.VoteRow]:
        """Return the votes on a proposal, to members."""
        with open_reading(self._database, reader) as reading:
            may_read = find(reading, lists.PROPOSALS, proposal_id) is not None
            within = [] if may_read else [NOTHING]
            wanted = {"proposal_id": proposal_id}
            return page(reading, lists.VOTES, cursor, limit, wanted, *within)

    def policy(
        self,
        reader: bytes,
        *,
        name: str | None = None,
        cursor: str | None = None,
        limit: int = LIMIT_DEFAULT,
    ) -> Page[rows.PolicyVersionRow]:
        """Return the dated values of the policy rows, to members."""
        return self._page(lists.POLICY, reader, cursor, limit, {"name": name})
