"""Measurements: `make bench`, or one comparison with `python -m bench.compare_…`."""
