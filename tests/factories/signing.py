"""Works signed with a chain made for one test, by c2pa-python; nobody trusts it."""

import datetime as dt
import io
import json
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

SIGNING = x509.KeyUsage(True, *[False] * 8)
AUTHORITY = x509.KeyUsage(*[False] * 5, True, True, False, False)
CREATED = {
    "action": "c2pa.created",
    "digitalSourceType": "http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture",
}


def _name(text: str) -> x509.Name:
    pairs = ((NameOID.COMMON_NAME, text), (NameOID.ORGANIZATION_NAME, "Test"))
    return x509.Name([x509.NameAttribute(*pair) for pair in pairs])


def _certificate(name, key, issuer_key, *, leaf: bool) -> x509.Certificate:
    now = dt.datetime.now(dt.UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(name))
        .issuer_name(_name("authority"))
        .public_key(key.public_key())
        .serial_number(1 + leaf)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=9))
        .add_extension(x509.BasicConstraints(not leaf, None), True)
        .add_extension(SIGNING if leaf else AUTHORITY, True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
    )
    if leaf:
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key())
        usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION])
        builder = builder.add_extension(usage, False).add_extension(issuer, False)
    return builder.sign(issuer_key, hashes.SHA256())


@cache
def _chain() -> tuple[bytes, bytes]:
    authority, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    certificates = (
        _certificate("signer", key, authority, leaf=True),
        _certificate("authority", authority, authority, leaf=False),
    )
    pem = b"".join(c.public_bytes(serialization.Encoding.PEM) for c in certificates)
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return pem, secret


def signed(data: bytes, media_type: str, label: str = "cawg.training-mining") -> bytes:
    """The same work with a manifest that refuses generative training."""
    import c2pa

    key = f"{label.partition('.')[0]}.ai_generative_training"
    manifest = {
        "claim_generator_info": [{"name": "test", "version": "1"}],
        "format": media_type,
        "assertions": [
            {"label": "c2pa.actions", "data": {"actions": [CREATED]}},
            {"label": label, "data": {"entries": {key: {"use": "notAllowed"}}}},
        ],
    }
    signer = c2pa.Signer.from_info(c2pa.C2paSignerInfo(b"es256", *_chain(), None))
    out = io.BytesIO()
    c2pa.Builder(json.dumps(manifest)).sign(signer, media_type, io.BytesIO(data), out)
    return out.getvalue()
