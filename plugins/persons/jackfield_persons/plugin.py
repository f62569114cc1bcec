"""persons. Hook implementations only."""

from jackfield_sdk import PluginMeta, hookimpl


@hookimpl
def plugin_meta() -> PluginMeta:
    return PluginMeta(name="persons", summary="", api=">=0.1,<1")
