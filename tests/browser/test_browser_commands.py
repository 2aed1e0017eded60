"""The commands that the page shows do what it says, in a shell, in a repository that really holds the secret."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import tightlip
from tightlip import demo

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from conftest import Open

pytestmark = [
    pytest.mark.xdist_group("browser"),
    pytest.mark.slow,
    pytest.mark.skipif(os.name == "nt", reason="the commands are for a POSIX shell"),
]


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The program is on the PATH."""
    script = tmp_path / "bin" / "tightlip"
    script.parent.mkdir()
    script.write_text(f"#!{sys.executable}\nimport sys\nfrom tightlip.cli import main\nsys.exit(main())\n", "utf-8")
    script.chmod(0o755)
    monkeypatch.setenv("PATH", os.pathsep.join([str(script.parent), os.environ["PATH"]]))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(sys.path))


def run(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["sh", "-c", command], cwd=folder, capture_output=True, text=True, check=False)


def commands(page: Page, name: str) -> list[str]:
    """What the page has to paste for the secret of this name."""
    page.locator("#rows .open", has_text=name).first.click()
    return page.locator("#detail pre").all_inner_texts()


def test_they_tell_plan_and_allow(show: Open, shell: None, tmp_path: Path) -> None:
    shop = tmp_path / "it's a shop; $HOME"
    demo.make(shop)
    incident, purge, allow = commands(show(tightlip.scan_history(shop)), "Stripe secret key")

    told = run(incident, tmp_path)
    assert "Stripe secret key" in told.stdout, told.stderr
    done = run(purge, tmp_path)
    assert "config/settings.py" in done.stdout, done.stderr
    assert (tmp_path / "plan.json").exists()

    before = len(tightlip.scan_history(shop).findings)
    run(allow, shop)
    git = ["git", "-C", str(shop)]
    subprocess.run([*git, "add", ".tightlipignore"], check=True)
    after = run("tightlip scan-history -q", shop)
    assert len(after.stdout.splitlines()) == before - 1
    assert "config/settings.py" not in after.stdout


def test_the_comment_allows_what_it_is_about(show: Open, shell: None, tmp_path: Path) -> None:
    shop = tmp_path / "shop"
    planted = demo.make(shop)
    key = next(it.value for it in planted if it.value.startswith("sk_"))
    file = shop / "new.js"
    file.write_text(f'const key = "{key}";\n', "utf-8")
    subprocess.run(["git", "-C", str(shop), "add", "new.js"], check=True)
    comment, _ = commands(show(tightlip.scan_staged(shop)), "Stripe secret key")

    assert comment.startswith("// ")
    file.write_text(f"{comment}\n{file.read_text('utf-8')}", "utf-8")
    subprocess.run(["git", "-C", str(shop), "add", "new.js"], check=True)
    assert tightlip.scan_staged(shop).findings == ()
