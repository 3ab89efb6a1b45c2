"""The whole house is walked by people of the demonstration city."""

from callers import caller, callers, city

__all__ = ["caller", "callers", "city"]
