"""Data to measure with, and the worker that drains it."""
