"""Tests of the time limits."""
