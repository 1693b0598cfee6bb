"""The electronic seal: it validates, any change is seen, and every way it can be unusable is told."""

import stat
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from threading import Thread

import pytest
from asn1crypto.tsp import TimeStampReq
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.timestamps.dummy_client import DummyTimeStamper
from pypdf import PdfWriter

from gis_app.certificates.compose import compose
from gis_app.certificates.errors import (
    SealExpired,
    SealLocked,
    SealMissing,
    TimestampFailed,
    UnreadableDocument,
)
from gis_app.certificates.pdf import render_pdf
from gis_app.certificates.seal import DEMO_PASSWORD, DEMO_SUBJECT, demo_seal, open_seal
from gis_app.certificates.settings import SealSettings
from gis_app.certificates.verify import verify


def now() -> datetime:
    """The time of a signature: never long before the seal was made, however long the tests take to come here."""
    return datetime.now(UTC)


@pytest.fixture(scope="module")
def plain():
    """A small file."""
    written = BytesIO()
    writer = PdfWriter()
    writer.add_blank_page(200, 200)
    writer.write(written)
    return written.getvalue()


@pytest.fixture(scope="module")
def sealed(seal, plain):
    """The same under the seal."""
    return seal.sign(plain, reason="probă", at=now())


def verdict(pdf, seal=None):
    """The verdict without a register."""
    return verify(pdf, lambda digest: None, seal)


def test_a_sealed_document_is_whole_ours_and_trusted(sealed, seal):
    (signature,) = verdict(sealed, seal).signatures
    assert signature.whole
    assert signature.ours
    assert signature.trusted
    assert signature.signer == DEMO_SUBJECT
    assert abs(signature.signed_at - datetime.now(UTC)) < timedelta(minutes=5)


def test_another_authority_s_seal_is_whole_but_not_ours(sealed, tmp_path):
    demo_seal(tmp_path / "alt.p12")
    other = open_seal(SealSettings(seal=tmp_path / "alt.p12", seal_password=SecretStr(DEMO_PASSWORD)))
    (signature,) = verdict(sealed, other).signatures
    assert signature.whole
    assert not signature.ours
    assert not signature.trusted


def test_the_seal_is_pades_and_forbids_changes(sealed):
    (embedded,) = PdfFileReader(BytesIO(sealed)).embedded_signatures
    assert embedded.sig_object["/SubFilter"] == "/ETSI.CAdES.detached"
    assert embedded.docmdp_level.value == 1


def test_what_was_sealed_stays_byte_for_byte(context, seal):
    plain = render_pdf(compose(context("F_CU_05")))
    assert seal.sign(plain, reason="probă", at=now()).startswith(plain)


def test_a_sealed_certificate_is_still_accessible(context, seal):
    sealed = seal.sign(render_pdf(compose(context("F_CU_05"))), reason="probă", at=now())
    root = PdfFileReader(BytesIO(sealed)).root
    assert root["/MarkInfo"]["/Marked"]
    assert b'pdfuaid:part="1"' in root["/Metadata"].data
    # A hidden widget needs no place in the structure tree (ISO 14289-1, 7.18.1).
    (field,) = root["/AcroForm"]["/Fields"]
    assert field.get_object()["/F"] & 2


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_changed_byte_is_seen(sealed, seal, data):
    (embedded,) = PdfFileReader(BytesIO(sealed)).embedded_signatures
    first, length, second, rest = (int(value) for value in embedded.sig_object["/ByteRange"])
    covered = [*range(first, length), *range(second, second + rest)]
    at = data.draw(st.sampled_from(covered))
    changed = bytearray(sealed)
    changed[at] ^= data.draw(st.integers(1, 255))
    try:
        found = verdict(bytes(changed), seal)
    except UnreadableDocument:
        return
    assert not found.whole


def test_a_changed_signature_is_seen(sealed, seal):
    at = sealed.index(b"/Contents <") + 400
    changed = sealed[:at] + (b"0" if sealed[at : at + 1] != b"0" else b"1") + sealed[at + 1 :]
    assert not verdict(changed, seal).whole


