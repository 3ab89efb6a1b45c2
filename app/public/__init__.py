"""The public hall: what anybody may see without an account."""
