"""Consent: a subject lets one reader read kinds of its data for a purpose, for a time."""
