"""Who may call what: declared by every route, refused by default."""

from __future__ import annotations

from collections.abc import Callable

import flask
import psycopg
import pytest
from flask.testing import FlaskClient
from flask_openapi3.openapi import OpenAPI

from gis_app import access
from gis_app.accounts import audit, tokens
from layers import database
from tests.gis_app.conftest import PARCEL, bearer

# Whoever adds a route that needs no token says so here too.
PUBLIC = {
    "/downloads/<layer_id>.<suffix>",
    "/csw",
    "/catalog.jsonld",
    "/",
    "/adresa",
    "/api/v1/certificates",
    "/api/v1/checks",
    "/api/v1/docs",
    "/api/v1/layers",
    "/api/v1/layers/<id>",
    "/api/v1/openapi.json",
    "/api/v1/parcels",
    "/api/v1/plans",
    "/autentificare",
    "/<any(hu, en):language>/autentificare",
    "/<any(hu, en):language>/iesire",
    "/<any(hu, en):language>/map",
    "/fonturi/<name>.woff",
    "/healthz",
    "/iesire",
    "/imobil",
    "/imobil/certificat.pdf",
    "/imobil/harta.png",
    "/map",
    "/map/shapes",
    "/map/static/<path:name>",
    "/map/suggestions",
    "/ows",
    "/ogcapi/",
    "/ogcapi/<path:rest>",
    "/ogcapi/api",
    "/ogcapi/collections",
    "/ogcapi/collections/<collection_id>",
    "/ogcapi/collections/<layer_id>/items",
    "/ogcapi/collections/<layer_id>/items/<feature_id>",
    "/ogcapi/collections/<layer_id>/map",
    "/ogcapi/collections/<layer_id>/queryables",
    "/ogcapi/collections/<layer_id>/schema",
    "/ogcapi/collections/<layer_id>/tiles",
    "/ogcapi/collections/<layer_id>/tiles/WebMercatorQuad",
    "/ogcapi/collections/<layer_id>/tiles/WebMercatorQuad/<int:z>/<int:y>/<int:x>",
    "/ogcapi/collections/records/items",
    "/ogcapi/collections/records/items/<record_id>",
    "/ogcapi/collections/records/queryables",
    "/ogcapi/collections/records/schema",
    "/ogcapi/conformance",
    "/ogcapi/jobs",
    "/ogcapi/jobs/<job_id>",
    "/ogcapi/jobs/<job_id>/results",
    "/ogcapi/openapi",
    "/ogcapi/processes",
    "/ogcapi/processes/<process_id>",
    "/ogcapi/processes/<process_id>/execution",
    "/ogcapi/tileMatrixSets",
    "/ogcapi/tileMatrixSets/<name>",
    "/readyz",
    "/static/<path:filename>",
    "/raster/<layer_id>.json",
    "/raster/<layer_id>/<int:z>/<int:x>/<int:y>.<form>",
    "/raster/<layer_id>/point",
    "/raster/<layer_id>/profile",
    "/tiles/<names>.json",
    "/tiles/<names>/<int:z>/<int:x>/<int:y>.pbf",
    "/tiles/fonts/<stack>/<int:first>-<int:last>.pbf",
    "/tiles/sprite.<any(json, png):form>",
    "/tiles/sprite<any('@2x'):finer>.<any(json, png):form>",
    "/tiles/style.json",
    "/verify/<number>",
    "/wmts",
    "/wmts/1.0.0/<path:resource>",
    "/wmts/1.0.0/WMTSCapabilities.xml",
    "/wmts/layers.json",
    "/verify/<number>/document",
}


def test_every_route_declares_who_may_call_it(app: OpenAPI) -> None:
    declared = {rule.rule: access.declared(app, rule.endpoint) for rule in app.url_map.iter_rules()}
    assert [rule for rule, who in declared.items() if who is None] == []
    assert {rule for rule, who in declared.items() if who == access.PUBLIC} == PUBLIC
    assert {who for who in declared.values() if who != access.PUBLIC} <= set(tokens.SCOPES)


def test_a_route_that_does_not_declare_is_refused(app: OpenAPI) -> None:
    app.add_url_rule("/forgotten", view_func=lambda: "secret", endpoint="forgotten")
    answer = app.test_client().get("/forgotten")
    assert answer.status_code == 403
    assert b"secret" not in answer.data


