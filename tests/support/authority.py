"""A time-stamp authority on loopback: ``openssl ts`` behind a small HTTP server."""

import contextlib
import http.server
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

OPENSSL = shutil.which("openssl")
needs_openssl = pytest.mark.skipif(OPENSSL is None, reason="no openssl program on this machine")
REPLY_TYPE = "application/timestamp-reply"
_CONFIG = """\
[ req ]
distinguished_name = dn
prompt = no
[ dn ]
CN = Test CA
[ ca ]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[ authority ]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,timeStamping
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[ stamps ]
serial = {folder}/serial
crypto_device = builtin
signer_cert = {folder}/authority.pem
signer_key = {folder}/authority.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
ess_cert_id_alg = sha256
"""


class Authority:
    """Its certificates in a folder, and its answers."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._config = folder / "openssl.cnf"
        self._config.write_text(_CONFIG.format(folder=folder))
        (folder / "serial").write_text("01\n")
        self._run(
            *("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30"),
            *("-keyout", "ca.key", "-out", "ca.pem", "-extensions", "ca"),
            *("-config", str(self._config)),
        )
        self._run(
            *("req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=Test Authority"),
            *("-keyout", "authority.key", "-out", "authority.csr", "-config", str(self._config)),
        )
        self._run(
            *("x509", "-req", "-in", "authority.csr", "-CA", "ca.pem", "-CAkey", "ca.key"),
            *("-CAcreateserial", "-out", "authority.pem", "-days", "30"),
            *("-extfile", str(self._config), "-extensions", "authority"),
        )

    @property
    def root(self) -> Path:
        """The certificate that a verifier trusts."""
        return self.folder / "ca.pem"

    def stamp(self, query: bytes) -> bytes:
        """Return the response to a query."""
        (self.folder / "query").write_bytes(query)
        self._run(
            *("ts", "-reply", "-config", str(self._config), "-section", "stamps"),
            *("-queryfile", "query", "-out", "reply"),
        )
        return (self.folder / "reply").read_bytes()

    def stamp_digest(self, digest: bytes, *options: str) -> bytes:
        """Return the response to openssl's own query of a digest."""
        self._run("ts", "-query", "-digest", digest.hex(), "-sha256", *options, "-out", "own-query")
        return self.stamp((self.folder / "own-query").read_bytes())

    def verifies(self, token: bytes, digest: bytes) -> bool:
        """Return what openssl says of a token."""
        (self.folder / "token").write_bytes(token)
        found = self._run(
            *("ts", "-verify", "-in", "token", "-digest", digest.hex(), "-CAfile", "ca.pem"),
            *("-untrusted", "authority.pem"),
            check=False,
        )
        return found.returncode == 0

    def _run(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [OPENSSL or "openssl", *arguments],
            cwd=self.folder,
            capture_output=True,
            timeout=60,
            check=check,
        )


@contextlib.contextmanager
def served(authority: Authority) -> Iterator[str]:
    """Give the address at which an authority answers."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            query = self.rfile.read(int(self.headers["Content-Length"]))
            reply = authority.stamp(query)
            self.send_response(200)
            self.send_header("Content-Type", REPLY_TYPE)
            self.send_header("Content-Length", str(len(reply)))
            self.end_headers()
            self.wfile.write(reply)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/"
    server.shutdown()
    server.server_close()
    thread.join()
