"""The only door to graphene: types, fields with permissions, connections and loaders of the API. Import it inside `GraphQLPart.build` only."""

import base64
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any, Final, Generic, Protocol, TypeAlias, TypeVar
from uuid import UUID

import graphene
from graphene.types.objecttype import ObjectTypeOptions
from graphene.utils.str_converters import to_camel_case

from jackfield_sdk.errors import Refused
from jackfield_sdk.services import ProjectInfo

if TYPE_CHECKING:
    from django.db.models import Model

T = TypeVar("T")
K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
Key = TypeVar("Key", contravariant=True)
Value = TypeVar("Value", covariant=True)

ID, Int, Float, String, Boolean = graphene.ID, graphene.Int, graphene.Float, graphene.String, graphene.Boolean
SIGNED_IN: Final = "signed in"
"""Permission of fields for everybody who is signed in, with any key, in any role."""

INHERITED: Final = "inherited"
"""Permission of fields for whoever got hold of the object: the field that led to it was checked."""

Deferred: TypeAlias = Awaitable[V | None]
"""A value that comes with those of other fields; a resolver may return it or, being `async`, await it."""


# -- what resolvers are given ----------------------------------------------------------------------------------------


class Viewer(Protocol):
    """The person or key that asks."""

    @property
    def user_id(self) -> UUID: ...

    @property
    def email(self) -> str: ...


class Loading(Protocol[Key, Value]):
    """A loader in use: `load` collects keys from many fields and fetches them together."""

    def load(self, key: Key) -> Deferred[Value]:
        """Return what belongs to a key, None if there is nothing."""
        ...


class ApiContext(Protocol):
    """What a resolver can reach, seen from its field's place in the query."""

    @property
    def viewer(self) -> Viewer: ...

    @property
    def project(self) -> ProjectInfo:
        """The project that the field lies below.

        Raises:
            Misconfigured: it lies below none.
        """
        ...

    def may(self, permission: str) -> bool:
        """Tell whether the viewer holds a permission here."""
        ...

    def require(self, service: type[T]) -> T:
        """Return the service of a type, as `Context.require` does."""
        ...

    def loader(self, kind: "type[Loader[K, V]]") -> Loading[K, V]:
        """Return this request's loader of a kind."""
        ...


class Info(Protocol):
    """Second argument of every resolver."""

    @property
    def context(self) -> ApiContext: ...


class Loader(ABC, Generic[K, V]):
    """Fetches what many fields of one request ask for, at once. Keys come from several projects: put the project into the key."""

    def __init__(self, require: Callable[[type[T]], T]) -> None:
        self.require = require

    @abstractmethod
    def fetch(self, keys: Sequence[K]) -> Mapping[K, V]:
        """Return values by key, without those that there are not. Keys are distinct; use one statement for all."""


# -- types and fields ------------------------------------------------------------------------------------------------


class TypeOptions(ObjectTypeOptions):
    """Options of a type, its permission among them."""

    permission: str | None = None


class Type(graphene.ObjectType):
    """An object type. `class Meta: permission = …` is the permission of fields that name none."""

    class Meta:
        abstract = True

    @classmethod
    def __init_subclass_with_meta__(cls, permission: str | None = None, _meta: TypeOptions | None = None, **options: Any) -> None:
        _meta = _meta or TypeOptions(cls)
        _meta.permission = permission
        super().__init_subclass_with_meta__(_meta=_meta, **options)


class Field(graphene.Field):
    """A field. Arguments of the API are given as keywords: `days=Int(default_value=30)`.

    Args:
        permission: who may see it: the name of a contributed permission, `SIGNED_IN` or `INHERITED`. May be left out where the type has one;
            a field that ends up without one refuses the start.
        required: whether the value is there always; True unless said otherwise.
        cost: what it adds to the cost of a query, on top of 1 for every object. A question to the event store costs 10 or more.
        max_page: cap of the argument `first`, set by `connection`.
    """

    def __init__(
        self,
        type_: object,
        *,
        description: str,
        permission: str | None = None,
        required: bool = True,
        cost: int = 0,
        max_page: int | None = None,
        **arguments: Any,
    ) -> None:
        super().__init__(type_, description=description, required=required, **arguments)
        self.permission = permission
        self.cost = cost
        self.max_page = max_page


def model_field(model: "type[Model]", column: str, *, permission: str | None = None) -> Field:
    """Make a field of a Django model's column: its type, whether it may be null, and its `help_text` as the description."""
    from graphene_django.converter import convert_django_field_with_choices  # here: it wants Django's settings at import

    found = next(field for field in model._meta.concrete_fields if field.name == column)
    converted = convert_django_field_with_choices(found, convert_choices_to_enum=False)
    return Field(converted.get_type(), description=str(found.help_text), permission=permission, required=not found.null)


