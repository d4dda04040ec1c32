"""One word per concept: 1 if a class name stands for two things, or the glossary for none.

python -m tools.vocabulary

Of the product each class has a name of its own; programs beside it, such as the client, have names
of their own. Every file and name in the glossary's column "In code" must be there.
"""

import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
PRODUCT = ("layers/common/showreel", "layers/otio", "functions")
_CLASS = re.compile(r"^class ([A-Z]\w*)", re.MULTILINE)
_DEFINED = r"^(?:class |def |type |    def )?{}\b"
_FILE = re.compile(r"`([\w/]+\.py)`")
_PLACE = re.compile(r"((?:`\w[\w.]*`(?:, )?)+) in `([\w/]+\.py)`")


def named_twice(root: Path) -> Iterator[str]:
    """Yields each class name that the product has more than once, with its files."""
    places = defaultdict[str, list[str]](list)
    for folder in PRODUCT:
        for path in sorted((root / folder).rglob("*.py")):
            for name in _CLASS.findall(path.read_text()):
                places[name].append(str(path.relative_to(root)))
    for name, files in sorted(places.items()):
        if len(files) > 1:
            yield f"{name} is a class in {', '.join(files)}"


def not_there(root: Path) -> Iterator[str]:
    """Yields what the glossary names and the code doesn't have."""
    glossary = (root / "docs" / "glossary.md").read_text()
    for file in sorted(set(_FILE.findall(glossary))):
        if _path(root, file) is None:
            yield f"the glossary names {file}, which isn't there"
    for names, file in _PLACE.findall(glossary):
        path = _path(root, file)
        text = path.read_text() if path else ""
        for name in re.findall(r"[\w.]+", names):
            if path and not re.search(_DEFINED.format(name.split(".")[-1]), text, re.MULTILINE):
                yield f"the glossary names {name} in {file}, which isn't there"


def _path(root: Path, file: str) -> Path | None:
    places = (root / PRODUCT[0] / file, root / file)
    return next((place for place in places if place.is_file()), None)


def main() -> int:
    """Prints what is wrong."""
    wrong = [*named_twice(ROOT), *not_there(ROOT)]
    sys.stderr.writelines(f"{one}\n" for one in wrong)
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
