"""`jackfield plugins`: what is installed, what each plugin adds, and whether they fit together."""

import dataclasses
import json
import sys
from collections.abc import Mapping, Sequence

from jackfield.cli.assembly import build_host, warn_of_unknown
from jackfield.host.configuration import Configuration, read_configuration
from jackfield.host.discovery import discover
from jackfield.host.registry import CORE, HOOKS
from jackfield.host.validation import environment_name
from jackfield.storage.database import open_database
from jackfield.storage.ledger import ledger, purge
from jackfield.storage.paths import store_directory
from jackfield_sdk import CaptureEndpoint, ClickHouseStep, Frontend, HotRoute, JackfieldError, Refused, Service, Setting

_HOOK_OF = {kind: hook for hook, kinds in HOOKS.items() for kind in kinds}


def list_plugins(*, as_json: bool) -> int:
    """Print installed plugins, also those that are broken or disabled."""
    configuration = _in_rescue()
    host = build_host(configuration)
    warn_of_unknown(configuration, host)
    registry = host.registry
    rows = [
        {
            "name": plugin.name,
            "version": plugin.version,
            "state": "enabled" if plugin.enabled else "disabled",
            "summary": registry.metas[plugin.name].summary,
        }
        for plugin in registry.plugins
        if plugin.name != CORE
    ]
    rows += [{"name": broken.name, "version": "", "state": "broken", "summary": broken.reason} for broken in registry.broken]
    if as_json:
        print(json.dumps(rows, indent=1))
    elif not rows:
        print("No plugin is installed. `pip install jackfield-standard` brings the usual ones.")
    else:
        for row in rows:
            print(f"{row['name']:<14} {row['version']:<9} {row['state']:<9} {row['summary']}")
    return 0


def plugin_info(name: str, *, as_json: bool) -> int:
    """Print everything that one plugin adds.

    Raises:
        Refused: no such plugin.
    """
    registry = build_host(_in_rescue()).registry
    plugin = next((plugin for plugin in registry.plugins if plugin.name == name), None)
    broken = next((broken for broken in registry.broken if broken.name == name), None)
    if plugin is None and broken is None:
        raise Refused(f"No plugin {name!r} is installed; there are: {', '.join(plugin.name for plugin in registry.plugins)}.")
    if plugin is None or broken is not None:
        print(json.dumps({"name": name, "broken": broken.reason if broken else ""}) if as_json else f"{name} is broken: {broken and broken.reason}")
        return 1
    meta = registry.metas[name]
    adds: dict[str, list[dict[str, object]]] = {}
    for kind, value in registry.by(name):
        adds.setdefault(_HOOK_OF[kind], []).extend(_described(name, value))
    document = {
        "name": name,
        "version": plugin.version,
        "distribution": plugin.distribution,
        "enabled": plugin.enabled,
        "summary": meta.summary,
        "api": meta.api,
        "requires": [service.__name__ for service in meta.requires],
        "uses": [service.__name__ for service in meta.uses],
        "adds": adds,
    }
    if as_json:
        print(json.dumps(document, indent=1))
        return 0
    print(f"{name} {plugin.version} ({plugin.distribution}{'' if plugin.enabled else ', disabled'})\n{meta.summary}")
    print(f"requires: {', '.join(document['requires']) or '-'}   uses if there: {', '.join(document['uses']) or '-'}")  # type: ignore[arg-type]
    for hook, items in adds.items():
        print(f"\n{hook.removeprefix('register_').replace('_', ' ')}")
        for item in items:
            print("  " + "  ".join(str(value) for value in item.values() if value not in (None, "", [])))
    return 0


def check_plugins() -> int:
    """Validate everything as a start would; prints the problem, if there is one, and returns 1."""
    from jackfield.cli.migrate import check_api

    configuration = dataclasses.replace(read_configuration(), rescue=False)
    try:
        host = build_host(configuration)
        warn_of_unknown(configuration, host)
        check_api(host, configuration)
    except JackfieldError as problem:
        print(problem, file=sys.stderr)
        return 1
    print(f"{len(host.registry.plugins) - 1} plugin(s) fit together.")
    return 0


def purge_plugin(name: str, *, yes: bool) -> int:
    """Drop everything that a plugin kept. The server must be stopped, for the engine has the event store to itself.

    Raises:
        Refused: the plugin is installed and enabled, or never was there.
        Misconfigured: the server runs.
    """
    configuration = read_configuration()
    if any(plugin.name == name and plugin.enabled for plugin in discover(disabled=configuration.plugins_disabled).plugins):
        raise Refused(f"Plugin {name!r} is in use; uninstall it, or disable it with JACKFIELD_PLUGINS_DISABLED={name}, then purge.")
    database = open_database(configuration)
    entry = next((entry for entry in ledger(database) if entry.plugin == name), None)
    if entry is None:
        raise Refused(f"The ledger knows no plugin {name!r}.")
    tables = [*entry.metadata_tables, *entry.store_tables]
    if not yes:
        print(f"This drops {', '.join(tables) or 'no tables'} and the settings of {name}, for good. Say it with --yes.")
        return 1
    from jackfield.storage.chdb_door import ChdbStore

    store = ChdbStore(store_directory(configuration), memory_bytes=configuration.store_memory_bytes)
    try:
        purge(database, store, entry)
    finally:
        store.close()
    print(f"{name} is purged.")
    return 0


def _in_rescue() -> Configuration:
    """Return a configuration under which broken plugins can be shown."""
    return dataclasses.replace(read_configuration(), rescue=True)


def _described(plugin: str, value: object) -> Sequence[dict[str, object]]:
    """Name a contribution by its plain fields; functions and types say nothing to a reader."""
    match value:
        case Setting():
            return [{"variable": environment_name(plugin, value.name), "scope": value.scope, "help": value.help}]
        case CaptureEndpoint() | HotRoute():
            return [{"name": value.name, "methods": list(value.methods), "paths": list(value.paths)}]
        case ClickHouseStep():
            return [{"number": value.number, "name": value.name, "tables": [table.name for table in value.tables]}]
        case Service():
            return [{"service": value.protocol.__name__}]
        case Frontend():
            return [{"path": page.path, "title": page.title} for page in value.pages]
    return [_plain(value)]


def _plain(value: object) -> dict[str, object]:
    if not dataclasses.is_dataclass(value):
        return {"value": str(value)}
    fields: Mapping[str, object] = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    return {name: content for name, content in fields.items() if isinstance(content, str | int | float | bool) or content is None}
