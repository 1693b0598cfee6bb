"""The API is as its description says: examples work, and what machines make up gets a decent answer."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from flask.testing import FlaskClient
from flask_openapi3.openapi import OpenAPI
from hypothesis import HealthCheck, given, settings
from openapi_spec_validator import OpenAPIV31SpecValidator
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from gis_app.api.models import EXAMPLES
from layers.demo import SHOWCASE

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    unsupported_method,
]
PATHS = {
    "/api/v1/parcels": {"get"},
    "/api/v1/checks": {"post"},
    "/api/v1/certificates": {"post"},
    "/api/v1/plans": {"get"},
    "/api/v1/layers": {"get"},
    "/api/v1/layers/{id}": {"get"},
}


@pytest.fixture
def document(client: FlaskClient) -> dict[str, Any]:
    """The OpenAPI document as served."""
    answer = client.get("/api/v1/openapi.json")
    assert answer.content_type == "application/json"
    content: dict[str, Any] = answer.json
    return content


@pytest.fixture
def schema(app: OpenAPI) -> Any:
    """The same for schemathesis, with the application behind it."""
    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)


def test_the_description_is_valid_openapi(document: dict[str, Any]) -> None:
    OpenAPIV31SpecValidator(document).validate()


def test_the_description_lists_the_api(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")
    assert {path: set(item) for path, item in document["paths"].items()} == PATHS
    assert {"CheckReport", "Problem", "CheckRequest"} <= document["components"]["schemas"].keys()
    for item in document["paths"].values():
        for operation in item.values():
            assert operation["summary"].endswith(".")
            problems = {status for status in operation["responses"] if status >= "400"}
            assert {"422", "500", "503"} <= problems
            for status in problems:
                assert list(operation["responses"][status]["content"]) == ["application/problem+json"]


def test_examples_of_bodies_work(client: FlaskClient, document: dict[str, Any]) -> None:
    tried = 0
    for path in ("/api/v1/checks", "/api/v1/certificates"):
        content = document["paths"][path]["post"]["requestBody"]["content"]["application/json"]
        for example in content["examples"].values():
            answer = client.post(path, json=example["value"])
            assert answer.status_code == 200, answer.text
            tried += 1
    assert tried == len(EXAMPLES) + 2


def test_examples_of_parameters_work(client: FlaskClient, document: dict[str, Any]) -> None:
    for path in ("/api/v1/parcels", "/api/v1/plans"):
        parameters = document["paths"][path]["get"]["parameters"]
        examples = {one["name"]: one["example"] for one in parameters if "example" in one}
        assert examples["cadastral_number"] == SHOWCASE.cadastral_number
        answer = client.get(
            path, query_string={name: examples[name] for name in ("siruta", "cadastral_number")}
        )
        assert answer.status_code == 200, answer.text
        for name in ("point", "bbox", "address"):
            if name in examples:
                found = client.get(path, query_string={name: examples[name]})
                assert found.status_code == 200, name
                assert found.json["type"] == "FeatureCollection"


def test_the_page_for_people_says_the_same(client: FlaskClient, document: dict[str, Any]) -> None:
    page = client.get("/api/v1/docs")
    assert page.content_type.startswith("text/html")
    for path in document["paths"]:
        assert f"{path}</h2>" in page.text
    assert "<script" not in page.text


FITTING = [(path, method, GenerationMode.POSITIVE) for path, methods in PATHS.items() for method in methods]
# Where the description allows everything, nothing can fail to fit it.
UNFITTING = [(path, method, GenerationMode.NEGATIVE) for path, method, _ in FITTING if "layers" not in path]


@pytest.mark.parametrize(("path", "method", "mode"), [*FITTING, *UNFITTING])
def test_made_up_requests_get_decent_answers(
    schema: Any, path: str, method: str, mode: GenerationMode
) -> None:
    """Requests that fit the description, and requests that do not."""

    @given(case=schema[path][method.upper()].as_strategy(generation_mode=mode))
    @settings(
        max_examples=20,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    def answers_decently(case: schemathesis.Case) -> None:
        case.call_and_validate(checks=CHECKS)

    answers_decently()
