"""Who uses it: the Flask application with pages and map services, the command line, certificates and their registers.

Knows the three packages below it; nothing below knows it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask_openapi3.openapi import OpenAPI

    from gis_app.settings import WebSettings


def create_app(settings: WebSettings | None = None) -> OpenAPI:
    """The web application, wired on this page."""
    # Imported here, so that a command such as `vatra status` does not wait for the web.
    from werkzeug.middleware.proxy_fix import ProxyFix

    from gis_app import access, addresses, api, errors, headers, limits, observing, ogc, operations, pages
    from gis_app import map as map_page
    from gis_app.accounts import sessions
    from gis_app.settings import WebSettings

    settings = settings or WebSettings()
    app = api.create(__name__, settings)
    observing.install(app)
    headers.install(app)
    errors.install(app)
    addresses.install(app)
    sessions.install(app, settings.secret_key)
    access.install(app)
    limits.install(app, settings)
    api.install(app)
    pages.install(app)
    map_page.install(app)
    ogc.install(app)
    app.register_blueprint(operations.blueprint)
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]  # how WSGI wrapping is done
    return app
