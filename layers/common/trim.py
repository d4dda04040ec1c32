"""Takes out of the installed dependencies what is never read at run time.

python trim.py FOLDER

Licences and metadata stay (`importlib.metadata` reads them). `tools.artefacts` proves what is left:
it imports every handler, makes every AWS client and decodes pictures from the built layer alone.
"""

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

UNREAD = (
    "bin",
    "botocore/data",  # `showreel.core.aws` reads `aws_models`, which has our operations
    "boto3/data",  # resources: not used
    "boto3/examples",
    "PIL/_avif.*",  # AVIF is refused from its first bytes; Pillow does without
    "pillow.libs/libavif-*",
)
"""Below the folder. Each must be there: a path that nothing has any more is said."""
EVERYWHERE = ("tests", "*.pyi")


def unread(folder: Path) -> Iterator[Path]:
    """What is to go. Raises FileNotFoundError when an entry of `UNREAD` leads nowhere."""
    for pattern in UNREAD:
        found = sorted(folder.glob(pattern))
        if not found:
            raise FileNotFoundError(f"{pattern}: no such thing in {folder}; mend UNREAD")
        yield from found
    for pattern in EVERYWHERE:
        yield from sorted(folder.rglob(pattern))


def trim(folder: Path) -> int:
    """Removes it; returns the bytes that went."""
    before = size(folder)
    for path in set(unread(folder)):
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    return before - size(folder)


def size(folder: Path) -> int:
    """Bytes of all files below."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


if __name__ == "__main__":
    target = Path(sys.argv[1])
    sys.stdout.write(f"{trim(target) / 1e6:.1f} MB of the dependencies are never read\n")
