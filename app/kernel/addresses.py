"""Addresses a request asks to be sent to. Pure."""

from urllib.parse import urlsplit


def local_path(target: str | None) -> str | None:
    """The target if it is a path on this very site, else None: nobody is sent elsewhere."""
    if not target or not target.startswith("/") or target.startswith("//") or len(target) > 2000:
        return None
    if "\\" in target or any(ord(c) < 33 or ord(c) == 127 for c in target):
        return None  # browsers read a backslash as a slash and drop control characters
    try:
        parts = urlsplit(target)
    except ValueError:
        return None
    return None if parts.scheme or parts.netloc else target
