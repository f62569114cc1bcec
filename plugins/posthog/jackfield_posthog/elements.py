"""The clicked element and its parents: from the array or text in an event's properties to the text that is stored."""

import re
from collections.abc import Mapping
from typing import Final, cast

import msgspec

from jackfield_sdk import Json, JsonObject

MAX_TEXT: Final = 400
MAX_HREF: Final = 2048
_CHAIN_MEMBER: Final = re.compile(rb'"\$elements_chain":"(?:[^"\\]++|\\.)*+"(,?)', re.DOTALL)
_CHAIN_KEY: Final = b'"$elements_chain":'


def take_chain(text: bytes, *, chain: object, has_array: bool) -> tuple[str, bytes]:
    """Move the elements from properties to a chain.

    Args:
        text: properties that hold `$elements`, `$elements_chain` or both.
        chain: value of `$elements_chain`, if there is one.
        has_array: whether there is `$elements`.

    Returns:
        The chain, and the properties without either.
    """
    if isinstance(chain, str) and not has_array:
        rest = _without_chain(text)
        if rest is not None:
            return chain, rest
    properties = cast("JsonObject", msgspec.json.decode(text))
    array = properties.pop("$elements", None)
    given = properties.pop("$elements_chain", None)
    return given if isinstance(given, str) and given else elements_chain(array), msgspec.json.encode(properties)


def elements_chain(elements: Json) -> str:
    """Write elements as `tag.class:key="value"…;tag…`, innermost first."""
    if not isinstance(elements, list):
        return ""
    return ";".join([_element(element) for element in elements if isinstance(element, dict)])


def _without_chain(text: bytes) -> bytes | None:
    """Cut `$elements_chain` out of the text. None where it might hit a nested one: this key, with its quotes, cannot stand within a string."""
    if b"\\u" in text or text.count(_CHAIN_KEY) != 1:
        return None
    match = _CHAIN_MEMBER.search(text)
    if match is None:
        return None
    before, after = text[: match.start()], text[match.end() :]
    if not match[1]:  # it was the last member: the comma stands before it
        before = before.rstrip()
        if before.endswith(b","):
            before = before[:-1]
    return before + after


def _element(element: Mapping[str, Json]) -> str:
    classes = element.get("attr__class")
    names = classes.split() if isinstance(classes, str) else [str(name) for name in classes] if isinstance(classes, list) else []
    head = _text(element.get("tag_name")) + "".join(["." + name.replace('"', "") for name in sorted(names)])
    attributes: dict[str, Json] = {"nth-child": element.get("nth_child") or 0, "nth-of-type": element.get("nth_of_type") or 0}
    optional = {
        "text": _text(element.get("$el_text"))[:MAX_TEXT],
        "href": _text(element.get("attr__href"))[:MAX_HREF],
        "attr_id": _text(element.get("attr__id")),
    }
    attributes.update((name, value) for name, value in optional.items() if value)
    attributes.update((name, value) for name, value in element.items() if name.startswith("attr__") and value is not None)
    return head + ":" + "".join([f'{name}="{_quotable(attributes[name])}"' for name in sorted(attributes)])


def _quotable(value: Json) -> str:
    return _text(value).replace('"', '\\"')


def _text(value: Json) -> str:
    if isinstance(value, str):
        return value
    return "" if value is None else msgspec.json.encode(value).decode()
