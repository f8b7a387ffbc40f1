"""Xinlian 信链: a tamper-evident ledger that financial institutions run together."""
