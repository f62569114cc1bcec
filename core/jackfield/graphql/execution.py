"""Runs one operation: parse, validate, measure, execute, and errors that say no more than they may."""

import asyncio
import logging
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from graphql import ExecutionResult, GraphQLError, OperationDefinitionNode, execute, get_operation_ast, parse, specified_rules, validate

from jackfield.graphql.compose import Composed
from jackfield.graphql.limits import MAX_ERRORS, MAX_TOKENS, Measure, Measuring
from jackfield.graphql.request import ApiRequest
from jackfield_sdk import JackfieldError, Refused, Retryable

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Operation:
    """What a client asks for."""

    query: str
    variables: Mapping[str, Any]
    name: str | None


@dataclass(frozen=True, slots=True)
class Answer:
    """Body and HTTP status."""

    status: int
    body: Mapping[str, Any]


def answer(composed: Composed, operation: Operation, request: ApiRequest) -> Answer:
    """Answer an operation."""
    try:
        document = parse(operation.query, max_tokens=MAX_TOKENS, no_location=False)
        errors = validate(composed.schema, document, specified_rules, max_errors=MAX_ERRORS)
        if errors:
            return _refusal(errors)
        wanted = get_operation_ast(document, operation.name)
        if not isinstance(wanted, OperationDefinitionNode):
            return _refusal([GraphQLError("Say which operation to run: `operationName` names none of the document's.")])
        measure = Measuring(composed.schema, composed.rules, document, operation.variables).measure(wanted)
    except GraphQLError as problem:
        return _refusal([problem])
    except Refused as problem:
        return _refusal([GraphQLError(str(problem), original_error=problem)])
    except RecursionError:
        return _refusal([GraphQLError("The query is nested too deeply.")])
    result = execute(composed.schema, document, context_value=request, variable_values=dict(operation.variables), operation_name=operation.name)
    if not isinstance(result, ExecutionResult):
        with asyncio.Runner() as runner:
            result = runner.run(_finish(result))
    return Answer(200, _body(result, measure))


async def _finish(result: Awaitable[ExecutionResult]) -> ExecutionResult:
    return await result


def _refusal(errors: list[GraphQLError]) -> Answer:
    return Answer(400, {"errors": [format_error(error) for error in errors]})


def _body(result: ExecutionResult, measure: Measure) -> dict[str, Any]:
    body: dict[str, Any] = {"data": result.data, "extensions": {"cost": measure.cost}}
    if result.errors:
        body["errors"] = [format_error(error) for error in result.errors]
    return body


def format_error(error: GraphQLError) -> dict[str, Any]:
    """Write an error as the client may see it; what was not raised on purpose becomes an id that is found in the log."""
    cause = error.original_error
    while isinstance(cause, GraphQLError):
        cause = cause.original_error
    formatted: dict[str, Any] = dict(error.formatted)
    match cause:
        case None:
            extensions: dict[str, Any] = {"code": "INVALID"}
        case Refused():
            formatted["message"] = str(cause)
            extensions = {"code": "FORBIDDEN" if cause.status == 403 else "REFUSED"}
        case Retryable():
            formatted["message"] = str(cause)
            extensions = {"code": "UNAVAILABLE", "retryAfterSeconds": cause.retry_after_seconds}
        case _:
            reference = uuid4().hex
            kind = "misconfigured" if isinstance(cause, JackfieldError) else "failed"
            logger.error("GraphQL field %s %s (%s)", ".".join(map(str, error.path or ())), kind, reference, exc_info=cause)
            formatted["message"] = "Internal error"
            extensions = {"code": "INTERNAL", "id": reference}
    return formatted | {"extensions": extensions}
