"""Where findings are shown: in the log, beside the files and on the page of the build, as each platform reads them."""

from __future__ import annotations

import json
import os
import re
import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path

import pytest
from forge import Forge, Ids, Job, git, github, pull_request

from tightlip.ci import telling

Make = Callable[..., Ids]
HEADLINE = "1 secret in the history (1 critical)"


@pytest.fixture
def clone(forge: Forge, ids: Make, tmp_path: Path) -> Path:
    return forge.clone(tmp_path / "clone", ids().head)


@pytest.fixture
def env(clone: Path) -> dict[str, str]:
    """What a job of any platform but GitHub is told of the request; each reads its own."""
    head = git(clone, "rev-parse", "HEAD")
    return {
        "CI_PIPELINE_SOURCE": "push",
        "CI_COMMIT_BRANCH": "feature",
        "CI_DEFAULT_BRANCH": "main",
        "BUILD_REASON": "IndividualCI",
        "BUILD_SOURCEBRANCH": "refs/heads/feature",
        "GIT_BRANCH": "origin/feature",
        "BITBUCKET_BRANCH": "feature",
        "BITBUCKET_COMMIT": head,
        "CIRCLE_BRANCH": "feature",
        "BUILDKITE_BRANCH": "feature",
    }


def test_github_gets_annotations_the_text_and_a_summary(forge: Forge, ids: Make, job: Job, tmp_path: Path) -> None:
    made = ids()
    clone = forge.clone(tmp_path / "clone", made.merge)
    summary = tmp_path / "summary.md"
    summary.write_text("# of an earlier command\n", "utf-8")

    done = job(clone, github(tmp_path, "pull_request", pull_request(made)))

    lines = done.out.splitlines()
    assert lines[0].startswith("::error file=conf/x.env,line=1,endLine=1,col=7,")
    (stop,) = (number for number, line in enumerate(lines) if line.startswith("::stop-commands::"))
    assert lines[stop + 1] == f"✖ {HEADLINE}"
    assert lines[-1] == f"::{lines[stop].rpartition('::')[2]}::"
    assert summary.read_text("utf-8").startswith(f"# of an earlier command\n## tightlip: {HEADLINE}\n")


def test_a_summary_that_does_not_fit_is_left_out_and_told(forge: Forge, ids: Make, job: Job, tmp_path: Path) -> None:
    made = ids()
    clone = forge.clone(tmp_path / "clone", made.merge)
    summary = tmp_path / "summary.md"
    summary.write_bytes(b"." * ((1 << 20) - 100))

    done = job(clone, github(tmp_path, "pull_request", pull_request(made)))

    assert done.code == 1
    assert "the summary does not fit into what GitHub takes of a step" in done.err
    assert summary.stat().st_size == (1 << 20) - 100


def test_gitlab_gets_the_text_and_its_own_report(clone: Path, env: dict[str, str], job: Job) -> None:
    done = job(clone, env | {"GITLAB_CI": "true"})

    assert done.code == 1
    assert done.out.startswith(f"✖ {HEADLINE}\n")
    report = json.loads((clone / "gl-secret-detection-report.json").read_text("utf-8"))
    assert [it["location"]["file"] for it in report["vulnerabilities"]] == ["conf/x.env"]


FILES = {
    "jenkins": ({"JENKINS_URL": "x"}, "tightlip-junit.xml"),
    "circleci": ({"CIRCLECI": "true"}, "tightlip-junit.xml"),
    "bitbucket": ({"BITBUCKET_BUILD_NUMBER": "1"}, "test-results/tightlip-junit.xml"),
}


@pytest.mark.parametrize("name", FILES)
def test_the_others_get_the_text_and_tests_results(name: str, clone: Path, env: dict[str, str], job: Job) -> None:
    sign, file = FILES[name]

    done = job(clone, env | sign)

    assert done.code == 1
    assert done.out.startswith(f"✖ {HEADLINE}\n")
    assert len(ET.parse(clone / file).findall(".//failure")) == 1  # noqa: S314 - our own


def test_azure_gets_issues_and_a_summary_to_upload(clone: Path, env: dict[str, str], job: Job, tmp_path: Path) -> None:
    done = job(clone, env | {"TF_BUILD": "True", "AGENT_TEMPDIRECTORY": str(tmp_path)})

    assert done.code == 1
    assert "##vso[task.logissue type=error;sourcepath=conf/x.env;linenumber=1;" in done.out
    assert f"✖ {HEADLINE}" in done.out
    (uploaded,) = re.findall(r"^##vso\[task\.uploadsummary\](.+)$", done.out, re.MULTILINE)
    assert Path(uploaded).read_text("utf-8").startswith(f"## tightlip: {HEADLINE}")


@pytest.fixture
def agent(tmp_path: Path) -> dict[str, str]:
    """A buildkite-agent that keeps what it is given."""
    program = tmp_path / "bin" / "buildkite-agent"
    program.parent.mkdir()
    kept = tmp_path / "annotation"
    program.write_text(
        f"#!{sys.executable}\nimport sys\n"
        f"open({str(kept)!r}, 'w').write(' '.join(sys.argv[1:]) + '\\n' + sys.stdin.read())\n",
        "utf-8",
    )
    program.chmod(0o755)
    return {"BUILDKITE": "true", "PATH": f"{program.parent}{os.pathsep}{os.environ['PATH']}", "KEPT": str(kept)}


