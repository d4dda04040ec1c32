"""What a build must not get away with."""

import runpy
import struct
from pathlib import Path

import pytest

from tools import artefacts, probe

TRIM = runpy.run_path(str(Path(__file__).parents[3] / "layers" / "common" / "trim.py"))


def elf(machine: int, order: str = "<") -> bytes:
    """An ELF header: magic, 64 bit, byte order, version, ..., type, machine, ..."""
    ident = b"\x7fELF\2" + (b"\1" if order == "<" else b"\2") + b"\1"
    return struct.pack(f"{order}16sHH44x", ident, 3, machine)


@pytest.fixture
def build(tmp_path: Path) -> Path:
    """An arm64 build with a layer, a function, and files that are no ELF."""
    for name, data in {
        "CommonLayer/python/right.so": elf(183),
        "CommonLayer/python/data.json": b"{}",
        "CommonLayer/python/short.so": b"\x7fELF",
        "HealthFunction/app.py": b"",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(data)
    return tmp_path


def complaints(build: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """What the check says of an arm64 build, which it can't import on an x86_64 machine."""
    status = artefacts.main([str(build), "arm64"])
    said = capsys.readouterr().err
    assert status == (1 if said else 0)
    return said


@pytest.fixture(autouse=True)
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(artefacts, "runs_here", lambda _: False)


def test_a_build_of_one_architecture_passes(
    build: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert complaints(build, capsys) == ""


@pytest.mark.parametrize("name", ["CommonLayer/bin/ffmpeg", "HealthFunction/deep/down/x.so"])
def test_a_file_for_another_machine_is_named(
    build: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    (build / name).parent.mkdir(parents=True, exist_ok=True)
    (build / name).write_bytes(elf(62))
    assert f"{name}: made for x86_64, not arm64" in complaints(build, capsys)


def test_a_machine_that_lambda_does_not_have_is_named_by_its_number(
    build: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (build / "CommonLayer" / "big.so").write_bytes(elf(22, ">"))
    assert "made for machine 22" in complaints(build, capsys)


def test_a_build_above_lambdas_limit_fails(
    build: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(artefacts, "UNZIPPED_LIMIT_MB", 0.00001)
    assert "is more than 1e-05 MB" in complaints(build, capsys)


def test_the_test_suite_in_an_artefact_fails(
    build: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (build / "CommonLayer" / "python" / "moto").mkdir()
    assert "moto: does not belong here" in complaints(build, capsys)


def test_clients_and_late_imports_are_found_in_the_code(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(
        'import os\ndef f():\n    from boto3.s3 import transfer\n    return client("sqs").send()\n'
    )
    assert probe.services(tmp_path) == {"sqs"}
    assert probe.imported_names(tmp_path) == {("os", ""), ("boto3.s3", "transfer")}


def test_trimming_takes_what_is_never_read_and_leaves_licences(tmp_path: Path) -> None:
    gone = ["bin/tool", "botocore/data/ec2/x.json", "boto3/data/x", "boto3/examples/s3.rst"]
    gone += ["PIL/_avif.so", "pillow.libs/libavif-1.so", "certifi/tests/test_x.py", "a/b.pyi"]
    kept = ["botocore/client.py", "a-1.0.dist-info/licenses/LICENSE", "pillow.libs/libwebp-1.so"]
    for name in gone + kept:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("1")
    assert TRIM["trim"](tmp_path) == len(gone)
    left = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    assert left == set(kept)


def test_trimming_says_when_there_is_nothing_to_trim_any_more(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="mend UNREAD"):
        TRIM["trim"](tmp_path)
