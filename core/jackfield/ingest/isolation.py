"""Writes a batch, and finds the rows that cannot be written by halving it."""

import logging
from collections.abc import Callable

from jackfield.ingest.pipeline import Failure
from jackfield_sdk import Misconfigured, Retryable
from jackfield_sdk.batch import EventBatch

logger = logging.getLogger(__name__)

Write = Callable[[EventBatch, str], None]


def write_isolating(write: Write, batch: EventBatch, token: str, *, plugin: str) -> list[Failure]:
    """Write all rows that can be written.

    The halves have tokens of their own, made from the batch's: a retry cuts the same way, so nothing is written twice.

    Returns:
        The rows on which `write` raised.

    Raises:
        Retryable, Misconfigured: the destination cannot be used at the moment, whatever the rows; the whole batch must come again.
    """
    if not len(batch):
        return []
    try:
        write(batch, token)
    except (Retryable, Misconfigured):
        raise
    except Exception as problem:  # a border: what a sink raises costs only the events on which it raises
        if len(batch) > 1:
            first, second = batch.split(len(batch) // 2)
            return [*write_isolating(write, first, f"{token}/0", plugin=plugin), *write_isolating(write, second, f"{token}/1", plugin=plugin)]
        reason = f"{type(problem).__name__}: {problem}"
        logger.warning("plugin %s could not write an event: %s", plugin, reason)
        return [Failure(record=batch.record[0], index=batch.index[0], uuid=batch.uuid[0], event=batch.event[0], plugin=plugin, reason=reason)]
    return []
