"""Which stills a film is made of."""

from pathlib import Path

import pytest
from PIL import Image

from local.demo.options import Options, UsageError
from local.demo.photos import ROOMS_FOLDER, choose, find, room_of


def picture(folder: Path, name: str) -> Path:
    path = folder / name
    Image.new("RGB", (32, 18), "teal").save(path, "JPEG" if path.suffix == ".jpg" else None)
    return path


def test_the_sample_rooms_are_large_pictures_of_known_rooms() -> None:
    photos = find(ROOMS_FOLDER)
    assert len(photos) >= 7
    assert "other" not in {photo.room_type for photo in photos}
    for photo in photos:
        with Image.open(photo.path) as image:
            assert image.size == (1600, 900)
        assert photo.path.stat().st_size < 350_000


def test_files_come_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    for name in ("10-kitchen.jpg", "2-hall.png", "1-front.webp", ".hidden.jpg"):
        picture(tmp_path, name)
    (tmp_path / "notes.txt").write_text("not a picture, and not named like one")
    assert [photo.path.name for photo in find(tmp_path)] == [
        "1-front.webp",
        "2-hall.png",
        "10-kitchen.jpg",
    ]


def test_the_type_comes_from_the_contents(tmp_path: Path) -> None:
    Image.new("RGB", (32, 18)).save(tmp_path / "room.jpg", "PNG")
    assert find(tmp_path)[0].content_type == "image/png"


@pytest.mark.parametrize(
    ("name", "room"),
    [
        ("03-living-room", "living-room"),
        ("Lounge 2", "living-room"),
        ("master_bedroom", "bedroom"),
        ("Bathroom", "bathroom"),
        ("IMG_4711", "other"),
        ("house-front", "exterior"),
        ("TV room", "tv-room"),
    ],
)
def test_rooms_are_recognised_by_name(name: str, room: str) -> None:
    assert room_of(name) == room


def test_more_clips_than_pictures_begins_again(tmp_path: Path) -> None:
    for name in ("a.jpg", "b.jpg"):
        picture(tmp_path, name)
    photos = choose(Options(photos=tmp_path, clips=5))
    assert [photo.path.stem for photo in photos] == ["a", "b", "a", "b", "a"]


def test_fewer_clips_than_pictures_takes_the_first(tmp_path: Path) -> None:
    for number in range(25):
        picture(tmp_path, f"{number}.jpg")
    assert len(choose(Options(photos=tmp_path, clips=3))) == 3


def refusal(folder: Path) -> str:
    with pytest.raises(UsageError) as caught:
        choose(Options(photos=folder))
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    assert "not a folder" in refusal(tmp_path / "nowhere")


def test_a_folder_without_pictures_is_refused(tmp_path: Path) -> None:
    assert "no JPEG, PNG or WebP" in refusal(tmp_path)


def test_more_than_twenty_pictures_are_refused(tmp_path: Path) -> None:
    for number in range(21):
        picture(tmp_path, f"{number}.jpg")
    assert "21 pictures" in refusal(tmp_path)


def test_a_text_file_named_jpg_is_refused(tmp_path: Path) -> None:
    (tmp_path / "room.jpg").write_text("I am a kitchen")
    assert "room.jpg is not" in refusal(tmp_path)


def test_a_picture_of_another_kind_is_refused(tmp_path: Path) -> None:
    picture(tmp_path, "a.jpg")
    (tmp_path / "b.heic").write_bytes(b"....ftypheic")
    assert "b.heic" in refusal(tmp_path)
