"""A sealed information certificate with both plan annexes: from the HTTP request to the last byte.

There is no peer that issues one; the aim is 500 ms. ``Server-Timing`` says where the time goes, and the check
alone, asked of the same server in the same rounds, says how much of it is the document's.
"""

from __future__ import annotations

import argparse
import http.client
import itertools
import json
import os
import re
import secrets
import tempfile
import time
from pathlib import Path

from gis_app.accounts import tokens
from gis_app.certificates.seal import DEMO_PASSWORD, demo_seal
from tests.benchmarks.bench_check import County, county_of, served
from tests.benchmarks.harness import median, percentile, publish

JSON = {"Content-Type": "application/json"}
SPAN = re.compile(r"([\w.-]+);dur=([\d.]+)")


def ask(
    connection: http.client.HTTPConnection, path: str, body: bytes, headers: dict[str, str]
) -> tuple[float, dict[str, float], int]:
    """One request: milliseconds to the last byte, the server's own spans in milliseconds, bytes received.

    AssertionError when it is not answered with 200.
    """
    begun = time.perf_counter()
    connection.request("POST", path, body=body, headers=headers)
    answer = connection.getresponse()
    content = answer.read()
    elapsed = (time.perf_counter() - begun) * 1000
    assert answer.status == 200, content[:500]
    spans = {name: float(value) for name, value in SPAN.findall(answer.headers.get("Server-Timing", ""))}
    return elapsed, spans, len(content)


def issuable(county: County, headers: dict[str, str], port: int, wanted: int) -> list[bytes]:
    """Bodies of requests that can be answered with a sealed certificate."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    bodies: list[bytes] = []
    for siruta, number in county.sample:
        body = json.dumps(
            {"parcel": {"siruta": siruta, "cadastral_number": number}, "kind": "information"}
        ).encode()
        connection.request("POST", "/api/v1/certificates", body=body, headers=headers)
        answer = connection.getresponse()
        answer.read()
        if answer.status == 200:
            bodies.append(body)
        if len(bodies) == wanted:
            break
    connection.close()
    return bodies


def main() -> None:
    """Measure, print and write the figures."""
    parser = argparse.ArgumentParser(description=__doc__, prog="vatra bench certificate")
    parser.add_argument("--parcels", type=int, default=300_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--each", type=int, default=12, help="certificates, and checks, in a round")
    options = parser.parse_args()
    county = county_of(options.parcels, 100)
    folder = Path(tempfile.mkdtemp())
    demo_seal(folder / "seal.p12")
    os.environ |= {
        "VATRA_DATABASE_URL": county.address,
        "VATRA_SEAL": str(folder / "seal.p12"),
        "VATRA_SEAL_PASSWORD": DEMO_PASSWORD,
        "VATRA_AUTHORITY_BY_CONVENTION": "all",
    }
    token = tokens.create(f"bench {secrets.token_hex(4)}", ("certificates:issue",))
    issuing = {**JSON, "Accept": "application/pdf", "Authorization": f"Bearer {token}"}
    whole: list[float] = []
    alone: list[float] = []
    sizes: list[int] = []
    spans: dict[str, list[float]] = {}
    with served(county) as port:
        bodies = itertools.cycle(issuable(county, issuing, port, options.each))
        connection = http.client.HTTPConnection("127.0.0.1", port)
        for _ in range(options.rounds):
            for _ in range(options.each):
                body = next(bodies)
                elapsed, found, size = ask(connection, "/api/v1/certificates", body, issuing)
                whole.append(elapsed)
                sizes.append(size)
                for name, value in found.items():
                    spans.setdefault(name, []).append(value)
                check = json.dumps({"parcel": json.loads(body)["parcel"]}).encode()
                alone.append(ask(connection, "/api/v1/checks", check, JSON)[0])
    rows: list[list[object]] = [
        ["sealed F_CU_05 with annexes", median(whole), percentile(whole, 0.99), 1.0],
        ["the check alone", median(alone), percentile(alone, 0.99), median(alone) / median(whole)],
    ]
    rows += [
        [f"  of which {name}", median(values), percentile(values, 0.99), median(values) / median(whole)]
        for name, values in spans.items()
    ]
    details = {
        "parcels": options.parcels,
        "certificates": len(whole),
        "median_bytes": median(sizes),
        "aim_ms": 500,
    }
    path = publish(
        "certificate",
        "The certificate, from request to last byte",
        ["run", "median ms", "p99 ms", "share"],
        rows,
        details,
    )
    print(path)


if __name__ == "__main__":
    main()
