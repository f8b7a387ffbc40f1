"""Obligations: promises that perform themselves from what secures them."""
