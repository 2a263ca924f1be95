"""The configuration profile by which iPhones, iPads and Macs install the authority."""

from __future__ import annotations

import hashlib
import plistlib
import uuid

from web.tls.issuer import Issuer


def profile(issuer: Issuer) -> bytes:
    """An unsigned profile with the authority as a root. The same authority gives the same bytes, so that installing
    it twice replaces it."""
    print_ = hashlib.sha256(issuer.der).hexdigest()
    identifier = f"mien.authority.{print_[:16]}"
    root = {
        "PayloadType": "com.apple.security.root",
        "PayloadVersion": 1,
        "PayloadIdentifier": f"{identifier}.root",
        "PayloadUUID": _uuid(print_, "root"),
        "PayloadDisplayName": issuer.name,
        "PayloadDescription": "Lets this device trust the connection to Mien.",
        "PayloadCertificateFileName": "mien-ca.crt",
        "PayloadContent": issuer.der,
    }
    return plistlib.dumps(
        {
            "PayloadType": "Configuration",
            "PayloadVersion": 1,
            "PayloadIdentifier": identifier,
            "PayloadUUID": _uuid(print_, "profile"),
            "PayloadDisplayName": issuer.name,
            "PayloadDescription": "Installs the certificate authority of a Mien on your network.",
            "PayloadOrganization": "Mien",
            "PayloadRemovalDisallowed": False,
            "PayloadContent": [root],
        }
    )


def _uuid(fingerprint: str, part: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"mien:{fingerprint}:{part}")).upper()