def test_metrics_are_not_public(client: FlaskClient, token: Callable[..., str]) -> None:
    refused = client.get("/metrics")
    assert refused.status_code == 401
    assert refused.headers["WWW-Authenticate"].startswith("Bearer")
    assert client.get("/metrics", headers={"X-Forwarded-For": "127.0.0.1"}).status_code == 401
    assert client.get("/metrics", headers=bearer(token("certificates:issue"))).status_code == 403
    allowed = client.get("/metrics", headers=bearer(token("metrics:read")))
    assert allowed.status_code == 200
    assert b"vatra_request_seconds_bucket" in allowed.data


@pytest.mark.parametrize(
    "header", ["Bearer vatra_wrong", "Bearer ", "Basic dXNlcjpwYXNz", "vatra_x", "Bearer x y"]
)
def test_a_bad_token_is_refused_where_anybody_may_call(client: FlaskClient, header: str) -> None:
    answer = client.post("/api/v1/checks", json={"parcel": PARCEL}, headers={"Authorization": header})
    assert answer.status_code == 401
    assert answer.content_type == "application/problem+json"


def test_a_revoked_token_ends_at_once(client: FlaskClient, settings: None) -> None:
    secret = tokens.create("gone-soon", ("metrics:read",))
    assert client.get("/metrics", headers=bearer(secret)).status_code == 200
    tokens.revoke("gone-soon")
    assert client.get("/metrics", headers=bearer(secret)).status_code == 401
    with pytest.raises(tokens.UnknownToken):
        tokens.revoke("gone-soon")


def test_a_token_is_kept_as_a_hash_only(settings: None) -> None:
    secret = tokens.create("hashed", ("layers:write",))
    with database.reading() as connection:
        row = connection.execute(
            "SELECT api_token::text FROM accounts.api_token WHERE name = 'hashed'"
        ).fetchone()
    assert row
    assert secret not in row[0]
    assert secret.removeprefix(tokens.PREFIX) not in row[0]


def test_two_tokens_in_use_cannot_share_a_name(settings: None) -> None:
    tokens.create("twice", ("layers:write",))
    with pytest.raises(tokens.TokenNameTaken):
        tokens.create("twice", ("layers:write",))
    tokens.revoke("twice")
    tokens.create("twice", ("layers:write",))


def test_use_of_a_token_is_dated(client: FlaskClient, settings: None) -> None:
    secret = tokens.create("dated", ("metrics:read",))
    assert _named("dated").last_used_on is None
    client.get("/metrics", headers=bearer(secret))
    assert _named("dated").last_used_on is not None


def test_the_audit_chain_notices_a_change(settings: None, county: str) -> None:
    tokens.create("audited", ("layers:write",))
    tokens.revoke("audited")
    assert audit.broken_at() is None
    with psycopg.connect(county) as connection:
        with pytest.raises(psycopg.errors.RaiseException, match="append-only"):
            connection.execute("UPDATE accounts.audit SET actor = 'somebody else'")
        connection.rollback()
        with pytest.raises(psycopg.errors.RaiseException, match="append-only"):
            connection.execute("TRUNCATE accounts.audit")
        connection.rollback()
        # Somebody with the rights of the owner switches the guard off.
        connection.execute("ALTER TABLE accounts.audit DISABLE TRIGGER append_only")
        row = connection.execute("SELECT min(id) FROM accounts.audit").fetchone()
        assert row
        connection.execute("UPDATE accounts.audit SET actor = actor || '!' WHERE id = %s", row)
        connection.commit()
    assert audit.broken_at() == row[0]
    with psycopg.connect(county) as connection:
        connection.execute(
            "UPDATE accounts.audit SET actor = trim(trailing '!' from actor) WHERE id = %s", row
        )
        connection.execute("ALTER TABLE accounts.audit ENABLE TRIGGER append_only")
    assert audit.broken_at() is None


def test_the_caller_is_known_to_the_view(app: OpenAPI, token: Callable[..., str]) -> None:
    secret = token("certificates:issue")
    with app.test_request_context(headers=bearer(secret)):
        assert access.may("certificates:issue")
        assert not access.may("layers:write")
        assert flask.g.caller.scopes == ["certificates:issue"]


def _named(name: str) -> tokens.Token:
    return next(one for one in tokens.listed() if one.name == name)
