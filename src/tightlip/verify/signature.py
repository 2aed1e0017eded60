"""AWS Signature Version 4, of a request whose path needs no quoting.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256

from tightlip.request import Signature

_ALGORITHM = "AWS4-HMAC-SHA256"


def signed(  # noqa: PLR0913, PLR0917 - what is signed, and with what
    method: str, host: str, target: str, headers: Mapping[str, str], body: bytes, sign: Signature, now: datetime
) -> dict[str, str]:
    """Return the headers that sign a request.

    Parameters: `target`, path and query; `headers`, those that are sent besides; `sign`, with the id and the key
    themselves; `now`, in UTC.
    """
    path, _, query = target.partition("?")
    stamp = f"{now:%Y%m%dT%H%M%SZ}"
    every = {name.lower(): value.strip() for name, value in headers.items()} | {"host": host, "x-amz-date": stamp}
    names = ";".join(sorted(every))
    canonical = "\n".join(
        (
            method,
            path,
            "&".join(sorted(query.split("&"))),
            *(f"{name}:{every[name]}" for name in sorted(every)),
            "",
            names,
            sha256(body).hexdigest(),
        )
    )
    scope = f"{now:%Y%m%d}/{sign.region}/{sign.service}/aws4_request"
    to_sign = "\n".join((_ALGORITHM, stamp, scope, sha256(canonical.encode()).hexdigest()))
    key = f"AWS4{sign.key}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    signature = hmac.digest(key, to_sign.encode(), "sha256").hex()
    return {
        "X-Amz-Date": stamp,
        "Authorization": f"{_ALGORITHM} Credential={sign.id}/{scope}, SignedHeaders={names}, Signature={signature}",
    }
