"""A password in the keyring of your system: `keyring:SERVICE/USER`."""

from __future__ import annotations

from collections.abc import Iterator

from tightlip.errors import UsageError
from tightlip.known.asking import library
from tightlip.known.secret import Known, from_text


def secrets(where: str) -> Iterator[Known]:
    """Yield the password, or the leaves of one that is JSON."""
    source = f"keyring:{where}"
    service, slash, user = where.rpartition("/")
    if not slash or not service or not user:
        raise UsageError(f"{source}: name the service and the user: keyring:SERVICE/USER")
    with library("keyring", source):
        import keyring
    try:
        value = keyring.get_password(service, user)
    except Exception as error:  # noqa: BLE001 - whatever backend the settings name raises what it likes
        raise UsageError(
            f"{source}: the keyring cannot be read ({type(error).__name__}); is there one, and is it unlocked?"
        ) from None
    if value is None:
        raise UsageError(f"{source}: the keyring has no password for this service and user")
    yield from from_text(where, value.encode("utf-8", "surrogatepass"))
