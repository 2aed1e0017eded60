"""Files in which a name before a value says nothing: lock files, which are full of hashes, and translations.

Rules that go by such names (`patterns/generic/`, and rules with `service`) leave these files out. All others look at
them: a token in the URL of a registry is one there, too.
"""

from __future__ import annotations

_NAMES = frozenset(
    (
        b"cartfile.resolved",
        b"conda-lock.yml",
        b"go.mod",
        b"go.sum",
        b"gopkg.lock",
        b"gradle.lockfile",
        b"npm-shrinkwrap.json",
        b"package-lock.json",
        b"package.resolved",
        b"packages.lock.json",
        b"paket.lock",
        b"pnpm-lock.yaml",
        b"verification-metadata.xml",
    )
)
_ENDINGS = (
    # Podfile.lock, yarn.lock, Cargo.lock, composer.lock, Gemfile.lock, poetry.lock, .terraform.lock.hcl ...
    *(b".lock", b".lock.hcl", b".lockb"),
    # gettext, XLIFF, Qt
    *(b".mo", b".po", b".pot", b".xlf", b".xliff", b".qm"),
)


def is_quiet(path: bytes) -> bool:
    """Whether a file is one of those, by its path."""
    lowered = path.lower()
    return lowered.endswith(_ENDINGS) or lowered.rpartition(b"/")[2] in _NAMES
