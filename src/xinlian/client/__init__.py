"""The client: build, sign, submit, verify; installable without any engine."""

from xinlian.client.builder import Intent, SignedTransaction
from xinlian.client.organisation import Organisation

__all__ = ["Intent", "Organisation", "SignedTransaction"]
