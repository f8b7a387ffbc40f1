"""Engines that order transactions: embedded (one process)."""
