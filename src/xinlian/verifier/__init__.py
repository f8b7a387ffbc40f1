"""The stranger's verifier: the standard library, this package and ``crypto``; no node, no network.

Run alone as ``python -m xinlian.verifier FILE --genesis GENESIS``.
"""

from xinlian.verifier.verify import Report, VerificationFailed, verify_receipt

__all__ = ["Report", "VerificationFailed", "verify_receipt"]
