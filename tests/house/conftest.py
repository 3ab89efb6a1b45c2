"""The whole house is walked by people of the demonstration city."""

from callers import caller, callers, cheap_hashes, city

__all__ = ["caller", "callers", "cheap_hashes", "city"]
