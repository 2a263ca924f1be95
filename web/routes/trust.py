"""The operations that hand out the certificate authority."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from web import trust
from web.operations import Operation, media

_NO_AUTHORITY: Mapping[int, Sequence[str]] = {404: ("own_certificate",)}

TRUST = (
    Operation(
        method="GET",
        path="/trust/mien-ca.crt",
        handler=trust.authority_crt,
        summary="The certificate authority that devices are to trust, DER. Open to everybody, as its other forms are.",
        tag="trust",
        answers={200: media(trust.CRT)},
        errors=_NO_AUTHORITY,
    ),
    Operation(
        method="GET",
        path="/trust/mien-ca.pem",
        handler=trust.authority_pem,
        summary="The same, PEM.",
        tag="trust",
        answers={200: media(trust.PEM)},
        errors=_NO_AUTHORITY,
    ),
    Operation(
        method="GET",
        path="/trust/mien.mobileconfig",
        handler=trust.authority_profile,
        summary="The same, as a configuration profile for iPhones, iPads and Macs.",
        tag="trust",
        answers={200: media(trust.PROFILE)},
        errors=_NO_AUTHORITY,
    ),
)
