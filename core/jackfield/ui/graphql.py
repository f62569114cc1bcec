"""What the shell asks the API for: the plugins' pages."""

from collections.abc import Sequence

from jackfield.ui.pages import PluginPage, PluginPages
from jackfield_sdk.graphql import INHERITED, SIGNED_IN, Field, Info, Int, String, Type, extend, list_of


def build() -> Sequence[object]:
    """Return the shell's part."""
    return [extend("Query", PageFields)]


class Page(Type):
    """A page that a plugin adds to the shell."""

    class Meta:
        permission = INHERITED

    plugin = Field(String, description="Name of the plugin that adds it.")
    path = Field(String, description="Path under the project, for example `/insights`.")
    title = Field(String, description="Entry in the navigation.")
    order = Field(Int, description="Smaller comes first in the navigation.")
    entry = Field(String, description="ES module to import; it exports what the kit's `definePage` returns.")
    style = Field(String, description="Stylesheet to link before the page is mounted.", required=False)


class PageFields:
    """The shell's fields of `Query`."""

    pages = Field(list_of(Page), description="Pages that plugins add to the shell, in the order of the navigation.", permission=SIGNED_IN)

    @staticmethod
    def resolve_pages(_root: None, info: Info) -> Sequence[PluginPage]:
        return info.context.require(PluginPages).pages
