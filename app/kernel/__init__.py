"""What every room stands on: database, transaction, clock, errors, events, access, jobs, files."""
