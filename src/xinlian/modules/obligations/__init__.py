"""Obligations: promises that perform themselves from a standing authority."""
