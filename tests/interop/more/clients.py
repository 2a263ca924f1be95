"""Where the programs that publish are, and how each is started."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

HERE = Path(__file__).parent
PEERS = HERE.parent.parent.parent / ".peers"
NODE = shutil.which("node") or "node"
PION = PEERS / "pion" / "publisher"
OLD_AIORTC = PEERS / "aiortc" / "bin" / "python"

COMMANDS: dict[str, Sequence[str | Path]] = {
    "Pion": [PION],
    "werift": [NODE, HERE / "werift.js"],
    "@roamhq/wrtc": [NODE, HERE / "wrtc.js"],
    "aiortc 1.9": [OLD_AIORTC, HERE / "aiortc_publisher.py"],
    "node-datachannel": [NODE, HERE / "flaky.js"],
    "PyAV": [sys.executable, HERE / "pyav_publisher.py"],
}
"""To each are added the file, the address of the endpoint, and what else it takes."""


def client(name: str, file: Path, *more: str | Path) -> Callable[[str], Sequence[str | Path]]:
    """The command line of a client by the address of the endpoint."""
    program, *arguments = COMMANDS[name]
    there = (HERE / "node_modules").is_dir() if program == NODE else Path(program).exists()
    if not there or shutil.which(program) is None:
        pytest.fail(f"{name} is not installed; make interop installs it")
    return lambda url: [program, *arguments, file, url, *more]


def certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate of P-256, and its key, as PEM files."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    files = folder / "certificate.pem", folder / "key.pem"
    files[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    files[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return files
