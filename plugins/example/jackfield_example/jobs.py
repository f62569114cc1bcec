"""Background work: forgets thanks that were given long ago."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

from jackfield_sdk import Context, JobRun

AT_ONCE: Final = 500
"""Rows deleted by one statement: a write to the metadata database is short."""


def forget_thanks(context: Context) -> Callable[[JobRun], None]:
    """Build the handler."""
    from jackfield_example.models import Thanks  # inside: Django is ready only when handlers are built

    days = int(str(context.settings["thanks_days"]))

    def run(job: JobRun) -> None:
        old = Thanks.every_project.filter(given_at__lt=datetime.now(UTC) - timedelta(days=days))
        total, done = old.count(), 0
        while chosen := list(old.values_list("pk", flat=True)[:AT_ONCE]):
            Thanks.every_project.filter(pk__in=chosen).delete()
            done += len(chosen)
            job.progress(done, total)

    return run