def test_something_added_after_sealing_is_seen(sealed, seal):
    writer = PdfWriter(BytesIO(sealed), incremental=True)
    writer.add_blank_page(200, 200)
    added = BytesIO()
    writer.write(added)
    assert added.getvalue().startswith(sealed)
    assert not verdict(added.getvalue(), seal).whole


@pytest.fixture
def timestamp_service(seal):
    """An RFC 3161 service on this machine."""
    stamper = DummyTimeStamper(seal.certificate, seal.signer.signing_key)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            asked = TimeStampReq.load(self.rfile.read(int(self.headers["Content-Length"])))
            answer = stamper.request_tsa_response(asked).dump()
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *arguments):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_seal_takes_a_time_stamp_where_a_service_is_configured(seal_settings, timestamp_service, plain):
    settings = seal_settings.model_copy(update={"seal_timestamp_url": timestamp_service})
    stamped = open_seal(settings).sign(plain, reason="probă", at=now())
    (embedded,) = PdfFileReader(BytesIO(stamped)).embedded_signatures
    unsigned = {attribute["type"].native for attribute in embedded.signer_info["unsigned_attrs"]}
    assert "signature_time_stamp_token" in unsigned
    assert verdict(stamped).whole


def test_a_time_stamping_service_that_does_not_answer_is_told(seal_settings, context):
    settings = seal_settings.model_copy(update={"seal_timestamp_url": "http://127.0.0.1:9/"})
    with pytest.raises(TimestampFailed, match="VATRA_SEAL_TIMESTAMP_URL"):
        open_seal(settings).sign(render_pdf(compose(context("F_CU_05"))), reason="probă", at=now())


def test_no_seal_configured():
    with pytest.raises(SealMissing, match="VATRA_SEAL"):
        open_seal(SealSettings(seal=None))


def test_the_seal_s_file_is_not_there(tmp_path):
    with pytest.raises(SealMissing, match=r"lipsa\.p12 nu există"):
        open_seal(SealSettings(seal=tmp_path / "lipsa.p12"))


def test_the_wrong_password(seal_settings):
    with pytest.raises(SealLocked, match="parola"):
        open_seal(SealSettings(seal=seal_settings.seal, seal_password=SecretStr("greșit")))


def test_a_file_that_is_no_seal(tmp_path):
    path = tmp_path / "text.p12"
    path.write_text("acesta nu este un sigiliu")
    with pytest.raises(SealLocked, match="PKCS#12"):
        open_seal(SealSettings(seal=path, seal_password=SecretStr(DEMO_PASSWORD)))


@pytest.mark.parametrize("days", [-800, 30])
def test_a_seal_out_of_its_time_seals_nothing(tmp_path, days):
    demo_seal(tmp_path / "s.p12", begins=now() + timedelta(days=days))
    seal = open_seal(SealSettings(seal=tmp_path / "s.p12", seal_password=SecretStr(DEMO_PASSWORD)))
    with pytest.raises(SealExpired, match="este valabil între"):
        seal.sign(b"%PDF-1.7", reason="probă", at=now())


def test_the_demonstration_seal_says_what_it_is_and_is_kept_private(seal, seal_settings):
    assert "fără valoare juridică" in seal.subject
    assert stat.S_IMODE(seal_settings.seal.stat().st_mode) == 0o600


@pytest.mark.parametrize("found", [b"", b"nu este un PDF", b"%PDF-1.7\ntrunchiat"])
def test_what_is_no_pdf_is_said_to_be_unreadable(found):
    with pytest.raises(UnreadableDocument):
        verdict(found)


def test_an_unsealed_pdf_is_told_as_such(context):
    found = verdict(render_pdf(compose(context("F_CU_05"))))
    assert not found.sealed
    assert found.lines()[0] == "Documentul nu este sigilat și nici semnat."
