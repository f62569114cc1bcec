"""The contract between Jackfield and its plugins. Light at import: no Django, no numpy; batches are in `jackfield_sdk.batch`."""

from jackfield_sdk import ast
from jackfield_sdk.capture import CaptureEndpoint, CaptureRequest, Envelope, HotRoute, Outcome, Record, Refusal, Reply
from jackfield_sdk.context import Context, SettingValue
from jackfield_sdk.errors import JackfieldError, Misconfigured, Refused, Retryable
from jackfield_sdk.extension import Extension, HookPoint
from jackfield_sdk.hookspecs import hookimpl
from jackfield_sdk.jsontypes import Json, JsonObject
from jackfield_sdk.meta import DjangoApp, GraphQLPart, Permission, PluginMeta
from jackfield_sdk.points import SDK_CONFIG, SdkConfig
from jackfield_sdk.query import Column, Derived, Properties, Queries, QueryContext, QueryKind, Rows, TableField, VirtualField, VirtualTable
from jackfield_sdk.services import (
    Blobs,
    Bus,
    Database,
    FlagEvaluator,
    Jobs,
    Locks,
    PersonStore,
    ProjectInfo,
    Projects,
    ReplaySink,
    Service,
)
from jackfield_sdk.settings import REQUIRED, Setting
from jackfield_sdk.store import ClickHouseStep, ClickHouseTable, Delivery, PromotedProperty, Sink, Subscriber, TableWriter
from jackfield_sdk.transform import Stage, Transformer
from jackfield_sdk.ui import Frontend, Page
from jackfield_sdk.work import Cancelled, Job, JobRun, Schedule

API_VERSION = "0.1.0"
"""Version of this contract; plugins name the range that they work with in `PluginMeta.api`."""

__all__ = [
    "API_VERSION",
    "REQUIRED",
    "SDK_CONFIG",
    "Blobs",
    "Bus",
    "Cancelled",
    "CaptureEndpoint",
    "CaptureRequest",
    "ClickHouseStep",
    "ClickHouseTable",
    "Column",
    "Context",
    "Database",
    "Delivery",
    "Derived",
    "DjangoApp",
    "Envelope",
    "Extension",
    "FlagEvaluator",
    "Frontend",
    "GraphQLPart",
    "HookPoint",
    "HotRoute",
    "JackfieldError",
    "Job",
    "JobRun",
    "Jobs",
    "Json",
    "JsonObject",
    "Locks",
    "Misconfigured",
    "Outcome",
    "Page",
    "Permission",
    "PersonStore",
    "PluginMeta",
    "ProjectInfo",
    "Projects",
    "PromotedProperty",
    "Properties",
    "Queries",
    "QueryContext",
    "QueryKind",
    "Record",
    "Refusal",
    "Refused",
    "ReplaySink",
    "Reply",
    "Retryable",
    "Rows",
    "Schedule",
    "SdkConfig",
    "Service",
    "Setting",
    "SettingValue",
    "Sink",
    "Stage",
    "Subscriber",
    "TableField",
    "TableWriter",
    "Transformer",
    "VirtualField",
    "VirtualTable",
    "ast",
    "hookimpl",
]
