"""Shared ledger modules: what all businesses are made of."""
