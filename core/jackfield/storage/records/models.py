"""Tables of core's machinery. Their rows are written and read by `storage` and `jobs` through `Database`; here is their shape."""

from django.db import models
from django.db.models import Q

from jackfield_sdk.identity import uuid7


class BusTopic(models.Model):
    """How often something was published on a topic."""

    name = models.CharField(max_length=200, primary_key=True)
    generation = models.BigIntegerField()

    class Meta:
        db_table = "core_bus_topic"


class BusMessage(models.Model):
    """One of the last messages of a topic."""

    pk = models.CompositePrimaryKey("topic", "generation")
    topic = models.CharField(max_length=200)
    generation = models.BigIntegerField()
    body = models.JSONField()

    class Meta:
        db_table = "core_bus_message"


class Lock(models.Model):
    """A lease on a name."""

    name = models.CharField(max_length=200, primary_key=True)
    owner = models.CharField(max_length=200)
    until = models.DateTimeField()

    class Meta:
        db_table = "core_lock"


class Job(models.Model):
    """A piece of background work."""

    WAITING, RUNNING, DONE, FAILED, CANCELLED = "waiting", "running", "done", "failed", "cancelled"

    id = models.UUIDField(primary_key=True, default=uuid7)
    job = models.CharField(max_length=200)
    arguments = models.JSONField()
    project_id = models.BigIntegerField(null=True, db_index=True)
    key = models.CharField(max_length=400, null=True)
    state = models.CharField(max_length=20)
    attempt = models.IntegerField(default=0)
    run_at = models.DateTimeField()
    owner = models.CharField(max_length=200, null=True)
    lease_until = models.DateTimeField(null=True)
    cancel_requested = models.BooleanField(default=False)
    progress_done = models.BigIntegerField(default=0)
    progress_total = models.BigIntegerField(null=True)
    progress_note = models.TextField(default="")
    error_type = models.TextField(default="")
    error_message = models.TextField(default="")
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "core_job"
        indexes = (
            models.Index("run_at", condition=Q(state="waiting"), name="core_job_waiting"),
            models.Index("lease_until", condition=Q(state="running"), name="core_job_running"),
            models.Index("finished_at", name="core_job_finished"),
        )
        constraints = (models.UniqueConstraint("job", "key", condition=Q(state__in=("waiting", "running")), name="core_job_key"),)


class Schedule(models.Model):
    """When a schedule fires next."""

    pk = models.CompositePrimaryKey("plugin", "name")
    plugin = models.CharField(max_length=100)
    name = models.CharField(max_length=100)
    rule = models.CharField(max_length=200)
    next_at = models.DateTimeField()

    class Meta:
        db_table = "core_schedule"


class LedgerEntry(models.Model):
    """What a plugin left in both databases, so that it can be purged when its package is gone."""

    plugin = models.CharField(max_length=100, primary_key=True)
    distribution = models.CharField(max_length=200)
    version = models.CharField(max_length=100)
    metadata_tables = models.JSONField()
    store_tables = models.JSONField()
    seen_at = models.DateTimeField()

    class Meta:
        db_table = "core_ledger"
