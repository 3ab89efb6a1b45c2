"""Numbered statutory documents (文书): numbers, templates, rendering, issue, verification."""
