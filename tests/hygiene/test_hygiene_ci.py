"""CI files: what prints a secret, runs a stranger's code beside it, or has one in an include, an alias, a default."""

from __future__ import annotations

from textwrap import dedent

import pytest

from tightlip.hygiene import ci, tree

REAL = "q8Vt3" + "Zr7Lm2Xw9Pk"
WORKFLOW = ".github/workflows/a.yml"


def told(path: str, text: str, whose: str = "") -> list[int]:
    found = list(ci.look(path, dedent(text).replace("REAL", REAL).encode(), whose))
    assert REAL not in str(found)
    return sorted({int(it.where.rpartition(":")[2]) for it in found})


@pytest.mark.parametrize(
    "line",
    [
        'echo "$TOKEN"',
        'echo "$TOKEN" 2>&1',
        'echo "$TOKEN" >&2',
        'echo "$TOKEN" > /dev/stderr',
        'echo "$TOKEN" | base64',
        'echo "$TOKEN" | sed s/./x/',
        'echo "$TOKEN" | tee file',
        'echo done; echo "$TOKEN"',
        'echo "$TOKEN/a:+b"',
        'make || echo "${{ secrets.API_KEY }}"',
        "printf '%s' \"${TOKEN:0:4}\"",
        "env | sort",
        "export -p",
        "printenv && make",
        'set -ex; curl -H "X: $TOKEN" x',
    ],
)
def test_what_a_script_prints_is_told(line: str) -> None:
    assert told(WORKFLOW, f"on: push\nenv: {{A: '${{{{ secrets.A }}}}'}}\nruns:\n  run: |\n    {line}\n") == [5]


@pytest.mark.parametrize(
    "line",
    [
        'echo "$TOKEN" > file',
        'echo "$TOKEN" | docker login --password-stdin',
        'X=$(echo -n "$USER:$PASSWORD" | base64)',
        'echo "TOKEN=$TOKEN" >> "$GITHUB_ENV"',
        'echo "$TOKEN_FILE ${TOKEN:+is set} ${#TOKEN}"',
        "echo '$TOKEN is not put in here'",
        "set -ex",
        "set -x; make; set +x; login $TOKEN",
        "env FOO=1 make",
        'echo "::add-mask::$TOKEN"',
        "make # echo of nothing",
    ],
)
def test_what_goes_elsewhere_or_is_no_value_is_not(line: str) -> None:
    assert told(WORKFLOW, f"on: push\nenv: {{A: '${{{{ secrets.A }}}}'}}\nruns:\n  run: |\n    {line}\n") == []


def test_all_variables_may_be_printed_where_a_workflow_has_no_secret() -> None:
    assert told(WORKFLOW, "on: push\njobs: {a: {steps: [{run: env}, {run: 'x ${{ secrets.GITHUB_TOKEN }}'}]}}\n") == []


def strangers(on: str, step: str, job: str = "") -> list[int]:
    return told(WORKFLOW, f"on:\n{on}\njobs:\n  a:\n    env: {{X: 1}}\n{job}    steps:\n      - {step}\n")


HEAD = "${{ github.event.pull_request.head.sha }}"


@pytest.mark.parametrize(
    ("on", "step"),
    [
        ("  pull_request_target:", f"{{uses: actions/checkout@v4, with: {{ref: '{HEAD}'}}}}"),
        ("  [pull_request_target, push]", f"{{uses: actions/checkout@v4, with: {{ref: '{HEAD}'}}}}"),
        (
            "  workflow_run: {workflows: [a]}",
            "{uses: actions/checkout@v4, with: {ref: '${{ github.event.workflow_run.head_sha }}'}}",
        ),
        ("  pull_request_target:", f"{{run: 'git fetch origin {HEAD}'}}"),
        ("  pull_request_target:", f"{{run: 'git checkout $REF', env: {{REF: '{HEAD}'}}}}"),
        ("  pull_request_target:", "{run: 'gh pr checkout 1'}"),
        (
            "  pull_request_target:",
            "{uses: actions/checkout@v4, with: {ref: 'refs/pull/${{ github.event.number }}/merge'}}",
        ),
    ],
    ids=["null", "list", "workflow-run", "fetch", "variable", "gh", "merge"],
)
def test_a_strangers_code_beside_secrets_is_told(on: str, step: str) -> None:
    assert len(strangers(on, step)) == 1


