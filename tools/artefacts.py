"""Checks what `sam build` made.

    python -m tools.artefacts .aws-sam/x86_64/build x86_64

Every ELF file is for the machine that it will run on; functions and layers are within Lambda's
limits; nothing in them is ours alone (tests, the local stack); and, on a machine that can run them,
`tools.probe` imports every handler, makes every AWS client and decodes pictures from the built
layer alone. Prints sizes; exits with 1 and says what is wrong.
"""

import platform
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

UNZIPPED_LIMIT_MB = 250
"""Function and all its layers, unzipped: Lambda quotas page."""
FORBIDDEN = ("tests", "local", "moto", "bench", "pytest", "awslambdaric", "imageio_ffmpeg")
ELF_MAGIC = b"\x7fELF"
ELF_HEADER_BYTES = 20
MACHINES = {"x86_64": 62, "arm64": 183}
"""`e_machine` by Lambda's name of the architecture: EM_X86_64 and EM_AARCH64 of elf.h."""
PROBE = Path(__file__).with_name("probe.py")
PROBE_SECONDS = 120


def size_mb(folder: Path) -> float:
    """Size of all files below a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6


def elf_machine(path: Path) -> int | None:
    """Returns the machine that an ELF file's header names; None for any other file."""
    with path.open("rb") as file:
        header = file.read(ELF_HEADER_BYTES)
    if len(header) < ELF_HEADER_BYTES or not header.startswith(ELF_MAGIC):
        return None
    return int.from_bytes(header[18:20], "big" if header[5] == 2 else "little")


def elves(folder: Path) -> Iterator[tuple[Path, int]]:
    """Yields every ELF file below a folder with its machine."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            machine = elf_machine(path)
            if machine is not None:
                yield path, machine


def foreign(folder: Path, architecture: str) -> list[str]:
    """ELF files for another machine than Lambda will run them on."""
    wanted, names = MACHINES[architecture], {number: name for name, number in MACHINES.items()}
    return [
        f"{path}: made for {names.get(machine, f'machine {machine}')}, not {architecture}"
        for path, machine in elves(folder)
        if machine != wanted
    ]


def intruders(folder: Path) -> list[str]:
    """Top-level modules that never belong into an artefact."""
    roots = [folder, folder / "python"]
    found = (root / name for root in roots for name in FORBIDDEN if (root / name).exists())
    return [f"{path}: does not belong here" for path in found]


def too_large(functions: list[Path], layers: list[Path]) -> list[str]:
    """Prints the sizes; what is above the limit if every layer were in the largest function."""
    for layer in layers:
        print(f"{layer.name:32} {size_mb(layer):7.1f} MB")
    in_layers = sum(map(size_mb, layers))
    largest = max(functions, key=size_mb)
    total = size_mb(largest) + in_layers
    print(f"{len(functions)} functions; the largest ({largest.name}) with all layers is")
    print(f"{'':32} {total:7.1f} MB unzipped, of {UNZIPPED_LIMIT_MB}")
    limit = UNZIPPED_LIMIT_MB
    return [f"{largest}: {total:.1f} MB is more than {limit} MB"] if total > limit else []


def runs_here(architecture: str) -> bool:
    """Returns whether this machine can run what was built."""
    machines = {"x86_64": "x86_64", "arm64": "aarch64"}
    return sys.platform == "linux" and platform.machine() == machines[architecture]


def unusable(build: Path) -> list[str]:
    """Returns what `tools.probe` could not do with the built layers and functions, and
    nothing else.
    """
    command = [sys.executable, "-I", "-S", str(PROBE), str(build.resolve())]
    done = subprocess.run(
        command, env={}, capture_output=True, text=True, check=False, timeout=PROBE_SECONDS
    )
    print(done.stdout, end="")
    return [done.stderr] if done.returncode else []


def main(arguments: list[str]) -> int:
    """Prints what there is; 1 if something is wrong with it."""
    build, architecture = Path(arguments[0]), arguments[1]
    folders = sorted(path for path in build.iterdir() if path.is_dir())
    layers = [folder for folder in folders if folder.name.endswith("Layer")]
    functions = [folder for folder in folders if folder.name.endswith("Function")]
    wrong = too_large(functions, layers)
    wrong += [line for folder in folders for line in intruders(folder)]
    wrong += foreign(build, architecture)
    print(f"{sum(1 for _ in elves(build))} ELF files looked at; wanted: {architecture}")
    if runs_here(architecture):
        wrong += unusable(build)
    else:
        print(f"built for {architecture}: this {platform.machine()} can't import it, so it doesn't")
    print("\n".join(wrong), file=sys.stderr, end="\n" if wrong else "")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
