"""Counts events over time. Hook implementations only."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from jackfield_sdk import Frontend, GraphQLPart, Page, Permission, PluginMeta, Queries, QueryKind, hookimpl

if TYPE_CHECKING:
    from jackfield_analytics.trend import TrendParameters


@hookimpl
def plugin_meta() -> PluginMeta:
    return PluginMeta(name="analytics", summary="Counts events over time.", api=">=0.1,<1", requires=[Queries])


@hookimpl
def register_permissions() -> Sequence[Permission]:
    return [Permission(name="analytics.trend.view", summary="See counts of events.")]


@hookimpl
def register_query_kinds() -> "Sequence[QueryKind[TrendParameters]]":
    from jackfield_analytics.trend import TREND

    return [TREND]


@hookimpl
def register_graphql() -> Sequence[GraphQLPart]:
    def build() -> Sequence[object]:
        from jackfield_analytics.graphql import PARTS

        return PARTS

    return [GraphQLPart(name="analytics", build=build)]


@hookimpl
def register_frontend() -> Sequence[Frontend]:
    return [Frontend(package="jackfield_analytics", pages=[Page(path="/insights", title="Insights", order=100)])]
