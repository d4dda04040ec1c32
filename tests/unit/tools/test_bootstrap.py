"""The set-up's first step finds a Python, or says in one line what to install."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from local.settings import ROOT

PRETENDING = """#!/bin/sh
exec {real} -c "
import importlib.util, sys
sys.version_info = {version}
importlib.util.find_spec = lambda name: name in {modules}
exec(sys.argv[1])" "$2"
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    (tmp_path / "tools").mkdir()
    (tmp_path / "bin").mkdir()
    shutil.copy(ROOT / "tools" / "bootstrap.sh", tmp_path / "tools")
    for tool in ("sh", "dirname", "rm", "mv", "touch", "mkdir"):
        (tmp_path / "bin" / tool).symlink_to(str(shutil.which(tool)))
    return tmp_path


def _command(checkout: Path, name: str, text: str) -> None:
    path = checkout / "bin" / name
    path.write_text(text)
    path.chmod(0o755)


def _python(checkout: Path, version: tuple[int, int], modules: list[str]) -> None:
    text = PRETENDING.format(real=sys.executable, version=version, modules=modules)
    _command(checkout, "python3", text)


def _bootstrap(checkout: Path) -> tuple[int, list[str]]:
    done = subprocess.run(
        [str(checkout / "bin" / "sh"), "tools/bootstrap.sh"],
        cwd=checkout,
        env={"PATH": str(checkout / "bin"), "HOME": str(checkout)},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stderr.splitlines()


def test_without_any_python_one_line_says_what_to_install(checkout: Path) -> None:
    status, (line,) = _bootstrap(checkout)
    assert status == 1
    assert "install Python 3.13" in line


def test_a_python_that_is_too_old_counts_as_none(checkout: Path) -> None:
    _python(checkout, (3, 8), ["pip"])
    status, (line,) = _bootstrap(checkout)
    assert status == 1
    assert "install Python 3.13" in line


def test_without_pip_and_venv_one_line_names_the_package(checkout: Path) -> None:
    _python(checkout, (3, 11), [])
    status, (line,) = _bootstrap(checkout)
    assert status == 1
    assert "apt install python3-venv" in line


def test_when_the_download_fails_one_line_says_what_to_do(checkout: Path) -> None:
    _python(checkout, (3, 11), ["pip"])
    _command(checkout, "uv", "#!/bin/sh\necho 'three lines\nof trouble' >&2\nexit 2\n")
    status, (line,) = _bootstrap(checkout)
    assert status == 1
    assert "BASE_PYTHON=" in line


def test_a_python_3_13_that_is_there_is_taken(checkout: Path) -> None:
    _python(checkout, (3, 13), [])
    _command(checkout, "uv", "#!/bin/sh\nmkdir -p .venv/bin\necho $* >>asked\n")
    assert _bootstrap(checkout) == (0, [])
    environment, packages = (checkout / "asked").read_text().splitlines()
    assert environment == f"venv -q --python {sys.executable} .venv"
    assert packages.startswith("pip install")
    assert "--require-hashes" in packages
