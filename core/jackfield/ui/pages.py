"""Pages that plugins add to the shell, and the addresses from which browsers load them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from jackfield.host.registry import Registry
from jackfield_sdk import Frontend

PLUGIN_FILES: Final = "/ui/plugins"


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginPage:
    """A page as the shell needs it; paths of `entry` and `style` change with the plugin's version, so that they can be kept for ever."""

    plugin: str
    path: str
    title: str
    order: int
    entry: str
    style: str | None


class PluginPages:
    """All pages of a process, in the order of the navigation."""

    def __init__(self, pages: Sequence[PluginPage]) -> None:
        self.pages = tuple(sorted(pages, key=lambda page: (page.order, page.title, page.path)))


def plugin_pages(registry: Registry) -> PluginPages:
    """Collect the pages of all plugins."""
    version = {plugin.name: plugin.version for plugin in registry.plugins}
    pages: list[PluginPage] = []
    for item in registry.of(Frontend):
        base = f"{PLUGIN_FILES}/{item.plugin}/{version[item.plugin]}/"
        frontend = item.value
        style = base + frontend.style if frontend.style else None
        pages.extend(
            PluginPage(plugin=item.plugin, path=page.path, title=page.title, order=page.order, entry=base + frontend.entry, style=style)
            for page in frontend.pages
        )
    return PluginPages(pages)
