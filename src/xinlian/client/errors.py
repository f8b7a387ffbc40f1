"""What can go wrong between a client and a node.

Rules this file keeps:
 1. A refusal has the node's stable code; no answer is an error of its own, because a submission
    that was not answered may have arrived all the same.
 2. Neither keys nor tokens are in an error.
"""

from xinlian.client.wire import Problem


class NodeUnreachable(ConnectionError):  # noqa: N818 - names the state of the node
    """No node answered in time; a submission may or may not have arrived."""


class ApiError(Exception):
    """A node refused a request; ``reference`` is the stable name of the refusal."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(f"{problem.codespace}/{problem.name}: {problem.title}. {problem.detail}")
        self.problem = problem

    @property
    def reference(self) -> str:
        """For example ``ledger/expired``."""
        return f"{self.problem.codespace}/{self.problem.name}"

    @property
    def is_not_found(self) -> bool:
        """True where there is no such object, or none that the asking party may see."""
        return self.reference == "api/not_found"

    @property
    def codespace(self) -> str:
        """Who refused: a module of the ledger, or ``api``."""
        return self.problem.codespace

    @property
    def name(self) -> str:
        """The refusal's name in its codespace."""
        return self.problem.name

    @property
    def code(self) -> int:
        """The refusal's number in its codespace."""
        return self.problem.code

    @property
    def title(self) -> str:
        """What it means, for people."""
        return self.problem.title

    @property
    def detail(self) -> str:
        """What is wrong this time, for people."""
        return self.problem.detail

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self.problem.status

    @property
    def transient(self) -> bool:
        """Whether the very same request may succeed later."""
        return self.problem.transient

    @property
    def not_admitted(self) -> bool:
        """True when a transaction was refused before ordering."""
        return self.problem.not_admitted
