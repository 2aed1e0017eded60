"""Lock files and translations: names say nothing in them, and what tells itself by its form is found there too."""

from __future__ import annotations

import pytest

from tightlip.engine import Scanner
from tightlip.engine.quiet import is_quiet

HASH = "913d08eb5ea281cd1504" + "9e408363addc13678ca4"
TOKEN = "ghp" + "_1nXy7dWq9LrTk2MvB5sZc8JpA4fHg0R3kz5w"


@pytest.mark.parametrize(
    "path",
    [
        b"Podfile.lock",
        b"app/package-lock.json",
        b"go.sum",
        b"infra/.terraform.lock.hcl",
        b"web/locale/pl/LC_MESSAGES/django.po",
        b"Package.resolved",
    ],
)
def test_a_hash_beside_a_name_of_a_lock_file_or_a_translation_is_nothing(path: bytes, scanner: Scanner) -> None:
    assert is_quiet(path)
    assert not scanner.scan(f"  FirebaseAuth: {HASH}\n".encode(), path).matches


@pytest.mark.parametrize("path", [b"lock", b"locks/auth.yml", b"src/lock.py", b"package.json", b""])
def test_elsewhere_it_is_looked_at(path: bytes, scanner: Scanner) -> None:
    assert not is_quiet(path)
    assert scanner.scan(f"  api_key: {HASH}\n".encode(), path).matches


def test_a_token_is_found_in_a_lock_file_by_its_form(scanner: Scanner) -> None:
    text = f'"resolved": "https://x:{TOKEN}@npm.pkg.github.com/download"\n'.encode()
    assert [match.secret.reveal().decode() for match in scanner.scan(text, b"package-lock.json").matches] == [TOKEN]
