"""Measurements. One file a subject; see `python -m bench`."""
