"""Thanks each guest, once: told of signatures after they were stored, without holding anything up."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import UUID

from jackfield_example.signature import SIGNED
from jackfield_sdk import Context, Database, Delivery
from jackfield_sdk.identity import uuid7

if TYPE_CHECKING:
    from jackfield_sdk.batch import EventBatch, Mask


def is_signature(_: Context) -> "Callable[[EventBatch], Mask]":
    """Build the filter: which events to be told of."""
    return lambda batch: batch.named(SIGNED)


def thank_guests(context: Context) -> Callable[[Sequence[Delivery]], None]:
    """Build the delivery. The key is the entry: an event that is delivered twice is answered once."""
    database = context.require(Database)

    def deliver(deliveries: Sequence[Delivery]) -> None:
        now = datetime.now(UTC)
        rows = [
            (uuid7(), delivery.project_id, UUID(str(delivery.event["uuid"])), text, now)
            for delivery in deliveries
            if (text := thanks_for(delivery, context.project_settings(delivery.project_id)["thanks"]))
        ]
        database.upsert_many("example_thanks", ["id", "project_id", "entry", "text", "given_at"], rows, key=["project_id", "entry"], update=[])

    return deliver


def thanks_for(delivery: Delivery, template: object) -> str:
    """Return what to say to a guest; empty while the project thanks nobody."""
    properties = delivery.event["properties"]
    name = properties.get("guest_name") if isinstance(properties, dict) else None
    return str(template or "").replace("{name}", str(name))
