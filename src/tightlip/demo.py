"""A small repository with invented secrets in the places where they hide, to try a history scan on.

`python -m tightlip.demo DIR` makes it. The same commits come out on every machine: values, names and dates are pinned.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from tightlip import notation
from tightlip.errors import GitError, NoGit, TightlipError, UsageError

_START, _STEP = 1_709_542_800, 93_600  # 2024-03-04 09:00 UTC, and a day and two hours between steps
_SHOP = 'TITLE = "Shop"\n\n\ndef main() -> None:\n    print(TITLE)\n'


class Planted(NamedTuple):
    """A secret in the demo: where a person would have to look for it, and its value."""

    where: str
    value: str


class _Repository:
    """Git in a folder, with a clock that only moves when told to, and none of the user's configuration."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.seconds = folder, _START
        folder.mkdir(parents=True, exist_ok=True)
        self.git("init", "--quiet", "--initial-branch=main")

    def git(self, *args: str, fails: bool = False) -> None:
        keep = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        date = f"{self.seconds} +0000"
        who = {"GIT_AUTHOR_NAME": "Dana Demo", "GIT_AUTHOR_EMAIL": "dana@shop.example", "GIT_AUTHOR_DATE": date}
        who |= {name.replace("AUTHOR", "COMMITTER"): value for name, value in who.items()}
        alone = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "LC_ALL": "C"}
        try:
            done = subprocess.run(
                ["git", *args], cwd=self.folder, env=keep | who | alone, capture_output=True, check=False
            )
        except FileNotFoundError:
            raise NoGit("git was not found: install it, or put it on the PATH") from None
        if done.returncode and not fails:
            said = (done.stderr or done.stdout).decode("utf-8", "replace").strip().splitlines()
            raise GitError(f"git {args[0]} failed in {self.folder}: {said[0] if said else 'it said nothing'}")

    def write(self, path: str, content: str | bytes) -> None:
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())

    def commit(self, message: str, *options: str) -> None:
        self.seconds += _STEP
        self.git("add", "--all")
        self.git("commit", "--quiet", "--no-verify", f"--message={message}", *options)


def make(folder: str | os.PathLike[str]) -> list[Planted]:
    """Make the repository in `folder`, which must be empty or not there yet, and return what was hidden in it.

    Raises `UsageError` where the folder holds something, `GitError` where git fails.
    """
    path = Path(folder)
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise UsageError(f"{path}: is not an empty folder; name one that is not there yet")
    repo = _Repository(path)
    repo.write("README.md", "# Shop\n\nSells things.\n")
    repo.write("shop.py", _SHOP)
    repo.commit("A shop")
    return [
        _deleted(repo),
        *_deleted_file(repo),
        _merge_resolution(repo),
        _tag_message(repo),
        _amended_away(repo),
        _utf16(repo),
        _stash(repo),
    ]


def _invent(form: str, seed: str) -> str:
    return notation.expand(form, f"demo:{seed}")[0]


def _deleted(repo: _Repository) -> Planted:
    key = _invent("sk_¦live_[0-9A-Za-z]{24}", "payment")
    repo.write("config/settings.py", f'CURRENCY = "EUR"\nSTRIPE_KEY = "{key}"\n')
    repo.commit("Take payments")
    repo.write("config/settings.py", 'import os\n\nCURRENCY = "EUR"\nSTRIPE_KEY = os.environ["STRIPE_KEY"]\n')
    repo.commit("Read the payment key from the environment")
    return Planted("config/settings.py, deleted in the next commit", key)


def _deleted_file(repo: _Repository) -> list[Planted]:
    number = _invent("AK¦IA[A-Z2-7]{16}", "cloud id")
    secret = _invent("[0-9A-Za-z]{40}", "cloud secret")
    repo.write("deploy/aws.env", f"AWS_ACCESS_KEY_ID={number}\nAWS_SECRET_ACCESS_KEY={secret}\n")
    repo.commit("Deploy from a script")
    repo.git("rm", "--quiet", "deploy/aws.env")
    repo.commit("Deploy with a role, not with keys")
    return [Planted(f"deploy/aws.env, line {line}; the file is gone", it) for line, it in ((1, number), (2, secret))]


def _merge_resolution(repo: _Repository) -> Planted:
    token = _invent("glpat-[0-9A-Za-z]{20}", "forge")
    repo.git("switch", "--quiet", "--create", "reports")
    repo.write("shop.py", _SHOP.replace("Shop", "Shop with reports"))
    repo.commit("Reports")
    repo.git("switch", "--quiet", "main")
    repo.write("shop.py", _SHOP.replace("Shop", "The shop"))
    repo.commit("A better title")
    repo.git("merge", "--quiet", "reports", fails=True)  # the conflict is wanted
    repo.write("shop.py", f'GITLAB_TOKEN = "{token}"\n' + _SHOP.replace("Shop", "The shop with reports"))
    repo.commit("Merge branch 'reports'")
    repo.write("shop.py", _SHOP.replace("Shop", "The shop with reports"))
    repo.commit("Tidy up")
    return Planted("shop.py, written while a merge conflict was resolved: in neither parent", token)


def _tag_message(repo: _Repository) -> Planted:
    form = "postgres¦ql://shop:«[0-9A-Za-z]{18}»@db.shop.internal/orders"
    url, (password,) = notation.expand(form, "demo:database")
    repo.git("tag", "--annotate", "v1.0", f"--message=First release, smoke-tested on {url}")
    return Planted("the message of the tag v1.0", password)


def _amended_away(repo: _Repository) -> Planted:
    token = _invent("xox¦b-[0-9]{12}-[0-9]{12}-[0-9A-Za-z]{24}", "chat")
    repo.write("notify.py", f'TOKEN = "{token}"\n')
    repo.commit("Tell the team about orders")
    repo.write("notify.py", 'import os\n\nTOKEN = os.environ["CHAT_TOKEN"]\n')
    repo.commit("Tell the team about orders", "--amend")
    return Planted("notify.py, amended away: no branch reaches it, the reflog does", token)


def _utf16(repo: _Repository) -> Planted:
    key = _invent("SG¦.[0-9A-Za-z]{22}.[0-9A-Za-z]{43}", "mail")
    repo.write("ops/mail.ini", f"\ufeff[mail]\r\nkey = {key}\r\n".encode("utf-16-le"))
    repo.commit("Settings for the mail server")
    return Planted("ops/mail.ini, in UTF-16, and still there", key)


def _stash(repo: _Repository) -> Planted:
    token = _invent("dop_v1_[0-9a-f]{64}", "hosting")
    repo.write("README.md", f"# Shop\n\nSells things.\n\n    export DIGITALOCEAN_TOKEN={token}\n")
    repo.seconds += _STEP
    repo.git("stash", "push", "--quiet")
    return Planted("README.md, in the stash only", token)


def main(argv: list[str]) -> int:
    """Make the demo in the folder that `argv` names, say what is hidden where, and return the exit code."""
    if len(argv) != 1:
        sys.stderr.write("usage: python -m tightlip.demo DIR\n")
        return 2
    try:
        planted = make(argv[0])
    except TightlipError as error:
        sys.stderr.write(f"tightlip: error: {error}\n")
        return 2
    lines = [
        f"Made {argv[0]}, a repository with {len(planted)} invented secrets:",
        *(f"  {it.where}" for it in planted),
    ]
    sys.stdout.write("\n".join(lines) + "\n\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
