"""Hashes, the canonical encoding, signatures and proofs.

Everything but ``ed25519`` needs the standard library alone, so that a stranger's verifier can be
read and run by itself.
"""