@pytest.mark.parametrize(
    ("on", "step", "job"),
    [
        ("  pull_request:", f"{{uses: actions/checkout@v4, with: {{ref: '{HEAD}'}}}}", ""),
        ("  pull_request_target:", f"{{run: 'gh api statuses/{HEAD}'}}", ""),
        ("  pull_request_target:", f"{{uses: x/labeler@v1, with: {{ref: '{HEAD}'}}}}", ""),
        (
            "  pull_request_target:",
            f"{{uses: actions/checkout@v4, with: {{ref: '{HEAD}'}}}}",
            "    if: github.event.pull_request.head.repo.full_name == github.repository\n",
        ),
    ],
    ids=["own-token", "status", "labels", "own-branches"],
)
def test_a_workflow_that_runs_no_strangers_code_is_not(on: str, step: str, job: str) -> None:
    assert strangers(on, step, job) == []


def test_secrets_for_reusable_workflows_defaults_and_credentials_are_read() -> None:
    text = """\
        on:
          workflow_call:
            inputs:
              api_token:
                description: the token of it
                default: REAL
            secrets:
              token: {required: true}
        jobs:
          a:
            uses: ./.github/workflows/b.yml
            secrets:
              token: REAL
          b:
            uses: ./.github/workflows/b.yml
            secrets: inherit
          c:
            container:
              credentials:
                username: ada
                password: REAL
    """
    assert told(WORKFLOW, text) == [6, 13, 21]


def test_a_composite_action_is_read_like_a_workflow() -> None:
    text = """\
        inputs:
          token: {description: the token, required: true}
        runs:
          using: composite
          steps:
            - run: echo "${{ inputs.token }}"
              shell: bash
            - run: echo "$API_TOKEN"
              shell: bash
              env: {API_TOKEN: "${{ inputs.token }}"}
    """
    assert told("tools/setup/action.yml", text) == [6, 8]


def test_what_an_alias_brings_in_counts_where_it_is_brought() -> None:
    text = "x-all: &all\n  DB_PASSWORD: REAL\njob:\n  variables: *all\nother:\n  variables:\n    <<: *all\n"

    assert told(".gitlab-ci.yml", text) == [2]


def test_gitlab_files_are_known_by_name_or_by_include() -> None:
    text = """\
        include:
          - /ci/build.yml
          - local: ci/jobs/*.yml
          - remote: https://example.org/x.yml
          - project: a/b
            file: /y.yml
        child:
          trigger:
            include:
              - local: ci/child.yml
    """
    assert ci.includes(dedent(text).encode()) == ["ci/build.yml", "ci/jobs/*.yml", "ci/child.yml"]
    assert ci.includes(b"include: a.yml\n") == ["a.yml"]
    assert ci.platform("templates/build.gitlab-ci.yml") == ci.GITLAB
    assert told("ci/build.yml", "variables:\n  API_KEY: REAL\n", ci.GITLAB) == [2]


def test_a_value_with_a_dollar_sign_in_it_is_no_reference() -> None:
    value = "q8Vt3$" + "r7Lm2Xw9Pk"

    assert told(WORKFLOW, f"env:\n  DB_PASSWORD: {value}\n  API_KEY: $API_KEY\n  TOKEN: pre-$CI_TOKEN\n") == [2]


@pytest.mark.parametrize(
    "data",
    [
        "a: &a ["
        + "x, " * 50
        + "x]\n"
        + "".join(f"{b}: &{b} [{', '.join([f'*{a}'] * 50)}]\n" for a, b in ("ab", "bc", "cd")),
        "env: &x\n  y: *x\n",
    ],
    ids=["bomb", "cycle"],
)
def test_a_file_that_aliases_blow_up_is_refused_and_not_taken_for_clean(data: str) -> None:
    with pytest.raises(tree.NotYaml):
        list(ci.look(WORKFLOW, data.encode()))
