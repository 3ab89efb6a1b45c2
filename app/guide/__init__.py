"""办事指引: how to do a step lawfully, the manual of every procedure, the first-day tour. All read from what was
published."""
