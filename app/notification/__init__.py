"""通知: a daily summary by mail and web push, for those who turned it on. Numbers and names of steps, nothing of a case."""
