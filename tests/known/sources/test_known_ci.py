"""GitHub and GitLab as their documentation says they answer: there is no server of theirs to run here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from urllib.parse import unquote

import pytest
from httpdouble import Answer, Asked, serving
from vaultservers import free_port

from tightlip.errors import UsageError
from tightlip.known import sources
from tightlip.known.secret import Known
from tightlip.known.unread import Unread

pytest.importorskip("requests", reason="needs requests: pip install 'tightlip[ci]'")

TOKEN = "of-" + "the-tests"
VALUE = "a value in a message"
SOURCES = {"github": "github:owner/repo", "gitlab": "gitlab:group/project"}
ADDRESSES = {"github": "GITHUB_API_URL", "gitlab": "GITLAB_URL"}


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[object], list[str]]]:
    """Let a function answer, or each path as given, for both. Gives the paths that are asked for."""
    answers: list[object] = []
    paths: list[str] = []

    def answering(asked: Asked) -> Answer:
        assert asked.headers["authorization"] == f"Bearer {TOKEN}"
        path = unquote(asked.path).removeprefix("/api/v4")
        paths.append(path)
        if callable(answers[-1]):
            return answers[-1](asked)
        found = answers[-1].get(path)
        if found is None:
            return Answer(404, {"message": VALUE})
        return found if isinstance(found, Answer) else Answer(200, found)

    def answer(how: object) -> list[str]:
        answers.append(how)
        return paths

    with serving(answering) as address:
        for kind, name in ADDRESSES.items():
            monkeypatch.setenv(name, address)
            monkeypatch.setenv(f"{kind.upper()}_TOKEN", TOKEN)
        yield answer


def known(source: str) -> list[Known]:
    return list(sources.secrets(sources.where_of(source)))


def complaint(source: str) -> str:
    with pytest.raises(UsageError) as raised:
        known(source)
    text = str(raised.value)
    assert "\n" not in text
    assert text.startswith(f"{source}: ")
    assert not {part for part in (TOKEN, VALUE) if part in text}
    return text


def variable(key: str, value: str | None, scope: str = "*") -> dict[str, object]:
    hidden = value is None
    return {"key": key, "value": value, "masked": True, "hidden": hidden, "environment_scope": scope}


def test_gitlab_gives_the_variables_of_a_project_and_of_the_groups_above_it(server: Callable[..., object]) -> None:
    server(
        {
            "/projects/group/sub/project/variables": [
                variable("PASSWORD", "masked"),
                variable("PASSWORD", "of production", "production"),
                variable("HIDDEN", None),
                variable("KEYFILE", '{"private_key": "inner"}'),
            ],
            "/groups/group/sub/variables": [variable("TOKEN", "of the group")],
        }
    )

    found = known("gitlab:group/sub/project")

    assert {each.name: each.value for each in found if not isinstance(each, Unread)} == {
        "group/sub/project/PASSWORD": b"masked",
        "group/sub/project/PASSWORD@production": b"of production",
        "group/sub/project/KEYFILE#private_key": b"inner",
        "group/sub/TOKEN": b"of the group",
    }
    assert [(each.name, each.why) for each in found if isinstance(each, Unread)] == [
        ("group/sub/project/HIDDEN", "GitLab gives hidden variables to nobody"),
        ("group/", "the token may not read the variables of this group"),
    ]


def test_gitlab_gives_the_variables_of_a_group(server: Callable[..., object]) -> None:
    server({"/groups/group/variables": [variable("TOKEN", "of the group")]})

    assert [(each.name, each.value) for each in known("gitlab:group")] == [("group/TOKEN", b"of the group")]


def test_gitlab_s_pages_are_all_read(server: Callable[..., object]) -> None:
    def answering(asked: Asked) -> Answer:
        if not asked.path.endswith("/projects/group%2Fproject/variables"):
            return Answer(404, {})
        first = (int(asked.query["page"]) - 1) * 100
        return Answer(
            200, [variable(f"V{number}", f"value {number}") for number in range(first, min(first + 100, 230))]
        )

    server(answering)

    assert len([each for each in known("gitlab:group/project") if not isinstance(each, Unread)]) == 230


def test_a_project_of_a_person_has_no_group_whose_variables_are_missing(server: Callable[..., object]) -> None:
    server(
        {
            "/projects/somebody/project": {"namespace": {"kind": "user"}},
            "/projects/somebody/project/variables": [variable("A", "kept")],
        }
    )

    assert [each.value for each in known("gitlab:somebody/project")] == [b"kept"]


@pytest.mark.parametrize("kind", SOURCES)
def test_a_server_with_smaller_pages_is_read_to_the_end(server: Callable[..., object], kind: str) -> None:
    def answering(asked: Asked) -> Answer:
        if not asked.path.endswith(("/projects/group%2Fproject/variables", "/repo/actions/variables")):
            return Answer(404, {})
        page = int(asked.query["page"])
        found = [{"name": f"V{page}", "key": f"V{page}", "value": f"value {page}"}]
        more = {"Link": f'<http://127.0.0.1/?page={page + 1}>; rel="next"'} if page < 4 else {}
        return Answer(200, {"variables": found} if kind == "github" else found, more)

    server(answering)

    assert [each.value for each in known(SOURCES[kind]) if each.value] == [
        b"value 1",
        b"value 2",
        b"value 3",
        b"value 4",
    ]


def test_gitlab_s_own_jobs_name_the_server(server: Callable[..., object], monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    server({"/projects/group/project/variables": [variable("A", "kept")], "/groups/group/variables": []})
    monkeypatch.setenv("CI_SERVER_URL", os.environ["GITLAB_URL"])
    monkeypatch.delenv("GITLAB_URL")

    assert [each.value for each in known("gitlab:group/project")] == [b"kept"]


def test_github_gives_variables_and_of_secrets_only_the_names(server: Callable[..., object]) -> None:
    repository = "/repos/owner/repo"
    server(
        {
            f"{repository}/actions/variables": {
                "variables": [{"name": "URL", "value": "a variable", "updated_at": "2026-01-02T03:04:05Z"}]
            },
            f"{repository}/actions/organization-variables": {"variables": [{"name": "ORG", "value": "of all"}]},
            f"{repository}/actions/secrets": {"secrets": [{"name": "PASSWORD"}]},
            f"{repository}/actions/organization-secrets": {"secrets": [{"name": "SHARED"}]},
            f"{repository}/environments": {"environments": [{"name": "pro/duction"}]},
            f"{repository}/environments/pro/duction/variables": {
                "variables": [{"name": "URL", "value": "of production"}]
            },
            f"{repository}/environments/pro/duction/secrets": {"secrets": [{"name": "KEY"}]},
        }
    )

    found = known("github:owner/repo")

    assert {each.name: each.value for each in found if not isinstance(each, Unread)} == {
        "owner/repo/URL": b"a variable",
        "owner/repo/organization/ORG": b"of all",
        "owner/repo/pro/duction/URL": b"of production",
    }
    never = "GitHub never gives the values of secrets; take it from where it was made"
    assert {each.name: each.why for each in found if isinstance(each, Unread)} == {
        "owner/repo/PASSWORD": never,
        "owner/repo/organization/SHARED": never,
        "owner/repo/pro/duction/KEY": never,
        "owner/repo": "the token may not list its secrets of Dependabot",
    }


def test_a_repository_of_a_person_has_no_organization(server: Callable[..., object]) -> None:
    repository = "/repos/owner/repo"
    server(
        {
            repository: {"owner": {"type": "User"}},
            f"{repository}/actions/variables": {"variables": [{"name": "A", "value": "kept"}]},
            f"{repository}/actions/secrets": {"secrets": []},
            f"{repository}/dependabot/secrets": {"secrets": []},
            f"{repository}/environments": {"environments": []},
        }
    )

    assert [each.value for each in known("github:owner/repo")] == [b"kept"]


@pytest.mark.parametrize("kind", SOURCES)
@pytest.mark.parametrize(
    ("answer", "words"),
    [
        pytest.param(Answer(401, {"message": VALUE}), "does not accept the token", id="401"),
        pytest.param(Answer(403, {"message": VALUE}), "for this token; the token needs", id="403"),
        pytest.param(Answer(404, {"message": VALUE}), "for this token; the token needs", id="404"),
        pytest.param(Answer(403, {}, {"X-RateLimit-Remaining": "0"}), "asks to be left alone", id="rate limit"),
        pytest.param(Answer(403, {}, {"Retry-After": "60"}), "asks to be left alone", id="secondary limit"),
        pytest.param(Answer(429, {"message": VALUE}, {"Retry-After": "0"}), "asks to be left alone", id="429"),
        pytest.param(Answer(500, {"message": VALUE}), "answers with an error (500)", id="500"),
        pytest.param(Answer(200, f"<html>{VALUE}".encode()), "does not answer as it should", id="no JSON"),
        pytest.param(Answer(200, b"[" * 200_000), "does not answer as it should", id="deep JSON"),
        pytest.param(Answer(200, {"message": VALUE}), "does not answer as it should", id="an object"),
        pytest.param(Answer(200, b" " * (33 << 20)), "the answer is larger than 32 MB", id="huge"),
        pytest.param(Answer(302, b"", {"Location": "http://localhost:1/"}), "which is not followed", id="elsewhere"),
    ],
)
def test_a_server_that_answers_oddly_is_one_clear_line(
    server: Callable[..., object], kind: str, answer: Answer, words: str
) -> None:
    server(lambda asked: answer)

    assert words in complaint(SOURCES[kind])


def test_a_list_without_an_end_is_one_clear_line(
    server: Callable[..., object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tightlip.known.asking.MOST", 1000)
    server(lambda asked: Answer(200, [variable("\x1b[2J", "again")] * 100))

    assert "more than 1000 secrets; give a longer prefix" in complaint("gitlab:group/project")


@pytest.mark.parametrize("kind", SOURCES)
def test_what_has_nothing_at_all_is_one_clear_line(server: Callable[..., object], kind: str) -> None:
    nothing = {"owner": {"type": "User"}, "namespace": {"kind": "user"}}
    lists: dict[str, list[object]] = {key: [] for key in ("variables", "secrets", "environments")}

    def answering(asked: Asked) -> Answer:
        if "page" not in asked.query:
            return Answer(200, nothing)
        return Answer(200, lists if kind == "github" else [])

    server(answering)

    assert "no variables" in complaint(SOURCES[kind])


@pytest.mark.parametrize("kind", SOURCES)
def test_no_connection_is_one_clear_line(monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    monkeypatch.setenv(ADDRESSES[kind], f"http://127.0.0.1:{free_port()}")
    monkeypatch.setenv(f"{kind.upper()}_TOKEN", TOKEN)

    assert "no connection" in complaint(SOURCES[kind])


@pytest.mark.parametrize("kind", SOURCES)
def test_a_token_with_a_line_break_is_not_shown(monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    monkeypatch.setenv(f"{kind.upper()}_TOKEN", f"{TOKEN}\nmore")

    assert "the token has characters that no token has" in complaint(SOURCES[kind])


@pytest.mark.parametrize("kind", SOURCES)
def test_no_token_says_which_to_set(kind: str) -> None:
    assert f"no token; set {kind.upper()}_TOKEN" in complaint(SOURCES[kind])


@pytest.mark.parametrize("where", ["github:owner", "github:owner/repo/more", "gitlab:/"])
def test_a_name_that_is_none_is_one_clear_line(where: str) -> None:
    assert f"write {where.partition(':')[0]}:" in complaint(where)


@pytest.mark.parametrize("kind", SOURCES)
def test_nothing_that_a_library_logs_holds_a_value_or_the_token(
    server: Callable[..., object], lines: pytest.LogCaptureFixture, kind: str
) -> None:
    kept = {"name": "A", "key": "A", "value": "never to be logged"}
    server(
        {
            "/repos/owner/repo/actions/variables": {"variables": [kept]},
            "/projects/group/project/variables": [kept],
        }
    )

    assert any(each.value for each in known(SOURCES[kind]))

    assert not {part for part in ("never to be logged", TOKEN) if part in lines.text}
