"""Which number has which request and which response on the engine's socket.

Source: the engine's published interface definition, the types ``Request`` and ``Response``.
"""

from typing import Final

from xinlian.engines.cometbft import abci
from xinlian.engines.cometbft.wire import Message

REQUEST_NUMBERS: Final[dict[int, type[Message]]] = {
    1: abci.RequestEcho,
    2: abci.RequestFlush,
    3: abci.RequestInfo,
    5: abci.RequestInitChain,
    6: abci.RequestQuery,
    8: abci.RequestCheckTx,
    11: abci.RequestCommit,
    12: abci.RequestListSnapshots,
    13: abci.RequestOfferSnapshot,
    14: abci.RequestLoadSnapshotChunk,
    15: abci.RequestApplySnapshotChunk,
    16: abci.RequestPrepareProposal,
    17: abci.RequestProcessProposal,
    18: abci.RequestExtendVote,
    19: abci.RequestVerifyVoteExtension,
    20: abci.RequestFinalizeBlock,
}
"""Which field of the engine's one request type holds which request."""

RESPONSE_NUMBERS: Final[dict[type[Message], int]] = {
    abci.ResponseException: 1,
    abci.ResponseEcho: 2,
    abci.ResponseFlush: 3,
    abci.ResponseInfo: 4,
    abci.ResponseInitChain: 6,
    abci.ResponseQuery: 7,
    abci.ResponseCheckTx: 9,
    abci.ResponseCommit: 12,
    abci.ResponseListSnapshots: 13,
    abci.ResponseOfferSnapshot: 14,
    abci.ResponseLoadSnapshotChunk: 15,
    abci.ResponseApplySnapshotChunk: 16,
    abci.ResponsePrepareProposal: 17,
    abci.ResponseProcessProposal: 18,
    abci.ResponseExtendVote: 19,
    abci.ResponseVerifyVoteExtension: 20,
    abci.ResponseFinalizeBlock: 21,
}
"""Which field of the one response type holds which response."""
