"""QGIS Server as a peer: projects made from our own styles, served by nginx over FastCGI."""

from __future__ import annotations

import json
import os
import pwd
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import psycopg

from layers.style import PLACEHOLDER, Range, StyleRule, Words
from tiles.ranges import shown_at
from tiles.selection import primitives
from tiles.themes import Entry

WRITER = Path(__file__).with_name("qgis_project.py")
SERVER = Path("/usr/lib/cgi-bin/qgis_mapserv.fcgi")
NGINX = """
worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log; daemon off; {user}
events {{ worker_connections 256; }}
http {{
  access_log off; keepalive_requests 100000000; default_type text/plain;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  fastcgi_buffers 64 64k; fastcgi_buffer_size 64k;
  server {{ listen 127.0.0.1:{port};
    location / {{
      fastcgi_pass unix:{folder}/qgis.sock;
      fastcgi_param QUERY_STRING $query_string; fastcgi_param REQUEST_METHOD $request_method;
      fastcgi_param CONTENT_TYPE $content_type; fastcgi_param CONTENT_LENGTH $content_length;
      fastcgi_param SCRIPT_NAME /; fastcgi_param REQUEST_URI $request_uri; fastcgi_param SERVER_NAME localhost;
      fastcgi_param SERVER_PORT {port}; fastcgi_param SERVER_PROTOCOL $server_protocol;
    }}
  }}
}}
"""


def project(folder: Path, entries: Sequence[Entry], scale: int, day: date, address: str) -> Path:
    """A QGIS project of these layers as they look at 1:scale."""
    parts = psycopg.conninfo.conninfo_to_dict(address)
    described = [
        {
            "host": parts["host"],
            "database": parts["dbname"],
            "user": parts["user"],
            "name": entry.layer,
            "condition": f"valid_from <= '{day}' AND valid_to > '{day}'",
            "kind": primitives(entry.definition)[0],
            "rules": [_rule(rule) for rule in shown_at(entry, scale).rules.values()],
        }
        for entry in entries
        if shown_at(entry, scale).rules
    ]
    description, written = folder / f"{scale}.json", folder / f"{scale}.qgs"
    description.write_text(json.dumps(described), encoding="utf-8")
    command = ["/usr/bin/python3", str(WRITER), str(description), str(written)]
    subprocess.run(command, check=True, env=_environment(folder), stdout=subprocess.DEVNULL)
    return written


@contextmanager
def served(folder: Path, processes: int) -> Iterator[int]:
    """QGIS Server in so many processes behind nginx; the port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    spawn = [
        "spawn-fcgi",
        "-n",
        "-s",
        str(folder / "qgis.sock"),
        "-M",
        "0666",
        "-F",
        str(processes),
        "--",
        str(SERVER),
    ]
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(NGINX.format(folder=folder, port=port, user=user))
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "env": _environment(folder)}
    # -n keeps one process in the front only; without it all are forked and spawn-fcgi leaves.
    spawn.remove("-n")
    pids = folder / "qgis.pid"
    subprocess.run([*spawn[:-2], "-P", str(pids), *spawn[-2:]], check=True, **quiet)
    nginx = subprocess.Popen(
        ["/usr/sbin/nginx", "-c", str(folder / "nginx.conf"), "-p", str(folder)], **quiet
    )
    try:
        _wait(port)
        yield port
    finally:
        nginx.terminate()
        nginx.wait(10)
        for number in pids.read_text().split():
            subprocess.run(["kill", number], check=False)
        shutil.rmtree(folder / "qgis-profile", ignore_errors=True)


def name_in(layer: str) -> str:
    """What the project's WMS calls a layer."""
    return layer.replace(".", "_")


def _environment(folder: Path) -> dict[str, str]:
    own = {
        "HOME": str(folder / "qgis-profile"),
        "XDG_RUNTIME_DIR": str(folder),
        "QT_QPA_PLATFORM": "offscreen",
    }
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))
    }
    return {**kept, **own, "QGIS_SERVER_LOG_LEVEL": "3", "USER": pwd.getpwuid(os.geteuid()).pw_name}


def _wait(port: int) -> None:
    for _ in range(300):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("nginx does not answer")


def _rule(rule: StyleRule) -> dict[str, Any]:
    words = rule.label or rule.shield
    return {
        "filter": " AND ".join(_condition(*item) for item in rule.where.items()),
        "fill": rule.fill,
        "strokes": [
            {
                "colour": stroke.colour,
                "width": stroke.width or (stroke.ground.default if stroke.ground else 0.2),
                "ground": stroke.width is None,
                "dash": stroke.dash,
            }
            for stroke in rule.strokes
        ],
        "label": words and _label(words),
    }


def _condition(column: str, allowed: object) -> str:
    if isinstance(allowed, Range):
        lower = [f'"{column}" >= {allowed.min}'] if allowed.min is not None else []
        return " AND ".join(
            [*lower, *([f'"{column}" < {allowed.below}'] if allowed.below is not None else [])]
        )
    assert isinstance(allowed, tuple)
    values = ", ".join(
        f"'{value}'" if isinstance(value, str) else str(value) for value in allowed if value is not None
    )
    choices = [f'"{column}" IN ({values})'] if values else []
    if None in allowed:
        choices.append(f'"{column}" IS NULL')
    return f"({' OR '.join(choices)})"


def _label(words: Words) -> dict[str, Any]:
    templates = []
    for template in words.text:
        pieces = [
            f'"{piece}"' if place % 2 else f"'{piece}'"
            for place, piece in enumerate(PLACEHOLDER.split(template))
            if piece
        ]
        templates.append(" || ".join(pieces))
    return {
        "expression": f"coalesce({', '.join(templates)})",
        "size": words.size,
        "colour": words.colour,
        "every": words.every,
    }
