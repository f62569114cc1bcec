"""What comes in over HTTP: requests, what an endpoint makes of them, and the answers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from jackfield_sdk.errors import Refused, Retryable

if TYPE_CHECKING:
    from jackfield_sdk.batch import EventBatch
    from jackfield_sdk.context import Context

MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureRequest:
    """An HTTP request whose body has been read whole.

    Args:
        path: without the query.
        query: raw, without the question mark.
        headers: names in lower case.
        body: as received, still compressed.
        client_ip: the sender, behind trusted proxies if there are any.
        received_at: microseconds since 1970, UTC.
    """

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    client_ip: str
    received_at: int


@dataclass(frozen=True, slots=True)
class Refusal:
    """An event of a request that is not taken, and why. `index` counts from 0 within the request."""

    index: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """What `inspect` found: no more than an answer needs.

    Args:
        token: the project token that the request carries.
        count: events that will be taken.
        refusals: events that will not.
        decoded_bytes: size of the body once decompressed; batches of the engine are bounded by it. 0 means as received.
    """

    token: str
    count: int
    refusals: Sequence[Refusal] = ()
    decoded_bytes: int = field(default=0, compare=False)  # a measure of the work, not of the answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A request as the log holds it: everything that later steps may know of it.

    Args:
        id: `<log file id>:<row id>`; uuids of events that bring none are derived from it.
        headers: those that the endpoint asked to keep.
    """

    id: str
    project_id: int
    endpoint: str
    path: str
    query: str
    headers: Mapping[str, str]
    client_ip: str
    received_at: int
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a request ended, for `respond` to put into words.

    Exactly one of `envelope` (stored, or nothing to store) and `error` is set.
    """

    request: CaptureRequest
    envelope: Envelope | None = None
    error: Refused | Retryable | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An HTTP answer."""

    status: int = 200
    body: bytes = b""
    content_type: str = "application/json"
    headers: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureEndpoint:
    """A way for events to come in.

    Args:
        name: unique; stored with every record, so a later version must still decode what it once took.
        paths: exact paths; each is also served with and without a trailing slash.
        inspect: runs in the web worker, raises `Refused` when nothing can be taken.
        decode: runs in the engine, from the stored record alone; gives the same events, and the same uuids, each time it is called.
        decode_many: gives what `decode` gives, for many records in one go; worth its while where a record mostly holds a single event. `record`
            of its batch tells the position of the record, and goes up. When it raises, `decode` is called for each.
        respond: builds the answer; must not raise.
        keep_headers: headers stored with the record, by name or, ending in `*`, by prefix.
    """

    name: str
    paths: Sequence[str]
    inspect: Callable[[CaptureRequest], Envelope]
    decode: Callable[[Record], "EventBatch"]
    respond: Callable[[Outcome], Reply]
    methods: Sequence[Literal["GET", "POST", "OPTIONS"]] = ("POST",)
    lane: str = "events"
    keep_headers: Sequence[str] = ("user-agent", "content-type", "content-encoding")
    max_body_bytes: int = 20 * MEBIBYTE
    decode_many: "Callable[[Sequence[Record]], EventBatch] | None" = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HotRoute:
    """An answer that the web worker computes itself, at once, without the log and without Django.

    Args:
        paths: exact paths, or prefixes ending in `*`.
        build: runs once per worker; what it returns runs on the event loop, so it must not block for more than a millisecond.
    """

    name: str
    paths: Sequence[str]
    build: Callable[["Context"], Callable[[CaptureRequest], Reply]]
    methods: Sequence[Literal["GET", "HEAD", "POST", "OPTIONS"]] = ("GET",)
    max_body_bytes: int = 2 * MEBIBYTE


def error_status(error: Refused | Retryable) -> int:
    """Return the HTTP status of an error."""
    return error.status if isinstance(error, Refused) else 503
