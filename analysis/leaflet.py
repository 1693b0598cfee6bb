"""Maps in notebooks that open where nothing can be fetched: the scripts they need stand in the page itself."""

from __future__ import annotations

import base64
import re
from functools import cache
from pathlib import Path

import folium

# Debian's libjs-leaflet and libjs-jquery (folium's popups are made with the latter).
DEBIAN = Path("/usr/share/javascript")
SCRIPTS = {"leaflet": DEBIAN / "leaflet/leaflet.min.js", "jquery": DEBIAN / "jquery/jquery.min.js"}
STYLE = DEBIAN / "leaflet/leaflet.css"
PICTURE = re.compile(r"url\((images/[a-z0-9-]+\.png)\)")


class SelfContainedMap(folium.Map):
    """A folium map without base map, which fetches nothing where Leaflet is installed.

    Elsewhere than on Debian it fetches from the addresses that folium names.
    """

    def __init__(self) -> None:
        super().__init__(tiles=None, control_scale=True)
        if STYLE.exists() and all(script.exists() for script in SCRIPTS.values()):
            self.default_js = [(name, _script(path)) for name, path in SCRIPTS.items()]
            self.default_css = [("leaflet_css", _style())]


@cache
def _script(path: Path) -> str:
    return _address("text/javascript", path.read_bytes())


@cache
def _style() -> str:
    text = PICTURE.sub(
        lambda found: f"url({_address('image/png', (STYLE.parent / found[1]).read_bytes())})",
        STYLE.read_text(encoding="utf-8"),
    )
    return _address("text/css", text.encode())


def _address(kind: str, content: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode('ascii')}"
