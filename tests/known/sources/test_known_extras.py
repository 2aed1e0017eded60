"""A source whose client library is missing says which extra brings it."""

from __future__ import annotations

import sys

import pytest

from tightlip.errors import UsageError
from tightlip.known import sources


@pytest.mark.parametrize(
    ("source", "library", "extra"),
    [
        pytest.param("vault:secret/app", "hvac", "vault", id="vault"),
        pytest.param("aws-sm:app", "boto3", "aws", id="aws-sm"),
        pytest.param("aws-ssm:app", "boto3", "aws", id="aws-ssm"),
        pytest.param("gcp-sm:project", "google_crc32c", "gcp", id="gcp-sm"),
        pytest.param("azure-kv:myvault", "azure", "azure", id="azure-kv"),
        pytest.param("gitlab:group/project", "requests", "ci", id="gitlab"),
        pytest.param("github:owner/repo", "requests", "ci", id="github"),
        pytest.param("dotenv:.env", "dotenv", "dotenv", id="dotenv"),
        pytest.param("age:.env.age", "pyrage", "age", id="age"),
        pytest.param("keyring:app/me", "keyring", "keyring", id="keyring"),
    ],
)
def test_a_missing_library_is_one_clear_line(
    monkeypatch: pytest.MonkeyPatch, source: str, library: str, extra: str
) -> None:
    for name in [name for name in sys.modules if name == library or name.startswith(f"{library}.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, library, None)
    monkeypatch.setenv("GITHUB_TOKEN", "of-the-tests")
    monkeypatch.setenv("GITLAB_TOKEN", "of-the-tests")

    with pytest.raises(UsageError) as raised:
        next(sources.secrets(sources.where_of(source)))

    text = str(raised.value)
    assert text.startswith(f"{source}: the library {library}")
    assert text.endswith(f"is not installed; run: pip install 'tightlip[{extra}]'")
