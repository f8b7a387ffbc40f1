"""Formats of the outside world, read into statements and written from instructions."""
