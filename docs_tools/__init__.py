"""Writes the reference pages of ``docs/reference`` from the code that they describe.

``python -m docs_tools`` writes them; ``python -m docs_tools --check`` names those that are stale.

Rules this package keeps:
 1. A page says what the code says: names, numbers, bounds, classes and texts are read, not typed.
 2. Output is a function of the sources alone, so that a test can hold page and code together.
"""
