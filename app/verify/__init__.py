"""Verification: what a diagram means, decided without running anything. Pure: no Flask, no database, no clock."""
