"""``vatra token`` as a program is given it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from gis_app.accounts import audit, tokens


@pytest.fixture
def vatra(county: str, monkeypatch: pytest.MonkeyPatch) -> Vatra:
    """Runs the command over the demo county."""
    monkeypatch.setenv("VATRA_DATABASE_URL", county)
    return Vatra()


class Vatra:
    """The real command."""

    def __call__(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [str(Path(sys.executable).with_name("vatra")), "token", *arguments]
        return subprocess.run(
            command, capture_output=True, text=True, check=False, env=os.environ, timeout=60
        )


def test_a_token_is_printed_once_listed_and_revoked(vatra: Vatra) -> None:
    made = vatra("create", "registratura", "--scope", "certificates:issue", "--scope", "layers:write")
    assert made.returncode == 0
    secret = made.stdout.strip()
    found = tokens.find(secret)
    assert found
    assert (found.name, found.scopes) == ("registratura", ["certificates:issue", "layers:write"])

    listed = json.loads(vatra("list", "--format", "json").stdout)
    assert any(one["name"] == "registratura" and one["revoked_at"] is None for one in listed)
    assert secret not in json.dumps(listed)
    assert "registratura\tcertificates:issue layers:write" in vatra("list").stdout

    assert vatra("revoke", "registratura").stdout == "revoked registratura\n"
    assert tokens.find(secret) is None
    assert "revoked" in vatra("list").stdout
    assert audit.broken_at() is None


def test_a_name_in_use_is_the_input_s_fault(vatra: Vatra) -> None:
    assert vatra("create", "twofold", "--scope", "cases:write").returncode == 0
    again = vatra("create", "twofold", "--scope", "cases:write")
    assert again.returncode == 1
    assert "in use" in again.stderr
    assert again.stdout == ""
    assert vatra("revoke", "nobody").returncode == 1


@pytest.mark.parametrize(
    "arguments", [["create", "x"], ["create", "x", "--scope", "everything"], ["create"], ["remove"]]
)
def test_wrong_usage(vatra: Vatra, arguments: list[str]) -> None:
    assert vatra(*arguments).returncode == 2


@pytest.mark.parametrize("command", [[], ["create"], ["list"], ["revoke"]])
def test_help_has_an_example(vatra: Vatra, command: list[str]) -> None:
    shown = vatra(*command, "--help")
    assert shown.returncode == 0
    assert "Example: vatra token" in shown.stdout


def test_the_audit_record_is_walked(county: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VATRA_DATABASE_URL", county)
    command = [str(Path(sys.executable).with_name("vatra")), "audit", "verify"]

    def walk() -> subprocess.CompletedProcess[str]:
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)

    tokens.create("walked", ("cases:write",))
    assert walk().stdout == "the audit record is whole\n"
    with psycopg.connect(county) as connection:
        connection.execute("ALTER TABLE accounts.audit DISABLE TRIGGER USER")
        row = connection.execute("SELECT max(id) FROM accounts.audit").fetchone()
        connection.execute("UPDATE accounts.audit SET subject = 'nobody' WHERE id = %s", row)
        connection.commit()
        broken = walk()
        connection.execute("UPDATE accounts.audit SET subject = 'walked' WHERE id = %s", row)
        connection.execute("ALTER TABLE accounts.audit ENABLE TRIGGER USER")
    assert broken.returncode == 1
    assert row
    assert f"entry {row[0]} " in broken.stderr
    assert walk().returncode == 0
