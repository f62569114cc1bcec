"""Keeps entries tidy on their way in: one line, not too long, never empty. A transformer, so it works on columns."""

from typing import Final

from jackfield_example.signature import SIGNED
from jackfield_sdk import Context, Json
from jackfield_sdk.batch import EventBatch
from jackfield_sdk.transform import Apply

NAME_LENGTH: Final = 80
EMPTY: Final = "guestbook: the message is empty"
"""Why an entry was dropped; it is counted and shown to the project."""


def tidy_entries(context: Context) -> Apply:
    """Build the transformer."""
    message_length = int(str(context.settings["message_length"]))

    def apply(batch: EventBatch) -> EventBatch:
        signed = batch.named(SIGNED)
        if not signed.any():
            return batch
        names, messages = batch.properties_named(["guest_name", "message"])
        tidied = batch.with_properties(
            {
                "guest_name": [one_line(name, NAME_LENGTH) or "somebody" for name in names],
                "message": [one_line(message, message_length) for message in messages],
            },
            where=signed,
        )
        return tidied.drop(signed & ~tidied.truthy("message"), EMPTY)

    return apply


def one_line(value: Json, length: int) -> str:
    """Return a text without line breaks and double spaces, cut to a length; what is no text is empty."""
    return " ".join(value.split())[:length].rstrip() if isinstance(value, str) else ""
