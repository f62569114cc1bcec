"""analytics. Hook implementations only."""

from jackfield_sdk import PluginMeta, hookimpl


@hookimpl
def plugin_meta() -> PluginMeta:
    return PluginMeta(name="analytics", summary="", api=">=0.1,<1")
