"""A key as an agency has it from an authority."""

from datetime import timedelta
from pathlib import Path

from asn1crypto.x509 import Certificate
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, pkcs12
from cryptography.x509.oid import NameOID

from app.kernel import clock

PASSWORD = "una-clave-de-prueba"


def agency_key(path: Path, *, days: int = 365) -> Certificate:
    """A PKCS#12 file as an authority would give: RSA, with a password and the authority's own certificate, returned."""
    root_key, key = (rsa.generate_private_key(65_537, 2_048) for _ in range(2))
    root = certified("Autoridad de prueba", "Autoridad de prueba", root_key, root_key, days)
    certificate = certified("Agencia de prueba", "Autoridad de prueba", key, root_key, days)
    encrypted = BestAvailableEncryption(PASSWORD.encode())
    path.write_bytes(pkcs12.serialize_key_and_certificates(b"firma", key, certificate, [root], encrypted))
    return Certificate.load(root.public_bytes(Encoding.DER))


def certified(
    name: str, issuer: str, key: rsa.RSAPrivateKey, issuer_key: rsa.RSAPrivateKey, days: int
) -> x509.Certificate:
    subject, signed_by = (x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, each)]) for each in (name, issuer))
    is_root = key is issuer_key
    now = clock.now()
    other_uses = ("key_encipherment", "data_encipherment", "key_agreement", "encipher_only", "decipher_only")
    use = dict.fromkeys(other_uses, False) | {"key_cert_sign": is_root, "crl_sign": is_root}
    return (
        x509.CertificateBuilder(signed_by, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=is_root, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(digital_signature=True, content_commitment=True, **use), critical=True)
        .sign(issuer_key, hashes.SHA256())
    )
