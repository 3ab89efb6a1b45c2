"""Forms: one JSON definition becomes a page, a schema, drafts, a summary and routing attributes."""
