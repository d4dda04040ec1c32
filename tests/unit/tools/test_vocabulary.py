"""A class name with two meanings is found, and a glossary that names what isn't there."""

from pathlib import Path

import pytest

from tools.vocabulary import named_twice, not_there


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for package in ("media", "cuts"):
        (tmp_path / "layers/common/showreel" / package).mkdir(parents=True)
    media, cuts = (tmp_path / "layers/common/showreel" / name for name in ("media", "cuts"))
    (media / "plan.py").write_text("class Plan:\n    def end(self): ...\n\nLIMIT = 1\n")
    (cuts / "plan.py").write_text("class CutPlan(Plan):\n    class Plan: ...\n")
    (tmp_path / "docs").mkdir()
    return tmp_path


def glossary(root: Path, place: str) -> list[str]:
    row = f"| term | Meaning | {place} |\n"
    (root / "docs" / "glossary.md").write_text(row)
    return list(not_there(root))


def test_a_name_in_two_packages_is_found(root: Path) -> None:
    assert not list(named_twice(root))
    (root / "layers/common/showreel/cuts/plan.py").write_text("class Plan: ...\n")
    (found,) = named_twice(root)
    assert found.startswith("Plan is a class in layers/common/showreel/cuts/plan.py, ")


def test_what_the_glossary_names_is_there(root: Path) -> None:
    assert not glossary(root, "`Plan`, `LIMIT` in `media/plan.py`; `Plan.end` in `media/plan.py`")
    assert glossary(root, "`Gone` in `media/plan.py`") == [
        "the glossary names Gone in media/plan.py, which isn't there"
    ]
    assert glossary(root, "`media/gone.py`") == [
        "the glossary names media/gone.py, which isn't there"
    ]
