"""Values that plugins' settings have in a project. Free of Django: every process asks for them. Values for the instance come from the environment."""

import json
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, cast

from jackfield.host.registry import Registry
from jackfield.storage.secrets import decrypt, encrypt
from jackfield_sdk import Database, Refused, Setting, SettingValue
from jackfield_sdk.identity import uuid7

KEEP_SECONDS: Final = 1.0


class StoredSettings:
    """Reads and writes values by plugin and project; what it read is kept for a second. `values` fits `Host.project_settings`."""

    def __init__(self, registry: Registry, database: Database, secret_key: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._declared: dict[str, dict[str, Setting]] = {}
        for item in registry.of(Setting):
            if item.value.scope == "project":
                self._declared.setdefault(item.plugin, {})[item.value.name] = item.value
        self._database = database
        self._secret_key = secret_key
        self._clock = clock
        self._kept: dict[tuple[str, int], tuple[float, Mapping[str, SettingValue]]] = {}
        self._lock = threading.Lock()

    def values(self, plugin: str, project_id: int) -> Mapping[str, SettingValue]:
        """Return all project settings of a plugin, those that nobody set with their defaults."""
        if plugin not in self._declared:
            return {}
        with self._lock:
            kept = self._kept.get((plugin, project_id))
            if kept is None or kept[0] <= self._clock():
                kept = self._kept[plugin, project_id] = (self._clock() + KEEP_SECONDS, self._read(plugin, project_id))
            return kept[1]

    def store(self, plugin: str, project_id: int, name: str, value: SettingValue) -> None:
        """Set a value; None goes back to the default.

        Raises:
            Refused: there is no such setting, or the value has the wrong type.
        """
        setting = self._declared.get(plugin, {}).get(name)
        if setting is None:
            raise Refused(f"Plugin {plugin!r} has no setting {name!r} of scope project.", status=404)
        if value is None:
            self._database.execute("DELETE FROM core_setting_value WHERE plugin = ? AND project_id = ? AND name = ?", (plugin, project_id, name))
        else:
            if not isinstance(value, setting.type) or (isinstance(value, bool) and setting.type is not bool):
                raise Refused(f"Setting {name!r} of plugin {plugin!r} takes a {setting.type.__name__}, not {value!r}.")
            text = json.dumps(str(value) if isinstance(value, Path) else value)
            row = (uuid7(), plugin, project_id, name, encrypt(self._secret_key, text) if setting.secret else text, setting.secret)
            self._database.upsert_many(
                "core_setting_value",
                ("id", "plugin", "project_id", "name", "value", "encrypted"),
                [row],
                key=("plugin", "project_id", "name"),
                update=("value", "encrypted"),
            )
        with self._lock:
            self._kept.pop((plugin, project_id), None)

    def _read(self, plugin: str, project_id: int) -> Mapping[str, SettingValue]:
        declared = self._declared[plugin]
        values = {name: cast("SettingValue", setting.default) for name, setting in declared.items()}
        rows = self._database.fetch(
            "SELECT name, value, encrypted FROM core_setting_value WHERE plugin = ? AND project_id = ?", (plugin, project_id), types=(str, str, bool)
        )
        for name, text, encrypted in cast("list[tuple[str, str, bool]]", rows):
            if name in declared:  # a setting that the plugin no longer has is left alone
                value = json.loads(decrypt(self._secret_key, text) if encrypted else text)
                values[name] = declared[name].type(value)
        return values
