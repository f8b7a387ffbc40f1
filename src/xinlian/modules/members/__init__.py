"""Parties, their keys and mandates, and who may send what."""
