"""What a video model is upgraded to, as a table for people.

python -m tools.upgrades            writes docs/api/upgrades.md
python -m tools.upgrades --check    1 if the committed one is not what the catalogue says
"""

import sys
from pathlib import Path
from typing import Any

from showreel.catalog import Model, get_model, list_ids
from showreel.catalog.catalogue import default_models
from showreel.catalog.upgrade import IMAGE, REFERENCE, TEXT, upgrade

DOCUMENT = Path(__file__).parents[1] / "docs" / "api" / "upgrades.md"
INTRODUCTION = """# Upgrades of video models

Made from the catalogue by `make upgrades`; do not edit.

A reference video needs a reference-to-video model, pictures need an image-to-video one, words alone
a text-to-video one. A model that can't take what it is given is replaced: by its sibling of the
same family if there is one, else by the workflow's default. The Unified Generation Service does so
before it asks, and says so in `fallbackUsed` and `fallbackReason`:
`incompatible_with_reference_input:<workflow>->same_family:<id>` or `…->default:<id>`.

A model that can is never replaced, nor is one that edits, extends, animates or speaks. The
endpoints themselves never swap a model for another kind of work: they answer 400
`input_unsupported` and name the model that would do.
"""
CASES: tuple[tuple[str, dict[str, Any]], ...] = (
    ("with a picture", {"has_images": True}),
    ("with a video", {"has_video": True}),
    ("with words alone", {}),
)


def document() -> str:
    """Returns the whole page."""
    return "\n".join([INTRODUCTION, *_defaults(), *_tables()]) + "\n"


def _defaults() -> list[str]:
    rows = [
        f"| {workflow} | {', '.join(f'`{model.id}`' for model in default_models(workflow))} |"
        for workflow in (TEXT, IMAGE, REFERENCE)
    ]
    why = "A model of the same provider is preferred, else the first."
    head = ["## Defaults", "", why, "", "| Workflow | Models |", "|---|---|"]
    return [*head, *rows, ""]


def _tables() -> list[str]:
    lines: list[str] = []
    for workflow in (TEXT, IMAGE, REFERENCE):
        models = map(get_model, list_ids("video", workflow))
        lines += [
            f"## {workflow}",
            "",
            _row("Model", *(name for name, _ in CASES)),
            "|---" * 4 + "|",
        ]
        lines += [_row(f"`{model.id}`", *_becomes(model)) for model in models]
        lines.append("")
    return lines[:-1]


def _becomes(model: Model) -> list[str]:
    found = [upgrade(model, **given) for _, given in CASES]
    return [_shown(one.model, one.reason) for one in found]


def _shown(other: Model, reason: str | None) -> str:
    if reason is None:
        return "stays"
    return f"`{other.id}` ({'family' if '->same_family:' in reason else 'default'})"


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def main() -> int:
    """Writes or checks the page."""
    if "--check" not in sys.argv:
        DOCUMENT.write_text(document())
        return 0
    if not DOCUMENT.exists() or DOCUMENT.read_text() != document():
        print("docs/api/upgrades.md is not what the catalogue says: make upgrades", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
