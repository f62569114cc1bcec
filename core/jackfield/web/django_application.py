"""Puts the Django half together: schema, pages and files, behind one WSGI callable."""

from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

from jackfield.host.configuration import Configuration
from jackfield.host.host import Host
from jackfield.projects.django_settings import configure_django
from jackfield_sdk import DjangoApp, Permission

WsgiApplication: TypeAlias = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def django_application(host: Host, configuration: Configuration) -> WsgiApplication:
    """Make Django ready and return the WSGI application.

    Raises:
        PluginProblem: the plugins' parts of the API do not fit together.
    """
    configure_django(configuration, host.registry.of(DjangoApp))
    environment = django_environment(host)

    from django.core.handlers.wsgi import WSGIHandler  # now that there are settings

    handler = WSGIHandler()

    def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        environ.update(environment)
        return handler(environ, start_response)

    return application


def django_environment(host: Host) -> dict[str, Any]:
    """Return what views find in the environment of every request; Django must be configured."""
    from jackfield.graphql.compose import compose
    from jackfield.graphql.view import API, Api
    from jackfield.projects.access import Access
    from jackfield.ui.pages import PluginPages, plugin_pages
    from jackfield.ui.shell import UI, ui_files

    registry = host.registry
    access = Access(item.value for item in registry.of(Permission))
    host.provide(PluginPages, plugin_pages(registry))
    return {API: Api(compose(registry, access), access, host.require), UI: ui_files(registry)}
