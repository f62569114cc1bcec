"""Extension points that plugins open to one another."""

from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T", covariant=True)


@dataclass(frozen=True, slots=True)
class HookPoint(Generic[T]):
    """A place where any plugin may add values of type `T` for another plugin to read.

    Declare it in the SDK, contribute with `register_extensions`, read with `context.contributions(POINT)`.

    Args:
        name: unique name, `<owner>.<noun>`.
        kind: the type that every contributed value must be an instance of; the host checks it at boot.
    """

    name: str
    kind: type[T]


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension(Generic[T]):
    """One value for a `HookPoint`."""

    point: HookPoint[T]
    value: T
