"""What every request to the door brings: form, language and parameters, each known and given once."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

import flask
from werkzeug.exceptions import NotAcceptable

from layers.errors import VatraError

JSON, GEOJSON, HTML = "application/json", "application/geo+json", "text/html"
SCHEMA = "application/schema+json"
OPENAPI = "application/vnd.oai.openapi+json;version=3.0"
LONGEST = 8_192
COMMON = frozenset({"f", "lang"})
Form = Literal["json", "html"]
Language = Literal["ro", "en"]


class BadParameter(VatraError):
    """A query parameter that is unknown here, given twice, or whose value cannot be used."""


@dataclass(frozen=True)
class Asked:
    """A request. ``media`` is the media type of a JSON answer, ``base`` the address of the landing page."""

    form: Form
    language: Language
    parameters: dict[str, str]
    base: str
    media: str

    @property
    def root(self) -> str:
        """Address of the whole installation, without a slash at the end."""
        return self.base.removesuffix("/ogcapi")


def asked(known: Collection[str] = (), media: str = JSON) -> Asked:
    """The request that is being answered. Raises BadParameter, and NotAcceptable for forms that we do not have."""
    parameters = parameters_known(known)
    return Asked(
        _form(parameters.get("f"), media),
        _language(parameters.get("lang")),
        parameters,
        flask.request.url_root + "ogcapi",
        media,
    )


def parameters_known(known: Collection[str] = ()) -> dict[str, str]:
    """The request's parameters by name. Raises BadParameter for unknown, repeated and endless ones."""
    found: dict[str, str] = {}
    for name, values in flask.request.args.lists():
        if name not in COMMON and name not in known:
            raise BadParameter(
                f"there is no parameter {name[:60]!r} here; known: {', '.join(sorted({*known, *COMMON}))}"
            )
        if len(values) > 1:
            raise BadParameter(f"{name} is given {len(values)} times")
        if len(values[0]) > LONGEST or "\x00" in values[0]:
            raise BadParameter(f"{name} is too long or holds a NUL character")
        found[name] = values[0]
    return found


def _form(given: str | None, media: str) -> Form:
    if given is not None:
        if given not in ("json", "html"):
            raise BadParameter(f"f is json or html, not {given[:40]!r}")
        return "json" if given == "json" else "html"
    accepted = flask.request.accept_mimetypes
    offered = [media, JSON, HTML] if media != JSON else [JSON, HTML]
    best = accepted.best_match(offered) if accepted else media
    if best is None:
        raise NotAcceptable(f"offered are {', '.join(offered)}")
    return "html" if best == HTML else "json"


def _language(given: str | None) -> Language:
    if given is not None:
        short = given.lower().partition("-")[0]
        if short not in ("ro", "en"):
            raise BadParameter(f"lang is ro or en, not {given[:40]!r}")
        return "ro" if short == "ro" else "en"
    best = flask.request.accept_languages.best_match(["ro", "en", "ro-RO", "en-US", "en-GB"], default="ro")
    return "en" if best.startswith("en") else "ro"
