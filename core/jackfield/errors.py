"""Core's own errors, all of them under the SDK's root."""

from collections.abc import Sequence

from jackfield_sdk.errors import Misconfigured, Retryable


class PluginProblem(Misconfigured):
    """Plugins that cannot run, alone or together. Rescue mode leaves out the last one named."""

    def __init__(self, plugins: Sequence[str], message: str) -> None:
        super().__init__(message)
        self.plugins = tuple(plugins)


class LogFull(Retryable):
    """The event log is at its limit, or its disk is full; nothing was taken."""


class StoreUnavailable(Retryable):
    """The event store does not answer now."""
