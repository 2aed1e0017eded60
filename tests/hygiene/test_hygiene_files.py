"""Secrets in CI files, images, compose files, Terraform and manifests are told by line, and never shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from textwrap import dedent

import pytest

from tightlip.hygiene import ci, docker, manifests, terraform, tree
from tightlip.hygiene.problem import Problem

REAL = "q8Vt3" + "Zr7Lm2Xw9Pk"


def lines(found: list[Problem]) -> list[int]:
    assert REAL not in str(found)
    return [int(it.where.rpartition(":")[2]) for it in found]


CI_FILES = {
    "github-literal": (
        ".github/workflows/a.yml",
        """\
        on: push
        env:
          DB_PASSWORD: REAL
          API_KEY: ${{ secrets.API_KEY }}
          TOKEN_FILE: /run/token
        jobs:
          a:
            steps:
              - uses: x/y@v1
                with:
                  token: REAL
                  password: ''
        """,
        [3, 11],
    ),
    "github-echo": (
        ".github/workflows/a.yml",
        """\
        on: push
        jobs:
          a:
            steps:
              - run: echo ${{ secrets.API_KEY }}
              - run: |
                  make
                  echo "token is $DEPLOY_TOKEN"
                  echo "$DEPLOY_TOKEN" | docker login --password-stdin
                  echo "::add-mask::$DEPLOY_TOKEN"
                  echo "$DEPLOY_TOKEN" > file
                  echo "done"
              - run: printenv
        """,
        [5, 8, 13],
    ),
    "github-strangers": (
        ".github/workflows/a.yml",
        """\
        on:
          pull_request_target:
            types: [opened]
        jobs:
          a:
            steps:
              - uses: actions/checkout@v4
                with:
                  ref: ${{ github.event.pull_request.head.sha }}
              - run: make
                env:
                  API_KEY: ${{ secrets.API_KEY }}
        """,
        [9],
    ),
    "github-own-code": (
        ".github/workflows/a.yml",
        """\
        on: pull_request_target
        jobs:
          a:
            steps:
              - uses: actions/checkout@v4
              - run: make
                env: {API_KEY: "${{ secrets.API_KEY }}"}
        """,
        [],
    ),
    "github-artifact": (
        ".github/workflows/a.yml",
        """\
        on: push
        jobs:
          a:
            steps:
              - uses: actions/upload-artifact@v4
                with: {name: all, path: app/.env}
        """,
        [6],
    ),
    "gitlab": (
        ".gitlab-ci.yml",
        """\
        variables:
          DATABASE_URL: postgres://app:REAL@db/app
          API_KEY: $API_KEY
          DEPLOY_TOKEN:
            value: REAL
            description: what it is for
        deploy:
          script:
            - echo $DEPLOY_TOKEN
            - ./deploy.sh
        """,
        [2, 5, 9],
    ),
    "circleci": (
        ".circleci/config.yml",
        """\
        jobs:
          a:
            environment:
              AWS_SECRET_ACCESS_KEY: REAL
            steps:
              - run: {command: "echo $AWS_SECRET_ACCESS_KEY"}
        """,
        [4, 6],
    ),
    "bitbucket": (
        "bitbucket-pipelines.yml",
        """\
        pipelines:
          default:
            - step:
                script:
                  - pipe: x/y:1
                    variables:
                      PASSWORD: REAL
                      TOKEN: $TOKEN
        """,
        [7],
    ),
    "azure": (
        "azure-pipelines.yml",
        """\
        variables:
          - name: dbPassword
            value: REAL
          - name: region
            value: REAL
        steps:
          - script: echo $(x)
            env: {API_TOKEN: $(apiToken)}
        """,
        [3],
    ),
}


@pytest.mark.parametrize(("path", "text", "expected"), CI_FILES.values(), ids=CI_FILES)
def test_a_ci_file_is_told_where_it_holds_or_prints_a_secret(path: str, text: str, expected: list[int]) -> None:
    assert ci.platform(path)
    assert lines(list(ci.look(path, dedent(text).replace("REAL", REAL).encode()))) == expected


def test_a_dockerfile_is_told_where_the_image_would_hold_a_secret() -> None:
    text = f"""\
        FROM python
        ARG VERSION=1.2
        ARG NPM_TOKEN
        ARG API_KEY={REAL}
        ENV PORT=80 DB_PASSWORD="{REAL}"
        ENV TOKEN {REAL}
        ENV NPM_TOKEN=$NPM_TOKEN
        ENV SECRET_KEY_FILE=/run/secrets/key
        # ENV PASSWORD={REAL}
        RUN --mount=type=secret,id=npm \\
            npm ci
        COPY --chown=app .env /app/
        COPY .env.example /app/
        """

    assert lines(list(docker.look("Dockerfile", dedent(text).encode()))) == [3, 4, 5, 6, 7, 12]


@pytest.mark.parametrize(
    ("name", "is_one"),
    [("Dockerfile", True), ("app/Dockerfile.prod", True), ("api.Dockerfile", True), ("docs/Dockerfiles.md", False)],
)
def test_dockerfiles_are_known_by_their_names(name: str, *, is_one: bool) -> None:
    assert docker.is_dockerfile(name) == is_one


def test_a_compose_file_is_told_where_a_value_is_written_out() -> None:
    text = f"""\
        services:
          db:
            environment:
              POSTGRES_PASSWORD: {REAL}
              POSTGRES_USER: app
              TOKEN: ${{TOKEN}}
              OTHER_PASSWORD_FILE: /run/secrets/x
          app:
            environment:
              - API_KEY={REAL}
              - API_TOKEN
              - DATABASE_URL=postgres://app:{REAL}@db/app
        """

    assert docker.is_compose("docker-compose.prod.yml")
    assert lines(list(docker.look_compose("compose.yml", dedent(text).encode()))) == [4, 10, 12]


def test_terraform_state_and_variables_are_told() -> None:
    names = ["a/terraform.tfstate", "terraform.tfstate.backup", ".terraform/x", "main.tf", "x.tfplan"]
    text = f'region = "eu"\ndb_password = "{REAL}"\ntoken = ""\n'

    assert [it.where for name in names for it in terraform.look_name(name)] == [*names[:3], names[4]]
    assert lines(list(terraform.look("prod.tfvars", text.encode()))) == [2]
    assert not terraform.is_variables("example.tfvars")


def test_a_kubernetes_secret_in_clear_is_told_and_a_sealed_one_is_not() -> None:
    text = f"""\
        apiVersion: v1
        kind: Secret
        stringData:
          password: {REAL}
          user: ""
        ---
        kind: SealedSecret
        data: {{password: {REAL}}}
        ---
        kind: List
        items:
          - kind: Secret
            data:
              key: {REAL}
          - kind: ConfigMap
            data: {{key: {REAL}}}
        """
    data = dedent(text).encode()

    assert manifests.may_be_one("a.yaml", data)
    assert lines(list(manifests.look("a.yaml", data))) == [4, 14]


@pytest.mark.parametrize(
    "data",
    [
        b"a: &a [x, x]\nb: &b [*a, *a, *a]\nenv: &c [*b, *b, *b]\nwith: [*c, *c]\n",
        b"env: &x\n  y: *x\n",
        b"[" * 3000,
        b"\xff\xfe",
        b"on: {pull_request_target: [}",
        b"- 1\n- 2\n",
        b"",
    ],
    ids=["aliases", "cycle", "deep", "no-text", "no-yaml", "list", "empty"],
)
def test_hostile_yaml_is_refused_in_one_line_or_says_nothing(data: bytes) -> None:
    for look in (ci.look, docker.look_compose, manifests.look):
        assert "\n" not in said(look, data)


def said(look: Callable[[str, bytes], Iterator[Problem]], data: bytes) -> str:
    try:
        found = list(look(".github/workflows/a.yml", data))
    except tree.NotYaml as error:
        return str(error)
    return "".join(it.what for it in found)
