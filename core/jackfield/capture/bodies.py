"""How much of unanswered request bodies a worker may hold: limits over all connections, not those of one route."""

from jackfield_sdk import Refused, Retryable


class Bodies:
    """Counts the bytes of bodies that have begun to arrive and are not yet answered. Lives on the event loop, needs no lock."""

    __slots__ = ("held_bytes", "max_bytes", "seconds")

    def __init__(self, *, seconds: float, max_bytes: int) -> None:
        """Set the limits.

        Args:
            seconds: how long one body may take to arrive.
            max_bytes: of all bodies together.
        """
        self.seconds = seconds
        self.max_bytes = max_bytes
        self.held_bytes = 0

    def hold(self, size: int) -> bool:
        """Count bytes that arrived; tell whether they may stay. The caller releases them either way."""
        self.held_bytes += size
        return self.held_bytes <= self.max_bytes

    def release(self, size: int) -> None:
        """Forget bytes that were held."""
        self.held_bytes -= size


def too_large(max_bytes: int) -> Refused:
    """Say that a body is longer than its route takes."""
    return Refused(f"maximum event size exceeded: the body is longer than {max_bytes} bytes; send fewer events per request", status=413)


def too_slow(seconds: float) -> Refused:
    """Say that a body did not arrive in time."""
    return Refused(f"the body did not arrive within {seconds:g} seconds; send it again", status=408)


def too_many() -> Retryable:
    """Say that all bodies together are more than this worker may hold."""
    return Retryable("transient error, please retry: the server holds as many unfinished requests as it may")
