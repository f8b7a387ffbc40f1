"""The stranger's verifier: the standard library, this package and ``crypto``; no node, no network.

Run alone as ``python -m xinlian.verifier FILE --genesis GENESIS``.
"""

from xinlian.verifier.files import verify_checkpoint, verify_equivocation, verify_file
from xinlian.verifier.headers import CheckTimeStamp
from xinlian.verifier.live import TRUSTING_PERIOD_MS, Live
from xinlian.verifier.reading import VerificationFailed
from xinlian.verifier.report import Equivocation, Report
from xinlian.verifier.trust import TrustRoot, root_of_genesis
from xinlian.verifier.verify import verify_receipt

__all__ = [
    "TRUSTING_PERIOD_MS",
    "CheckTimeStamp",
    "Equivocation",
    "Live",
    "Report",
    "TrustRoot",
    "VerificationFailed",
    "root_of_genesis",
    "verify_checkpoint",
    "verify_equivocation",
    "verify_file",
    "verify_receipt",
]
