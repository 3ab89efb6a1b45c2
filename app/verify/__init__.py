"""Verification: what a diagram means, decided without running it. Pure: no Flask, no database, no clock."""
