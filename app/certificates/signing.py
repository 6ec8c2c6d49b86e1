"""The electronic signature of certificates: PAdES (ETSI EN 319 142-1, level B-B), with the agency's key.

The signature certifies the document: it allows no later change. It is invisible, so the page stays PDF/UA.
"""

import contextlib
import hashlib
import os
import tempfile
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from io import BytesIO
from pathlib import Path

import structlog
from asn1crypto.keys import PrivateKeyInfo
from asn1crypto.x509 import Certificate
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import NoEncryption, pkcs12
from cryptography.x509.oid import NameOID
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import PdfSignatureMetadata, PdfSigner, SimpleSigner
from pyhanko.sign.fields import InvisSigSettings, MDPPerm, SigFieldSpec, SigSeedSubFilter
from pyhanko_certvalidator.registry import SimpleCertificateStore

from app.certificates.problems import SigningUnavailable
from app.certificates.settings import SigningSettings, signing_settings
from app.kernel import clock

log = structlog.get_logger(__name__)

FIELD = "Firma"
DEVELOPMENT_NAME = "Ventanilla development key, no legal value"
DEVELOPMENT_YEARS = timedelta(days=3_652)
LONGEST_NAME = 64  # of an X.520 name


@dataclass(frozen=True, slots=True)
class Key:
    """A signing key in DER: the private key, its certificate and chain.

    Stored as bytes because the parsed form is populated lazily and isn't thread-safe; each signature parses its own.
    """

    private: bytes
    certificate: bytes
    chain: tuple[bytes, ...]

    def signer(self) -> SimpleSigner:
        """Build a signer for one signature."""
        store = SimpleCertificateStore()  # type: ignore[no-untyped-call]
        store.register_multiple([Certificate.load(one) for one in self.chain])
        return SimpleSigner(
            signing_cert=Certificate.load(self.certificate),
            signing_key=PrivateKeyInfo.load(self.private),
            cert_registry=store,
        )


def sign(pdf: bytes) -> bytes:
    """Return the document with its signature appended. Takes about 20 ms: run it in a worker thread.

    Raises:
        SigningUnavailable: there is no key, or it can't be used today.
    """
    metadata = PdfSignatureMetadata(
        field_name=FIELD,
        md_algorithm="sha256",
        subfilter=SigSeedSubFilter.PADES,
        certify=True,
        docmdp_permissions=MDPPerm.NO_CHANGES,
    )
    # Outside the page: a visible field would have to be tagged (PDF/UA-1, 7.18).
    unseen = SigFieldSpec(FIELD, invis_sig_settings=InvisSigSettings(box_out_of_bounds=True), readable_field_name=FIELD)
    signer = PdfSigner(metadata, signer_today(), new_field_spec=unseen)
    signed: bytes = signer.sign_pdf(IncrementalPdfFileWriter(BytesIO(pdf))).getvalue()
    return signed


def signer_today() -> SimpleSigner:
    """Return a signer if its certificate is valid today.

    Raises:
        SigningUnavailable: there is no key, or its certificate isn't in force.
    """
    signer = load_key(signing_settings()).signer()
    if signer.signing_cert is None:
        raise SigningUnavailable
    validity = signer.signing_cert["tbs_certificate"]["validity"]
    if not validity["not_before"].native <= clock.now() <= validity["not_after"].native:
        log.error("signing_certificate_not_in_force", until=validity["not_after"].native.isoformat())
        raise SigningUnavailable
    return signer


def fingerprint() -> bytes:
    """Return the SHA-256 of the current signing certificate."""
    return hashlib.sha256(load_key(signing_settings()).certificate).digest()


@lru_cache
def load_key(settings: SigningSettings) -> Key:
    """Load the key, cached per process; failures aren't cached, so that a repaired key needs no restart.

    Raises:
        SigningUnavailable: production has no key, or the file can't be read or opened.
    """
    if settings.signing_key is None:
        if settings.is_production:
            log.error("signing_key_missing")
            raise SigningUnavailable
        return _opened(_development_key(settings.development_key), None)
    password = settings.signing_password.get_secret_value().encode() if settings.signing_password is not None else None
    try:
        return _opened(settings.signing_key.read_bytes(), password)
    except (OSError, ValueError) as error:
        log.error("signing_key_unusable", path=str(settings.signing_key), reason=str(error))
        raise SigningUnavailable from error


def _opened(data: bytes, password: bytes | None) -> Key:
    signer: SimpleSigner = SimpleSigner.load_pkcs12_data(data, other_certs=(), passphrase=password)
    if signer.signing_cert is None:
        raise ValueError("the file has no certificate")
    return Key(
        private=signer.signing_key.dump(),
        certificate=signer.signing_cert.dump(),
        chain=tuple(one.dump() for one in signer.cert_registry),
    )


def _development_key(path: Path) -> bytes:
    # Written to a temporary file and renamed: of two concurrent processes, the second
    # must find either nothing or the complete file.
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=f"{path.name}.")  # readable by its owner only
        with os.fdopen(descriptor, "wb") as file:
            file.write(_make_key())
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
        Path(draft).unlink()
    return path.read_bytes()


def _make_key() -> bytes:
    """Generate a P-256 key with a self-signed certificate, as a PKCS#12 file without password."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, DEVELOPMENT_NAME)])
    use = dict.fromkeys(("key_encipherment", "data_encipherment", "key_agreement", "key_cert_sign", "crl_sign"), False)
    use |= {"encipher_only": False, "decipher_only": False}
    now = clock.now()
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + DEVELOPMENT_YEARS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(digital_signature=True, content_commitment=True, **use), critical=True)
        .sign(key, hashes.SHA256())
    )
    return pkcs12.serialize_key_and_certificates(FIELD.encode(), key, certificate, None, NoEncryption())
