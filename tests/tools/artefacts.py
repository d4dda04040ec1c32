"""Checks what `sam build` made: within Lambda's limits, and nothing in it that is not ours.

python -m tests.tools.artefacts .aws-sam/build
"""

import sys
from pathlib import Path

UNZIPPED_LIMIT_MB = 250
"""Function and all its layers, unzipped: Lambda quotas page."""
FORBIDDEN = ("tests", "local", "moto", "bench", "pytest", "awslambdaric", "imageio_ffmpeg")


def size_mb(folder: Path) -> float:
    """Size of all files below a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6


def intruders(folder: Path) -> list[str]:
    """Top-level modules that never belong into an artefact."""
    roots = [folder, folder / "python"]
    return [str(root / name) for root in roots for name in FORBIDDEN if (root / name).exists()]


def main() -> int:
    """Prints a line per artefact; 1 if one is wrong."""
    build = Path(sys.argv[1])
    folders = sorted(path for path in build.iterdir() if path.is_dir())
    layers = [folder for folder in folders if folder.name.endswith("Layer")]
    functions = [folder for folder in folders if folder.name.endswith("Function")]
    in_layers = sum(map(size_mb, layers))
    for layer in layers:
        print(f"{layer.name:32} {size_mb(layer):7.1f} MB")
    largest = max(map(size_mb, functions)) + in_layers
    print(f"{len(functions)} functions; the largest with its layers is {largest:.1f} MB unzipped")
    wrong = [name for folder in folders for name in intruders(folder)]
    if largest > UNZIPPED_LIMIT_MB:
        wrong.append(f"{largest:.1f} MB is more than {UNZIPPED_LIMIT_MB} MB")
    for name in wrong:
        print(f"does not belong here: {name}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
