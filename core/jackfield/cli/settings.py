"""`jackfield settings`: every setting with its default, meaning and source."""

import json
import os

from jackfield.cli.assembly import build_host
from jackfield.host.configuration import read_configuration
from jackfield.host.validation import environment_name
from jackfield_sdk import REQUIRED, Setting


def list_settings(*, as_json: bool) -> int:
    """Print all instance and project settings of core and plugins; secrets only say whether they are set."""
    registry = build_host(read_configuration()).registry
    rows = []
    for item in registry.of(Setting):
        setting = item.value
        variable = environment_name(item.plugin, setting.name)
        given = setting.scope == "instance" and variable in os.environ
        default = "required" if setting.default is REQUIRED else "" if setting.default is None else str(setting.default)
        rows.append(
            {
                "setting": variable if setting.scope == "instance" else f"{item.plugin}.{setting.name}",
                "plugin": item.plugin,
                "scope": setting.scope,
                "default": default,
                "value": ("set" if setting.secret else os.environ[variable]) if given else default,
                "source": "environment" if given else "project form" if setting.scope == "project" else "default",
                "help": setting.help,
            }
        )
    if as_json:
        print(json.dumps(rows, indent=1))
        return 0
    for row in rows:
        print(
            f"{row['setting']}  [{row['source']}: {row['value'] or 'unset'}]\n    {row['help']}"
            + (f" Default: {row['default']}." if row["default"] else "")
        )
    return 0
