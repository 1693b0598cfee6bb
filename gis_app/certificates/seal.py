"""The authority's electronic seal: PAdES by pyHanko with a PKCS#12 key, as art. 254 of the Code asks.

The signature field is invisible, because a visible one would stand outside the tagged content that PDF/UA
asks for; what the page says of the seal is part of the document's own text.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    load_der_private_key,
    pkcs12,
)
from cryptography.x509.oid import NameOID
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers
from pyhanko.sign.timestamps.common_utils import TimestampRequestError
from pyhanko.sign.timestamps.requests_client import RequestsHTTPTimeStamper

from gis_app.certificates.errors import SealExpired, SealLocked, SealMissing, TimestampFailed
from gis_app.certificates.romanian import day
from gis_app.certificates.settings import SealSettings

FIELD = "Sigiliu"
DEMO_SUBJECT = "Sigiliu demonstrativ – fără valoare juridică"
DEMO_PASSWORD = "demo"  # noqa: S105 — opens a throw-away seal that says of itself that it is worth nothing
DEMO_DAYS = 365
TIMESTAMP_WAIT_S = 10
DIGESTS = {"sha256": hashes.SHA256(), "sha384": hashes.SHA384(), "sha512": hashes.SHA512()}


class OpenKeySigner(signers.SimpleSigner):
    """Keeps the RSA key open: pyHanko opens it anew twice a signature, and checking it takes 90 ms each time."""

    def __init__(self, packed: signers.SimpleSigner) -> None:
        super().__init__(
            signing_cert=packed.signing_cert,
            signing_key=packed.signing_key,
            cert_registry=packed.cert_registry,
        )
        self.opened = load_der_private_key(packed.signing_key.dump(), password=None)

    def sign_raw(self, data: bytes, digest_algorithm: str) -> bytes:
        """The raw signature of the data."""
        mechanism = self.get_signature_mechanism_for_digest(digest_algorithm).signature_algo
        if mechanism == "rsassa_pkcs1v15" and isinstance(self.opened, rsa.RSAPrivateKey):
            return self.opened.sign(data, padding.PKCS1v15(), DIGESTS[digest_algorithm])
        raw: bytes = super().sign_raw(data, digest_algorithm)
        return raw


@dataclass(frozen=True)
class Seal:
    """An opened seal: signs PDF files, and says whose it is."""

    signer: OpenKeySigner
    timestamper: RequestsHTTPTimeStamper | None = None

    @property
    def certificate(self) -> Any:
        """The seal's X.509 certificate, as pyHanko holds it (asn1crypto)."""
        return self.signer.signing_cert

    @property
    def subject(self) -> str:
        """Whose seal it is: the common name, else the whole name."""
        return common_name(self.certificate.subject)

    @property
    def issuer(self) -> str:
        """Who vouches for it."""
        return common_name(self.certificate.issuer)

    @property
    def valid_until(self) -> datetime:
        """The end of its certificate."""
        until: datetime = self.certificate.not_valid_after
        return until

    def check(self, at: datetime) -> None:
        """SealExpired unless the certificate is valid at that time."""
        begins, ends = self.certificate.not_valid_before, self.certificate.not_valid_after
        if not begins <= at <= ends:
            raise SealExpired(
                f"sigiliul „{self.subject}” este valabil între {day(begins)} și {day(ends)},"
                f" nu la {day(at)}; puneți în VATRA_SEAL un sigiliu valabil"
            )

    def sign(self, pdf: bytes, *, reason: str, at: datetime) -> bytes:
        """The same PDF under the seal, by an incremental update (what was there stays byte for byte)."""
        self.check(at)
        writer = IncrementalPdfFileWriter(BytesIO(pdf))
        metadata = signers.PdfSignatureMetadata(
            field_name=FIELD,
            md_algorithm="sha256",
            reason=reason,
            name=self.subject,
            subfilter=fields.SigSeedSubFilter.PADES,
            certify=True,
            docmdp_permissions=fields.MDPPerm.NO_CHANGES,
        )
        signer = signers.PdfSigner(
            metadata,
            signer=self.signer,
            timestamper=self.timestamper,
            new_field_spec=fields.SigFieldSpec(
                FIELD,
                on_page=0,
                invis_sig_settings=fields.InvisSigSettings(set_print_flag=False, set_hidden_flag=True),
            ),
        )
        sealed = BytesIO()
        try:
            signer.sign_pdf(writer, output=sealed)
        except TimestampRequestError as error:
            raise TimestampFailed(error) from error
        return sealed.getvalue()


def open_seal(settings: SealSettings) -> Seal:
    """The configured seal; SealMissing or SealLocked when it cannot be opened."""
    if settings.seal is None:
        raise SealMissing("nu este configurat niciun sigiliu: VATRA_SEAL=fișier.p12 și VATRA_SEAL_PASSWORD")
    if not settings.seal.is_file():
        raise SealMissing(f"sigiliul {settings.seal} nu există; verificați VATRA_SEAL")
    password = settings.seal_password.get_secret_value().encode()
    try:
        packed = signers.SimpleSigner.load_pkcs12_data(settings.seal.read_bytes(), [], password)
    except ValueError as error:
        raise SealLocked(settings.seal) from error
    except OSError as error:
        raise SealMissing(f"sigiliul {settings.seal} nu se poate citi: {error.strerror}") from error
    address = settings.seal_timestamp_url
    return Seal(OpenKeySigner(packed), _timestamper(address) if address else None)


def _timestamper(address: str) -> RequestsHTTPTimeStamper:
    client: Any = RequestsHTTPTimeStamper  # pyHanko's constructor is not annotated
    made: RequestsHTTPTimeStamper = client(address, timeout=TIMESTAMP_WAIT_S)
    return made


def demo_seal(path: Path, password: str = DEMO_PASSWORD, *, begins: datetime | None = None) -> None:
    """Write a throw-away, self-signed seal whose name says that it has no legal value.

    ``begins`` moves its year of validity, so that an expired one can be made.
    """
    start = begins or datetime.now(UTC) - timedelta(minutes=5)
    key = rsa.generate_private_key(public_exponent=65537, key_size=3072)
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "RO"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Vatra"),
            x509.NameAttribute(NameOID.COMMON_NAME, DEMO_SUBJECT),
        ]
    )
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=True,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=DEMO_DAYS))
        .add_extension(usage, critical=True)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    packed = pkcs12.serialize_key_and_certificates(
        DEMO_SUBJECT.encode(), key, certificate, None, BestAvailableEncryption(password.encode())
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(packed)
    path.chmod(0o600)


def common_name(name: Any) -> str:
    """The common name of an X.509 name, else all of it."""
    parts: dict[str, str] = name.native
    return parts.get("common_name") or name.human_friendly
