"""Devices: registered keys whose signed readings speak about goods."""
