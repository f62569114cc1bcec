"""Background work: the queue, its workers, schedules and the delivery to subscribers."""
