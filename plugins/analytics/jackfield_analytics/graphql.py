"""What `analytics` adds to the API."""

from collections.abc import Mapping

from jackfield_sdk import Json, ProjectInfo, Queries
from jackfield_sdk.graphql import INHERITED, Date, Field, Float, Info, Int, String, Type, extend, list_of


class TrendSeries(Type):
    """One line of a trend."""

    class Meta:
        permission = INHERITED

    label = Field(String, description="What is counted.")
    values = Field(list_of(Float), description="A number for each bucket.")
    total = Field(Float, description="Sum over all buckets.")


class Trend(Type):
    """Counts per interval, one series for each thing counted."""

    class Meta:
        permission = INHERITED

    buckets = Field(list_of(Date), description="First day of each bucket, in the project's time zone.")
    series = Field(list_of(TrendSeries), description="The series, in the order asked for.")
    rows_read = Field(Float, description="Rows that the store read to answer.")
    elapsed_milliseconds = Field(Float, description="Wall time of the query.")


class ProjectFields:
    """What `analytics` adds to `Project`."""

    trend = Field(
        Trend,
        description="Events per interval.",
        permission="analytics.trend.view",
        cost=20,
        event=String(description="Count only events of this name; all events otherwise."),
        days=Int(required=True, default_value=30, description="How many days back, today included (1 to 366)."),
    )

    @staticmethod
    def resolve_trend(project: ProjectInfo, info: Info, days: int, event: str | None = None) -> Mapping[str, Json]:
        return info.context.require(Queries).ask("analytics.trend", project.id, {"event": event, "days": days})


PARTS = (extend("Project", ProjectFields),)
