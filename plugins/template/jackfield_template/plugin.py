"""Adds the host of an event's link. Hook implementations only; the work is in `links.py`."""

from collections.abc import Sequence

from jackfield_sdk import PluginMeta, Stage, Transformer, hookimpl


@hookimpl
def plugin_meta() -> PluginMeta:
    return PluginMeta(name="template", summary="Adds the host of an event's link", api=">=0.1,<1")


@hookimpl
def register_transformers() -> Sequence[Transformer]:
    from jackfield_template.links import add_link_host  # inside: only the engine needs it

    return [Transformer(name="template.link_host", stage=Stage.ENRICH, build=add_link_host)]
