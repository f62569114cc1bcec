"""example. Hook implementations only."""

from jackfield_sdk import PluginMeta, hookimpl


@hookimpl
def plugin_meta() -> PluginMeta:
    return PluginMeta(name="example", summary="", api=">=0.1,<1")
