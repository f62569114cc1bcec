"""The errors of Jackfield: one root, and subclasses that say what the caller can do about it."""


class JackfieldError(Exception):
    """Root of every error that Jackfield raises on purpose."""


class Refused(JackfieldError):  # noqa: N818 - it is an answer, not an accident
    """What was asked is not acceptable; asking again changes nothing.

    Attributes:
        status: HTTP status that says so (4xx).
    """

    def __init__(self, message: str, *, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


class Retryable(JackfieldError):  # noqa: N818
    """It may work later: the sender should keep what it has and try again.

    Attributes:
        retry_after_seconds: how long to wait first.
    """

    def __init__(self, message: str, *, retry_after_seconds: int = 1) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class Misconfigured(JackfieldError):  # noqa: N818
    """The installation is wrong; whoever runs it must change something. The message says what."""