@pytest.mark.skipif(os.name == "nt", reason="the agent is a script")
def test_buildkite_gets_the_text_and_an_annotation(
    clone: Path, env: dict[str, str], agent: dict[str, str], job: Job
) -> None:
    done = job(clone, env | agent)

    assert done.code == 1
    assert done.out.startswith(f"✖ {HEADLINE}\n")
    kept = Path(agent["KEPT"]).read_text("utf-8")
    assert kept.startswith(f"annotate --style error --context tightlip\n## tightlip: {HEADLINE}\n")


@pytest.mark.skipif(os.name == "nt", reason="the agent is a script")
def test_buildkite_gets_no_annotation_of_a_clean_change(
    clone: Path, env: dict[str, str], agent: dict[str, str], job: Job
) -> None:
    assert job(clone, env | agent, "--scope", "result", "--head", "origin/main", "--base", "origin/main").code == 0
    assert not Path(agent["KEPT"]).exists()


def test_without_buildkites_program_the_log_is_all(clone: Path, env: dict[str, str], job: Job) -> None:
    assert telling.shutil.which("buildkite-agent") is None
    done = job(clone, env | {"BUILDKITE": "true"})

    assert done.code == 1
    assert done.err.count("\n") == 1


def test_a_report_in_a_file_comes_besides_what_github_shows(forge: Forge, ids: Make, job: Job, tmp_path: Path) -> None:
    made = ids()
    clone = forge.clone(tmp_path / "clone", made.merge)
    on_github = github(tmp_path, "pull_request", pull_request(made))

    done = job(clone, on_github, "--report", "sarif:tightlip.sarif", "--report", f"json:{tmp_path / 'r.json'}")

    assert done.code == 1
    assert done.out.startswith("::error file=conf/x.env,line=1,")
    assert f"\n✖ {HEADLINE}\n" in done.out
    assert (tmp_path / "summary.md").read_text("utf-8").startswith(f"## tightlip: {HEADLINE}\n")
    assert len(json.loads((clone / "tightlip.sarif").read_text("utf-8"))["runs"][0]["results"]) == 1
    assert len(json.loads((tmp_path / "r.json").read_text("utf-8"))["findings"]) == 1


def test_a_report_in_a_file_comes_besides_the_platforms_own_file(clone: Path, env: dict[str, str], job: Job) -> None:
    done = job(clone, env | {"GITLAB_CI": "true"}, "--report", "sarif:tightlip.sarif")

    assert done.code == 1
    assert done.out.startswith(f"✖ {HEADLINE}\n")
    assert json.loads((clone / "tightlip.sarif").read_text("utf-8"))["runs"][0]["results"]
    assert json.loads((clone / "gl-secret-detection-report.json").read_text("utf-8"))["vulnerabilities"]


def test_the_platforms_own_format_in_a_file_of_ones_own_is_written_once(
    clone: Path, env: dict[str, str], job: Job
) -> None:
    done = job(clone, env | {"JENKINS_URL": "x"}, "--report", "junit:results.xml")

    assert done.code == 1
    assert done.out.startswith(f"✖ {HEADLINE}\n")
    assert len(ET.parse(clone / "results.xml").findall(".//failure")) == 1  # noqa: S314 - our own
    assert not (clone / "tightlip-junit.xml").exists()


def test_a_report_to_the_log_takes_the_place_of_annotations_and_of_the_summary(
    forge: Forge, ids: Make, job: Job, tmp_path: Path
) -> None:
    made = ids()
    clone = forge.clone(tmp_path / "clone", made.merge)

    done = job(clone, github(tmp_path, "pull_request", pull_request(made)), "--report", "json")

    assert done.code == 1
    assert len(json.loads(done.out)["findings"]) == 1
    assert not (tmp_path / "summary.md").exists()


def test_a_report_to_the_log_takes_the_place_of_the_platforms_own(
    clone: Path, env: dict[str, str], job: Job, tmp_path: Path
) -> None:
    file = tmp_path / "report.sarif"

    done = job(clone, env | {"GITLAB_CI": "true"}, "--report", f"sarif:{file}", "--report", "markdown")

    assert done.code == 1
    assert done.out.startswith(f"## tightlip: {HEADLINE}")
    assert json.loads(file.read_text("utf-8"))["runs"]
    assert not (clone / "gl-secret-detection-report.json").exists()


def test_a_gap_is_in_the_platforms_own_report_too(clone: Path, env: dict[str, str], job: Job) -> None:
    done = job(clone, env | {"GITLAB_CI": "true"}, "--base", "12" * 20, "--head", "HEAD")

    assert done.code == 3
    report = json.loads((clone / "gl-secret-detection-report.json").read_text("utf-8"))
    assert report["scan"]["status"] == "failure"
    assert "GIT_DEPTH: 0" in str(report["scan"]["messages"])


def test_one_line_is_always_told(clone: Path, env: dict[str, str], job: Job, tmp_path: Path) -> None:
    for more in ([], ["-q"], ["--report", f"json:{tmp_path / 'r.json'}"]):
        done = job(clone, env | {"JENKINS_URL": "x"}, *more)
        assert done.err == "tightlip: Jenkins build: 2 commits, main..feature\n"
