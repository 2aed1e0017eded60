"""`.sops.yaml` is read as SOPS reads it, and a hostile one costs no time and is no all-clear."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from tightlip.engine import Scanner
from tightlip.scan import scan_files, scan_staged
from tightlip.sops import expression

Call = Callable[..., str]
Stage = Callable[[str, "str | bytes"], None]
Told = Callable[[], list[str]]
CLEAR = "password: hunter2-of-ada\n"
BOMB = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 40))


@pytest.mark.parametrize(
    "said",
    [
        "rules: &rules\n- path_regex: ^secrets/\ncreation_rules: *rules\n",
        "usual: &usual\n  path_regex: ^secrets/\ncreation_rules:\n- <<: *usual\n",
        "usual: &usual\n  path_regex: ^other/\ncreation_rules:\n- <<: [*usual]\n  path_regex: ^secrets/\n",
        "creation_rules:\n- path_regex: '(?U)^secrets/.*'\n",
        "creation_rules:\n- path_regex: '(?i-U:^SECRETS/)a'\n",
        "creation_rules:\n- path_regex: '\\Qsecrets/a.\\Eyaml'\n",
        "creation_rules:\n- path_regex: 'secrets[/\\\\]a\\.yaml$'\n",
        "\ufeffcreation_rules:\r\n- path_regex: ^secrets/\r\n",
    ],
    ids=["alias", "merge-key", "merged-and-own", "ungreedy", "flags-of-a-part", "quoted", "either-slash", "windows"],
)
def test_what_go_and_its_yaml_know_is_known(said: str, stage: Stage, told: Told) -> None:
    stage(".sops.yaml", said)
    stage("secrets/a.yaml", CLEAR)

    assert told() == ["sops-not-encrypted secrets/a.yaml:1"]


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (f"{BOMB}creation_rules:\n- path_regex: ^secrets/\n", "its aliases repeat too much"),
        ("a: &a\n- *a\n- *a\ncreation_rules: []\n", "its aliases repeat too much"),
        ("creation_rules:\n- path_regex: ^secrets/\ncreation_rules: []\n", "line 3: a key stands there a second time"),
        ("creation_rules:\n- path_regex: '(((a{900}){900}){900})'\n", ":2: path_regex: it repeats too much"),
        ("creation_rules:\n- path_regex: 'a{1001}'\n", ":2: path_regex: it repeats too much"),
        ("creation_rules:\n- path_regex: ^secrets/\n  encrypted_regex: '['\n", ":2: encrypted_regex: it is no regular"),
        (
            "creation_rules:\n- path_regex: ^secrets/\n  unencrypted_comment_regex: '('\n",
            "unencrypted_comment_regex: it",
        ),
    ],
    ids=["bomb", "ring", "twice", "repeats", "repeat", "regex-of-keys", "regex-of-comments"],
)
def test_what_cannot_be_used_is_told_once_on_one_line(
    said: str, why: str, stage: Stage, repo: str, scanner: Scanner
) -> None:
    stage(".sops.yaml", said)
    for number in range(20):
        stage(f"secrets/{number}.yaml", f"# a comment\n{CLEAR}")

    for report in (scan_staged(repo, scanner=scanner), scan_files([repo], scanner=scanner)):
        (missed,) = report.unscanned
        assert missed.what.endswith(".sops.yaml")
        assert missed.why.startswith("whether 20 files must be encrypted is not known: .sops.yaml:")
        assert why in missed.why
        assert "\n" not in missed.why


def test_an_expression_that_takes_for_ever_is_given_up_once(stage: Stage, repo: str, scanner: Scanner) -> None:
    stage(".sops.yaml", "creation_rules:\n- path_regex: '^secrets/(a|a|a)*(a|aa)*(a|aaa)*b$'\n")
    for number in range(30):
        stage(f"secrets/{'a' * (60 + number)}", "x\n")
    start = time.monotonic()

    (missed,) = scan_staged(repo, scanner=scanner).unscanned

    assert "whether 30 files must be encrypted is not known: .sops.yaml:2: path_regex: it takes too long" in missed.why
    assert time.monotonic() - start < 5


def test_an_expression_that_a_file_itself_has_is_told_as_its_own(
    rules: Call, encrypt: Call, stage: Stage, repo: str, scanner: Scanner
) -> None:
    rules(encrypted_regex="^password$")
    sealed = encrypt("secrets/a.yaml", "user: ada\npassword: hunter2-of-ada\n")
    stage("secrets/a.yaml", sealed.replace("encrypted_regex: ^password$", "encrypted_regex: '('"))

    (missed,) = scan_staged(repo, scanner=scanner).unscanned

    assert missed.what == "secrets/a.yaml"
    assert "secrets/a.yaml: encrypted_regex: it is no regular expression" in missed.why


@pytest.mark.parametrize(
    ("pattern", "is_match"),
    [
        (r"\x{73}ecrets", True),
        (r"\163ecrets", True),
        (r"a{,3}", False),
        (r"[?+]|secrets", True),
        (r"secrets\z", False),
        (r"(?m)^secrets", True),
        (r"\h", None),
        (r"\X", None),
        (r"\N", None),
        (r"\é", None),
        (r"(?x) s", None),
        (r"s*+", None),
        (r"(s)\1", None),
        (r"(?>s)", None),
    ],
)
def test_an_expression_means_what_go_takes_it_for(pattern: str, is_match: bool | None) -> None:  # noqa: FBT001
    if is_match is None:
        with pytest.raises(expression.BadExpression):
            expression.matches(pattern, "secrets/a.yaml")
    else:
        assert expression.matches(pattern, "secrets/a.yaml") is is_match
