"""The table of operations and its document: whole, true to the routes, and what JSON tools can read."""

from __future__ import annotations

import pytest

from tests.web.test_api import error_of
from web.openapi import document, varying
from web.routes import OPERATIONS

DOCUMENT = document(OPERATIONS, "0.1.0")
NOT_FOR_PROGRAMS = {
    "/",
    "/code",
    "/library",
    "/sessions",
    "/sessions/{session_id}",
    "/monitor",
    "/trust",
    "/join",
}

pytestmark = pytest.mark.usefixtures("without_engines")


def described():
    for path, methods in DOCUMENT["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def references(part):
    if isinstance(part, dict):
        if "$ref" in part:
            yield part["$ref"]
        for value in part.values():
            yield from references(value)
    elif isinstance(part, list):
        for value in part:
            yield from references(value)


async def test_every_route_for_programs_is_described_and_nothing_else(app):
    routes = {
        (route.resource.canonical, route.method.lower())
        for route in app.router.routes()
        if route.method != "HEAD" and not route.resource.canonical.startswith("/static/")
    }
    assert {(path, method) for path, method in routes if path not in NOT_FOR_PROGRAMS} == {
        (path, method) for path, method, _ in described()
    }


async def test_the_document_is_served_as_it_is(http):
    async with http.get("/api/openapi.json") as response:
        assert await response.json() == DOCUMENT
    assert DOCUMENT["openapi"] == "3.1.0" and DOCUMENT["info"]["version"] == "0.1.0"


def test_every_reference_leads_somewhere_and_every_schema_is_referred_to():
    named = {f"#/components/schemas/{name}" for name in DOCUMENT["components"]["schemas"]}
    assert set(references(DOCUMENT)) == named


def test_operations_have_names_of_their_own():
    names = [operation["operationId"] for _, _, operation in described()]
    assert len(set(names)) == len(names)


def test_every_varying_part_of_a_path_is_a_parameter():
    for path, _, operation in described():
        parameters = {p["name"] for p in operation.get("parameters", []) if p["in"] == "path"}
        assert parameters == varying(path)


def test_every_refusal_has_the_one_shape():
    for path, _, operation in described():
        for status, response in operation["responses"].items():
            if int(status) >= 400 and "content" in response and path != "/readyz":
                assert response["content"]["application/json"]["schema"] == {
                    "$ref": "#/components/schemas/ErrorAnswer"
                }
        assert {"400", "401", "403", "429"} <= set(operation["responses"])
        assert ("413" in operation["responses"]) == ("requestBody" in operation)


async def test_an_unknown_path_is_a_404_in_the_one_shape(http):
    for path in ("/api", "/api/", "/api/nothing", "/api/sessions/x/nothing", "/api/chat/x"):
        async with http.get(path) as response:
            assert await error_of(response) == (404, "not_found"), path


async def test_other_methods_are_refused_with_those_that_are_right(http):
    for path, described_methods in DOCUMENT["paths"].items():
        allowed = {method.upper() for method in described_methods}
        allowed |= {"HEAD"} if "GET" in allowed else set()
        url = path.replace("{session_id}", "x").replace("{name}", "x").replace("{resource}", "x")
        for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"} - allowed:
            async with http.request(method, url) as response:
                assert set(response.headers["Allow"].split(",")) == allowed, path
                assert await error_of(response) == (405, "method_not_allowed")


async def test_head_says_what_get_would_send(http):
    for path in ("/healthz", "/api/videos", "/api/engines", "/api/openapi.json", "/metrics"):
        async with http.head(path) as response:
            assert response.status == 200 and int(response.headers["Content-Length"]) > 0, path
            assert await response.read() == b""
