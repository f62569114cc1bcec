"""Background work: the queue, the workers that run it, schedules, and delivery of the outbox to subscribers."""
