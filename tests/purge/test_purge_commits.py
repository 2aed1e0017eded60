"""Commits and tags keep every byte that says nothing of what changed."""

from __future__ import annotations

from tightlip.purge import commits

TREE, PARENT, OTHER, NEW_TREE, NEW_PARENT = (letter * 40 for letter in (b"a", b"b", b"c", b"d", b"e"))
IDS = {TREE: NEW_TREE, PARENT: NEW_PARENT}
AUTHOR = b"author A \xe9 <a@example.org> 1700000000 -1130\ncommitter C <c@example.org> 1700000001 +0000"
VALUE = b"hunter2" + b"xyz"


def same(text: bytes) -> bytes:
    return text


def without_the_value(text: bytes) -> bytes:
    return text.replace(VALUE, b"***")


def commit(*extra: bytes, message: bytes = b"a message\n", author: bytes = AUTHOR) -> bytes:
    lines = [b"tree " + TREE, b"parent " + PARENT, b"parent " + OTHER, author, *extra]
    return b"\n".join(lines) + b"\n\n" + message


def now(content: bytes) -> bytes:
    return commits.rewritten(content, IDS, without_the_value, same).content


def test_only_the_ids_change() -> None:
    content = commit(b"encoding ISO-8859-1", b"x-own a header\n that goes on", message=b"\n  odd \xff message\r\n\n\n")
    assert now(content) == content.replace(TREE, NEW_TREE).replace(PARENT, NEW_PARENT)


def test_the_quick_way_comes_to_the_same_or_to_nothing() -> None:
    kept = b"mergetag object " + OTHER + b"\n type commit\n tag v1\n \n words"
    plain = commit(b"encoding ISO-8859-1", message=b"\n odd \xff tree " + TREE + b"\n")
    assert commits.relinked(plain, IDS) == commits.rewritten(plain, IDS, same, same).content
    assert commits.relinked(plain, {}) == plain
    for odd in (commit(kept), commit(b"gpgsig x"), commit(author=b"nobody"), b"tree " + TREE, b"object " + TREE, b""):
        assert commits.relinked(odd, IDS) is None


def test_an_id_in_the_message_is_no_reference() -> None:
    content = commit(message=b"tree " + TREE + b"\n")
    assert now(content).endswith(b"\n\ntree " + TREE + b"\n")


def test_values_go_from_the_message_the_author_and_other_headers() -> None:
    author = AUTHOR.replace(b"a@", VALUE + b"@")
    new = now(commit(b"x-note " + VALUE, message=b"pass is " + VALUE, author=author))
    assert VALUE not in new
    assert new.count(b"***") == 3


def test_a_signature_goes_and_is_told() -> None:
    signature = b"gpgsig -----BEGIN PGP SIGNATURE-----\n \n abc=\n -----END PGP SIGNATURE-----"
    signed = commit(signature, b"encoding UTF-8")
    new = commits.rewritten(signed, IDS, same, same)
    assert new == commits.Rewritten(now(commit(b"encoding UTF-8")), was_signed=True)
    assert commits.is_signed(signed)
    assert not commits.is_signed(commit())


def test_a_merged_tag_stays_if_what_it_is_of_stays() -> None:
    kept, gone = (b"mergetag object " + oid + b"\n type commit\n tag v1\n \n words" for oid in (OTHER, PARENT))
    new = commits.rewritten(commit(kept, gone), IDS, same, same)
    assert kept in new.content
    assert gone not in new.content
    assert new.was_signed


def test_a_tag_is_of_what_it_was_of_and_loses_its_signature() -> None:
    tag = b"object " + PARENT + b"\ntype commit\ntag v1\ntagger T <t@example.org> 1700000000 +0100\n\nwords\n"
    signed = tag + b"-----BEGIN SSH SIGNATURE-----\nabc\n-----END SSH SIGNATURE-----\n"
    assert commits.rewritten(tag, IDS, same, same) == commits.Rewritten(
        tag.replace(PARENT, NEW_PARENT), was_signed=False
    )
    assert commits.rewritten(signed, IDS, same, same) == commits.Rewritten(
        tag.replace(PARENT, NEW_PARENT), was_signed=True
    )
    assert commits.is_signed(signed)


def test_ids_in_messages_keep_their_length() -> None:
    meant = {PARENT: NEW_PARENT, PARENT[:9]: NEW_PARENT}.get
    message = b"Revert " + PARENT + b" (" + PARENT[:9] + b"), not " + OTHER[:9] + b" or x" + PARENT[:9]
    assert commits.with_ids(message, meant) == (
        b"Revert " + NEW_PARENT + b" (" + NEW_PARENT[:9] + b"), not " + OTHER[:9] + b" or x" + PARENT[:9]
    )
    assert commits.ids_named(commit(message=message)) == [PARENT, PARENT[:9], OTHER[:9]]


def test_a_commit_without_a_message_stays_without_one() -> None:
    assert now(commit(message=b"")) == commit(message=b"").replace(TREE, NEW_TREE).replace(PARENT, NEW_PARENT)
