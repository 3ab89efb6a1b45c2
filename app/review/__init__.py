"""审核: those who must be convinced before a decision: legal review, collective deliberation, hearing."""
