"""Where links lead. Works on columns: a batch holds thousands of events, and distinct links are few."""

from urllib.parse import urlsplit

from jackfield_sdk import Context, Json
from jackfield_sdk.batch import EventBatch
from jackfield_sdk.transform import Apply


def add_link_host(_: Context) -> Apply:
    """Build the transformer: events with a property `link` get its host as `link_host`."""

    def apply(batch: EventBatch) -> EventBatch:
        with_link = batch.truthy("link")
        if not with_link.any():
            return batch
        links = [link if isinstance(link, str) else "" for link in batch.property("link")]
        hosts = {link: host_of(link) for link in set(links)}
        return batch.with_property("link_host", [hosts[link] for link in links], where=with_link)

    return apply


def host_of(link: str) -> Json:
    """Return the host of a link in lower case, None where there is none."""
    try:
        return urlsplit(link).hostname
    except ValueError:  # whoever sends events may call anything a link
        return None
