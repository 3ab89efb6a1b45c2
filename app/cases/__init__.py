"""办件: the case and its legal gates."""
