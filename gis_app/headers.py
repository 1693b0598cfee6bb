"""Security headers. Pages use no scripts at all, so the policy allows none."""

from __future__ import annotations

import flask

POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; font-src 'self'; form-action 'self';"
    " base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = (
    ("Content-Security-Policy", POLICY),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=()"),
)
YEAR_S = 31_536_000
ALWAYS_SECURE = ("Strict-Transport-Security", f"max-age={YEAR_S}; includeSubDomains")


def install(app: flask.Flask) -> None:
    """Add the headers to every answer."""
    app.after_request(_add)


def _add(response: flask.Response) -> flask.Response:
    for name, value in HEADERS:
        # Cheaper than setdefault, which goes through all headers three times.
        if name not in response.headers:
            response.headers.add(name, value)
    response.headers.setdefault("Cache-Control", "no-store")
    if flask.request.is_secure:
        name, value = ALWAYS_SECURE
        response.headers[name] = value
    return response
