"""Secrets in CI files, images, compose files, Terraform and manifests are told by line, and never shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from textwrap import dedent

import pytest

from tightlip.hygiene import ci, containers, docker, manifests, terraform, tree
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


def test_arguments_that_the_build_is_to_give_are_told_in_each_form_and_in_each_stage() -> None:
    text = """\
        FROM node AS build
        ARG NPM_TOKEN
        ARG API_KEY=
        ARG VERSION=1 DEPLOY_TOKEN
        ENV AUTH_TOKEN=${NPM_TOKEN}
        ENV OTHER_TOKEN=/run/secrets/token
        RUN --mount=type=secret,id=npm,env=NPM_TOKEN npm ci
        FROM node
        ARG TOKEN_FILE
        COPY --from=build /app /app
        """

    assert lines(list(docker.look("Dockerfile", dedent(text).encode()))) == [2, 3, 4, 5]


def test_what_a_heredoc_holds_is_no_instruction_and_what_follows_it_is() -> None:
    text = f"""\
        FROM x
        RUN <<EOF
        ENV PASSWORD={REAL}
        EOF
        COPY <<-"A" <<B /x/
        ARG TOKEN
        A
        ARG TOKEN
        B
        ENV PASSWORD={REAL}
        ENV NAME=1<<EOF
        ENV API_KEY={REAL}
        """

    assert lines(list(docker.look("Dockerfile", dedent(text).encode()))) == [10, 12]


def test_the_escape_that_a_dockerfile_names_counts() -> None:
    text = f"# escape=`\nFROM x\nENV A=1 `\n    PASSWORD={REAL}\nENV B=C:\\\nENV TOKEN={REAL}\n"

    assert lines(list(docker.look("Dockerfile", text.encode()))) == [3, 6]


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


def test_what_an_alias_brings_into_a_compose_file_is_told() -> None:
    text = f"""\
x-all: &all
  API_KEY: {REAL}
services:
  a: {{environment: *all}}
  b:
    environment: {{<<: *all, A: 1}}
"""

    assert set(lines(list(docker.look_compose("compose.yml", text.encode())))) == {2}


def test_each_secret_of_a_line_of_variables_is_told_and_comments_are_not() -> None:
    text = f'{{"region":"eu","db_password":"{REAL}"}}\n# token = "{REAL}"\ndb = {{ user = "a", password = "{REAL}" }}\n'

    assert lines(list(terraform.look("prod.tfvars.json", text.encode()))) == [1, 3]
    assert list(terraform.look("a.tfvars.json", b'{"db_password":"ENC[AES256_GCM,data:x,type:str]"}')) == []
    assert list(terraform.look_name("plans/tfplan"))


def test_what_terraform_has_in_clear_and_what_it_would_show_are_told() -> None:
    text = f"""\
        variable "db_password" {{
          type    = string
          default = "{REAL}"
        }}
        variable "api_token" {{
          type      = string
          sensitive = true
        }}
        variable "region" {{
          default = "eu"
        }}
        resource "aws_ecs_task_definition" "a" {{
          container_definitions = jsonencode([{{
            environment = [
              {{ name = "API_KEY", value = "{REAL}" }},
              {{ name = "DB_PASSWORD", value = var.db_password }},
              {{
                name  = "TOKEN"
                value = "{REAL}"
              }},
            ]
          }}])
        }}
        """
    data = dedent(text).encode()

    assert sorted(lines(list(terraform.look_configuration("main.tf", data)))) == [3, 15, 18]
    assert lines(list(terraform.insensitive("main.tf", data))) == [1]


TASK = """\
{
\t"family": "app",
\t"containerDefinitions": [{
\t\t"name": "app",
\t\t"environment": [
\t\t\t{"name": "DB_PASSWORD", "value": "REAL"},
\t\t\t{"name": "DB_PASSWORD_FILE", "value": "/run/x"},
\t\t\t{"name": "URL", "value": "postgres://app:REAL@db/app"}
\t\t],
\t\t"secrets": [{"name": "API_KEY", "valueFrom": "arn:aws:secretsmanager:eu-west-1:000000000000:secret:x"}]
\t}]
}
"""
STACK = """\
Resources:
  Task:
    Properties:
      ContainerDefinitions:
        - Environment:
            - Name: API_TOKEN
              Value: REAL
            - Name: OTHER_TOKEN
              Value: !Ref Token
"""
DEPLOYMENT = """\
kind: Deployment
spec:
  template:
    spec:
      containers:
        - name: app
          env:
            - name: API_KEY
              value: REAL
            - name: DB_PASSWORD
              valueFrom: {secretKeyRef: {name: db, key: password}}
            - name: SESSION_SECRET
              value: {{ .Values.secret | quote }}
"""


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [("task.json", TASK, [6, 8]), ("stack.yaml", STACK, [7]), ("app.yaml", DEPLOYMENT, [9])],
    ids=["ecs", "cloudformation", "helm"],
)
def test_variables_of_containers_are_told_and_references_are_not(path: str, text: str, expected: list[int]) -> None:
    data = text.replace("REAL", REAL).encode()

    assert containers.may_be_one(path, data)
    assert lines(list(containers.look(path, data))) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("kind: Secret\ndata:\n  a: {{ .Values.a | b64enc | quote }}\n  b: REAL\n", [4]),
        (
            "{{- if .a }}\nkind: Secret\ndata:\n  {{- range .x }}\n  {{ .k }}: {{ .v }}\n  {{- end }}\n{{- end }}\n",
            [],
        ),
        ("kind: Secret\ndata:\n  x{{ end }}: y: z\nother:\n  d: REAL\n", []),
        ("kind: Secret\ndata:\n  x{{ end }}: y: z\n  d: REAL\n", [4]),
        ("kind: Secret\ndata:\n  ca.crt: REAL\n", []),
    ],
    ids=["one-literal", "references", "no-yaml", "no-yaml-and-a-literal", "certificate"],
)
def test_a_template_of_a_secret_is_told_where_it_has_a_value_of_its_own(text: str, expected: list[int]) -> None:
    assert lines(list(manifests.look("a.yaml", text.replace("REAL", REAL).encode()))) == expected


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
