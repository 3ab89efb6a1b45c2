"""The door for programs: `/api/v1`, JSON, the same services and the same gates as the pages."""
