"""The document of the HTTP interface, OpenAPI 3.1, made of the table of operations and of the models it names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from web.answers import ErrorAnswer
from web.operations import Content, Operation

Schema = dict[str, Any]
Schemas = Mapping[Any, Schema]  # by model and mode

DESCRIPTION = """Errors are JSON of one shape, `{"error": {"code", "message"}}`: the code is stable, the message for
people. From another machine the access code's cookie is needed. A method that a path does not have is answered with
405 and `Allow`, `HEAD` as `GET`. Unknown parameters and fields are passed over."""

_TEMPLATE = "#/components/schemas/{model}"


def document(operations: Sequence[Operation], version: str) -> Schema:
    """The document, ready to be written as JSON."""
    wanted = {(ErrorAnswer, "serialization"): None} | dict.fromkeys(
        pair for operation in operations for pair in _models(operation)
    )
    schemas, shared = models_json_schema(list(wanted), ref_template=_TEMPLATE)  # type: ignore[arg-type]
    paths: dict[str, Schema] = {}
    for operation in operations:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation, schemas)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Mien", "version": version, "description": " ".join(DESCRIPTION.split())},
        "paths": paths,
        "components": {
            "schemas": shared.get("$defs", {}),
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _models(operation: Operation) -> Iterator[tuple[type[BaseModel], JsonSchemaMode]]:
    for model in operation.body.values():
        if model is not None:
            yield model, "validation"
    for content in operation.answers.values():
        for model in content.values():
            if model is not None:
                yield model, "serialization"


def _operation(operation: Operation, schemas: Schemas) -> Schema:
    error = {"application/json": {"schema": schemas[ErrorAnswer, "serialization"]}}
    responses: dict[str, Schema] = {
        str(status): _response(HTTPStatus(status).phrase, _content(content, schemas, "serialization"))
        for status, content in operation.answers.items()
    }
    for status, codes in operation.refusals().items():
        responses[str(status)] = _response(", ".join(f"`{code}`" for code in codes), error)
    made: Schema = {
        "operationId": operation.name,
        "summary": operation.summary,
        "tags": [operation.tag],
        "responses": responses,
    }
    parameters = [*_parameters(operation.parts, "path"), *_parameters(operation.query, "query")]
    if parameters:
        made["parameters"] = parameters
    if operation.body:
        made["requestBody"] = {
            "required": True,
            "content": _content(operation.body, schemas, "validation"),
        }
    if operation.token:
        made["security"] = [{"token": []}, {}]
    return made


def _response(description: str, content: Schema) -> Schema:
    return {"description": description} | ({"content": content} if content else {})


def _content(content: Content, schemas: Schemas, mode: JsonSchemaMode) -> Schema:
    return {
        kind: {"schema": schemas[model, mode]} if model is not None else {} for kind, model in content.items()
    }


def _parameters(model: type[BaseModel] | None, where: str) -> Iterator[Schema]:
    """Each field is a parameter. They are texts and numbers: what may be None may be left out."""
    if model is None:
        return
    whole = model.model_json_schema()
    for name, field in whole["properties"].items():
        kinds = [kind for kind in field.pop("anyOf", [{}]) if kind.get("type") != "null"]
        schema = field | kinds[0]
        if schema.get("default", ...) is None:
            del schema["default"]
        description = schema.pop("description", None)
        examples = schema.pop("examples", [])
        schema.pop("title", None)
        yield {
            "name": name,
            "in": where,
            "required": where == "path" or name in whole.get("required", []),
            "schema": schema,
        } | {
            key: value
            for key, value in (
                ("description", description),
                ("examples", {str(example): {"value": example} for example in examples}),
            )
            if value
        }


def varying(path: str) -> set[str]:
    """The names of the varying parts of a path."""
    return set(re.findall(r"\{(\w+)\}", path))
