"""Declarations of settings; forms, environment variables and documentation follow from them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, TypeAlias

from jackfield_sdk.context import SettingValue


class _Required:
    def __repr__(self) -> str:
        return "REQUIRED"


REQUIRED: Final = _Required()
SettingType: TypeAlias = type[bool] | type[int] | type[float] | type[str] | type[Path]


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A setting of a plugin.

    Instance values come from the environment variable `JACKFIELD_<PLUGIN>_<NAME>`, project values from a form.

    Args:
        name: lower case with underscores.
        type: of the value; texts from the environment are converted to it.
        default: `REQUIRED` refuses to start without a value.
        secret: encrypted at rest, write-only in the API, never logged.
    """

    name: str
    help: str
    type: SettingType = str
    default: "SettingValue | _Required" = None
    scope: Literal["instance", "project"] = "instance"
    secret: bool = False
