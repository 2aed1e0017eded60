"""Everything that allows, as one thing to ask, which remembers what was of use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tightlip.allow import pragma
from tightlip.allow.allowed import CONFIGURED, FINGERPRINT, PATH, Allowed, is_live
from tightlip.allow.configured import Entry
from tightlip.allow.ignorefile import NOTHING, Paths, parse
from tightlip.config.found import IGNORES
from tightlip.fingerprint import fingerprint

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from tightlip.config import Read
    from tightlip.config.settings import Config
    from tightlip.rule import Match


def load(top: str | None, config: Config | None, read: Read | None = None) -> Allows:
    """Return what is allowed in a repository.

    Parameters: `top`, the top folder of its working tree, if it has one; `config`, its configuration, if it has one;
    `read`, what reads `.tightlipignore` in place of the working tree. Raises `ConfigError`.
    """
    if read is None and top is None:
        return Allows(config)
    from tightlip.config import reading

    return Allows(config, reading.content(IGNORES, top, read))


class Allows:
    """What is allowed, and why. `--no-allow` is to ask none.

    Parameters: `config`, the configuration; `ignorefile`, what is in `.tightlipignore`, if it is there.
    """

    def __init__(self, config: Config | None = None, ignorefile: bytes | None = None) -> None:
        self.used: dict[str, int] = {}
        """By the name of an entry (`Allowed.where`), how often it was what allowed."""
        self._entries = [Entry(allow) for allow in config.allow] if config else []
        self._file = parse(ignorefile) if ignorefile else NOTHING
        self._paths = Paths(self._file.globs)

    @property
    def has_fingerprints(self) -> bool:
        """Whether an entry needs the fingerprints of findings, which are slow to make one by one."""
        return bool(self._file.fingerprints)

    @property
    def needs_text(self) -> bool:
        """Whether an entry looks at the lines around a secret: without, and without pragmas, any text will do."""
        return any(entry.allow.lines for entry in self._entries)

    def why(
        self, text: bytes, match: Match, path: bytes, commit: str | None = None, *, pragmas: bool = True
    ) -> Allowed | None:
        """Return what allows a match to stay, or None.

        Parameters: `text`, what was searched, as `match` counts in it; `path`, from the top of the repository;
        `commit`, the id of the one that brought it, in a scan of a history; `pragmas`, whether to look for a comment
        beside it, which a scan of a history has done where it had the text.
        """
        beside = pragma.why(text, match, path) if pragmas else None
        return self._counted(beside or self._why(text, match, path, commit))

    def _why(self, text: bytes, match: Match, path: bytes, commit: str | None) -> Allowed | None:
        for entry in self._entries:
            if configured := entry.why(text, match, path, commit):
                return configured
        if self._file.fingerprints:  # last: to make one takes 10 ms
            return self._listed(match)
        return None

    def _listed(self, match: Match) -> Allowed | None:
        listed = self._file.fingerprints.get(fingerprint(match.rule.id, match.secret.reveal()))
        if listed is None:
            return None
        return Allowed(FINGERPRINT, f"{IGNORES}:{listed.line}", listed.reason, covers_live=is_live(match))

    def every(self, text: bytes, match: Match, path: bytes, commit: str | None = None) -> list[Allowed]:
        """Return all that allows a match to stay, a comment aside, and count each as used. Parameters as of `why`."""
        found = [it for entry in self._entries if (it := entry.why(text, match, path, commit))]
        if self._file.fingerprints:
            listed = self._listed(match)
            found += [listed] if listed else []
        ignored = self._ignored(path)
        found += [ignored] if ignored else []
        for allowed in found:
            self._counted(allowed)
        return found

    def count_paths(self, paths: Collection[bytes]) -> None:
        """Count the entries that are about nothing but paths and leave one of these out, each as if it were alone."""
        file = self._file
        for listed, pattern in zip(file.paths, file.globs, strict=True):
            alone = Paths([pattern])
            if not pattern.is_negative and any(alone.index(path) is not None for path in paths):
                self.add({f"{IGNORES}:{listed.line}": 1})
        for entry in self._entries:
            if entry.about_paths_only and any(entry.path_is_ignored(path) for path in paths):
                self.add({entry.where: 1})

    def path_is_ignored(self, path: bytes) -> Allowed | None:
        """Return why a whole file is left out, or None. Parameters: `path`, from the top of the repository."""
        return self._counted(self._ignored(path))

    def _ignored(self, path: bytes) -> Allowed | None:
        index = self._paths.index(path)
        if index is not None:
            listed = self._file.paths[index]
            return Allowed(PATH, f"{IGNORES}:{listed.line}", listed.reason)
        return next((found for entry in self._entries if (found := entry.path_is_ignored(path))), None)

    def add(self, used: Mapping[str, int]) -> None:
        """Count what another process has used."""
        for where, times in used.items():
            self.used[where] = self.used.get(where, 0) + times

    def unused(self) -> list[Allowed]:
        """Return the entries that have allowed nothing so far: stale after a complete scan. A `!` line is none."""
        file = self._file
        listed = [
            Allowed(PATH, f"{IGNORES}:{entry.line}", entry.reason)
            for entry, pattern in zip(file.paths, file.globs, strict=True)
            if not pattern.is_negative
        ]
        listed += [Allowed(FINGERPRINT, f"{IGNORES}:{e.line}", e.reason) for e in file.fingerprints.values()]
        listed += [Allowed(CONFIGURED, entry.where, entry.allow.reason) for entry in self._entries]
        return [allowed for allowed in listed if allowed.where not in self.used]

    def _counted(self, allowed: Allowed | None) -> Allowed | None:
        if allowed:
            self.add({allowed.where: 1})
        return allowed
