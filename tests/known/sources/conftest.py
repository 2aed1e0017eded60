"""The tests of sources know no vault but the one they start, and no line of a library's log may hold a value."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import vaultservers

if TYPE_CHECKING:
    import trustme

_PREFIXES = (
    "VAULT_",
    "BAO_",
    "AWS_",
    "AZURE_",
    "GOOGLE_",
    "GCLOUD_",
    "GITHUB_",
    "GITLAB_",
    "CI_",
    "REQUESTS_",
    "CURL_",
)
_PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


@pytest.fixture(autouse=True)
def no_vault_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith(_PREFIXES) or name.lower() in _PROXIES:
            monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def bao_address() -> Iterator[str]:
    with vaultservers.openbao() as address:
        yield address


@pytest.fixture(scope="session")
def moto_address() -> Iterator[str]:
    with vaultservers.moto() as address:
        yield address


@pytest.fixture(scope="session")
def postgres_port() -> Iterator[int]:
    with vaultservers.postgres() as port:
        yield port


@pytest.fixture(scope="session")
def authority() -> object:
    """Whoever signs certificates in these tests."""
    trustme = pytest.importorskip("trustme", reason="needs trustme: pip install trustme")
    return trustme.CA()


@pytest.fixture
def ca_file(authority: trustme.CA, tmp_path: Path) -> Path:
    path = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(path)
    return path


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """Everything that any library logs, at any level that is on without our doing."""
    caplog.set_level(logging.NOTSET, logger="")
    return caplog
