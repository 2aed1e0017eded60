"""The rules that are read when tightlip is built: the same as those in the rule files, or not used."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import tightlip
from tightlip.builtin import PREPARED as NAME
from tightlip.prepared import MADE_BY

RULES = """
provider: Acme
rules:
  - id: acme-token
    name: Acme token
    severity: high
    confidence: high
    pattern: '(?P<secret>acme_[0-9a-z]{12})\\xff{0,2}'
    path: '\\.env$'
    allow: ['acme_0{12}']
    requires: {rule: acme-id, within: 3}
    remediation: [Revoke it.]
    examples: {match: ['«acme_[0-9a-z]{12}»']}
  - id: acme-id
    name: Acme id
    severity: low
    confidence: 0.2
    pattern: '(?i)acme-id=(?P<secret>[0-9]{6})'
    entropy: 1.5
    remediation: [Nothing.]
    examples: {match: ['acme-id=«[0-9]{6}»']}
"""
SHOW = """
import json, sys
sys.path.insert(0, sys.argv[1])
from tightlip import necessary, prepared, rules
known, read = prepared.load(), rules.load_rules()
loaded = prepared.load_rules()
print(json.dumps({
    "used": len(known.rules),
    "rules are the same": loaded == read,
    "parts are the same": all(known.parts[rule.pattern] == necessary.of(rule.pattern) for rule in known.rules),
    "samples": [len(known.samples[rule.pattern]) for rule in known.rules],
    "modules": sorted(name for name in sys.modules if name.startswith("tightlip.")),
}))
"""


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """A copy of the package with rules of its own, and what was made of these."""
    source = Path(tightlip.__file__).parent
    ignored = shutil.ignore_patterns("__pycache__", NAME, "patterns")
    shutil.copytree(source, tmp_path / "tightlip", ignore=ignored)
    (tmp_path / "tightlip/patterns").mkdir()
    (tmp_path / "tightlip/patterns/acme.yaml").write_text(RULES, "utf-8")
    write = "import sys; sys.path.insert(0, sys.argv[1]); from tightlip import prepared; prepared.write(sys.argv[2])"
    python(write, tmp_path, tmp_path / "tightlip" / NAME)
    return tmp_path


def python(code: str, *args: Path) -> str:
    command = [sys.executable, "-I", "-B", "-c", code, *map(str, args)]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_what_was_prepared_is_what_the_rule_files_say(installed: Path) -> None:
    shown = json.loads(python(SHOW, installed))
    assert shown["used"] == 2
    assert shown["rules are the same"]
    assert shown["parts are the same"]
    assert shown["samples"] == [8, 8]


def test_every_module_that_has_a_part_in_it_is_watched(installed: Path) -> None:
    modules = json.loads(python(SHOW, installed))["modules"]
    deciding = {name.split(".")[1] for name in modules}
    assert deciding == {name.removesuffix(".py") for name in MADE_BY} | {"necessary"}


def change(name: str) -> Callable[[Path], object]:
    return lambda package: (package / name).write_bytes((package / name).read_bytes() + b"\n# changed\n")


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(change("patterns/acme.yaml"), id="a rule file was changed"),
        pytest.param(
            lambda package: (package / "patterns/acme.yaml").rename(package / "patterns/b.yaml"), id="renamed"
        ),
        pytest.param(
            lambda package: (package / "patterns/new.yml").write_text(RULES.replace("acme", "other"), "utf-8"),
            id="added",
        ),
        pytest.param(change("rules.py"), id="rules are read in another way"),
        pytest.param(change("necessary/cut.py"), id="patterns are cut down in another way"),
        pytest.param(change(NAME), id="it is damaged"),
        pytest.param(lambda package: (package / NAME).write_bytes(b"\xff"), id="it is something else"),
        pytest.param(lambda package: (package / NAME).unlink(), id="it is not there"),
    ],
)
def test_it_is_not_used_once_anything_differs(installed: Path, spoil: Callable[[Path], object]) -> None:
    spoil(installed / "tightlip")
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); from tightlip import prepared as it; print(len(it.load().rules))"
    )
    assert python(code, installed) == "0\n"
    assert python(code.replace("it.load()", "it.load_rules()"), installed) in {"2\n", "4\n"}
