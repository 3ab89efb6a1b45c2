"""工作台: what waits for whom, and the pages on which officers work."""
