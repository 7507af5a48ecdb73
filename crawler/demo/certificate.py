"""Host names to a TLS server context with a self-signed certificate, made anew at each start.

Nothing trusts it: the survey records it as unverified, which is true of much of the web.
"""

import datetime as dt
import ssl
import tempfile
from collections.abc import Sequence
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

MAX_NAMES = 500
"""Names in the certificate; a replay of many sites must not send 100 kB in each handshake."""


def server_context(names: Sequence[str]) -> ssl.SSLContext:
    """Make a context whose certificate covers the first `MAX_NAMES` of `names`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_alpn_protocols(["http/1.1"])
    with tempfile.TemporaryDirectory() as folder:  # OpenSSL reads key and chain from files only
        path = Path(folder) / "demo.pem"
        path.touch(mode=0o600)
        path.write_bytes(_self_signed(names))
        context.load_cert_chain(path)
    return context


def _self_signed(names: Sequence[str]) -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "demo web")])
    now = dt.datetime.now(dt.UTC)
    alternatives = [x509.DNSName(name) for name in ("localhost", *names)[:MAX_NAMES]]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=365))
        .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return private + certificate.public_bytes(serialization.Encoding.PEM)
