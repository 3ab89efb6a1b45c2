"""执法监督: what the supervising office sees and is told."""
