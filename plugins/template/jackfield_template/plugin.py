"""template. Hook implementations only."""

from jackfield_sdk import PluginMeta, hookimpl


@hookimpl
def plugin_meta() -> PluginMeta:
    return PluginMeta(name="template", summary="", api=">=0.1,<1")
