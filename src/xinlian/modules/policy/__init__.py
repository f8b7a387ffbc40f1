"""Dated parameters with their citation, and the calendar of banking days."""
