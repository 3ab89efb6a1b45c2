"""时限: working calendar, running clocks, suspensions, extensions and lights."""