def list_of(type_: object) -> object:
    """Return the type of a list without gaps. Of bounded lists only: what grows is a `connection`."""
    return graphene.List(graphene.NonNull(type_))


class Date(graphene.Scalar):
    """A calendar day."""

    @staticmethod
    def serialize(value: date | str) -> str:
        return (date.fromisoformat(value) if isinstance(value, str) else value).isoformat()


class JsonValue(graphene.Scalar):
    """Any JSON value."""

    class Meta:
        name = "JSON"

    @staticmethod
    def serialize(value: object) -> object:
        return value


class Node(graphene.Interface):
    """An object with a global, opaque id.

    A type with this interface has rows with an `id`, its key, and a static method `get_node(key, info)` that returns the row of a key within
    `info.context.project`, or None; a key that makes no sense may raise `ValueError`.
    """

    class Meta:
        description = "An object with a global, opaque id."

    id = graphene.ID(required=True, description="The ID of the object")


# -- pages of what grows ---------------------------------------------------------------------------------------------


class PageInfo(Type):
    """Where a page of a connection ends."""

    class Meta:
        permission = INHERITED

    end_cursor = Field(String, description="Give it as `after` to get what follows; null on an empty page.", required=False)
    has_next_page = Field(Boolean, description="Whether anything follows.")


@dataclass(frozen=True, slots=True)
class ConnectionPage(Generic[T]):
    """What the resolver of a `connection` returns."""

    nodes: Sequence[T]
    end_cursor: str | None
    has_next_page: bool

    @property
    def page_info(self) -> "ConnectionPage[T]":
        return self


def connection(node: type[Type], *, description: str, permission: str | None = None, max_page: int = 100, **arguments: Any) -> Field:
    """Make a field that gives page after page: `first` is required and capped, `after` is the cursor of the page before.

    The resolver is given `first` and `after` and returns `page_of(…)`.
    """
    first = graphene.Int(required=True, description=f"How many at most (1 to {max_page}).")
    after = graphene.String(description="Cursor: where the page before ended.")
    kind = _connection_type(node)  # type: ignore[arg-type]  # mypy takes the hash of instances for that of the class
    return Field(kind, description=description, permission=permission, max_page=max_page, first=first, after=after, **arguments)


@cache  # two connections of the same nodes have the same type
def _connection_type(node: type[Type]) -> type[Type]:
    members = {
        "Meta": type("Meta", (), {"permission": INHERITED, "description": f"A page of {node.__name__} objects."}),
        "__module__": node.__module__,
        "nodes": Field(list_of(node), description="What is on the page."),
        "page_info": Field(PageInfo, description="Where the page ends."),
    }
    return type(f"{node.__name__}Connection", (Type,), members)


def page_of(rows: Sequence[T], first: int, key: Callable[[T], str]) -> ConnectionPage[T]:
    """Cut a page from rows; fetch `first + 1` of them, so that it is known whether more follow.

    Args:
        key: of a row, unique and in the order of the rows; `after_key` gives it back.
    """
    nodes = rows[:first]
    end_cursor = base64.urlsafe_b64encode(key(nodes[-1]).encode()).decode() if nodes else None
    return ConnectionPage(nodes, end_cursor, len(rows) > first)


def after_key(cursor: str | None) -> str | None:
    """Return the key of the row that a cursor stands for.

    Raises:
        Refused: it is none of our cursors.
    """
    if cursor is None:
        return None
    try:
        return base64.urlsafe_b64decode(cursor.encode()).decode()
    except ValueError as problem:
        raise Refused("This `after` is no cursor; give the `endCursor` of the page before.") from problem


# -- composition -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TypeExtension:
    """Fields for a type by its name, with their resolvers."""

    type_name: str
    fields: type[Type]


def extend(type_name: str, fields: type) -> TypeExtension:
    """Add the fields of a class to a type, our own or another plugin's: `extend("Project", ProjectFields)`.

    Resolvers are static methods, `resolve_<field>(root, info, **arguments)`; without one the value is the row's attribute or key of the
    field's name. Nothing happens while nobody has such a type.
    """
    return TypeExtension(type_name, type(fields.__name__, (fields, Type), {"__doc__": fields.__doc__, "__module__": fields.__module__}))


def api_name(python_name: str) -> str:
    """Return a field's name in the API."""
    return str(to_camel_case(python_name))
