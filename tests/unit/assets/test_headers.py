"""What is known of a picture without decoding it: whole ones are vouched for, others never."""

import io
import os
import random
import struct
import subprocess
import sys
import zlib

import pytest
from PIL import Image

from showreel.assets import headers
from showreel.assets.headers import is_whole
from showreel.assets.images import sanitize
from showreel.core.errors import MediaError

from .conftest import picture
from .test_images import animated, png, webp

KINDS = pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])


def code_of(data: bytes) -> str:
    with pytest.raises(MediaError) as caught:
        is_whole(data)
    return caught.value.code


def noise(kind: str, **options: object) -> bytes:
    target = io.BytesIO()
    Image.effect_noise((300, 200), 90).convert("RGB").save(target, kind, **options)
    return target.getvalue()


@KINDS
def test_usual_pictures_are_vouched_for(kind: str) -> None:
    assert is_whole(picture(300, 200, kind))
    assert is_whole(noise(kind))


@pytest.mark.parametrize(
    ("kind", "mode", "options"),
    [
        ("JPEG", "RGB", {"progressive": True}),
        ("JPEG", "L", {}),
        ("JPEG", "CMYK", {}),
        ("JPEG", "RGB", {"comment": b"\xff\xd9", "icc_profile": b"profile" * 20_000}),
        ("PNG", "RGBA", {}),
        ("PNG", "L", {"bits": 1}),
        ("WEBP", "RGB", {"lossless": True}),
        ("WEBP", "RGBA", {"exif": b"Exif\0\0"}),
    ],
)
def test_every_usual_form_is_vouched_for(kind: str, mode: str, options: dict[str, object]) -> None:
    data = picture(300, 200, kind, mode, **options)
    assert is_whole(data)
    assert sanitize(data).width == 300


@KINDS
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.999])
def test_a_part_of_a_picture_is_not(kind: str, share: float) -> None:
    for data in (noise(kind), noise(kind, exif=thumbnail()) if kind == "JPEG" else b""):
        cut = data[: int(len(data) * share)]
        assert not (cut and is_whole(cut))


def thumbnail() -> bytes:
    """EXIF data with a whole JPEG inside, as cameras write it."""
    return b"Exif\0\0" + picture(32, 32)


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_an_animation_is_left_to_the_decoder(kind: str) -> None:
    assert not is_whole(animated(kind))


def test_a_marker_among_the_pixels_of_a_jpeg_is_left_to_the_decoder() -> None:
    whole = noise("JPEG")
    middle = whole.index(b"\xff\xda") + 1000
    assert not is_whole(whole[:middle] + b"\xff\xc1" + whole[middle + 2 :])


def test_what_is_wrong_in_a_png_shows_in_its_checksums() -> None:
    whole = noise("PNG")
    for seed in range(40):
        at = random.Random(seed).randrange(8, len(whole))
        assert not is_whole(whole[:at] + bytes([whole[at] ^ 0x55]) + whole[at + 1 :])


@pytest.mark.parametrize(("width", "height"), [(50_000, 50_000), (8000, 5001), (40_000, 20)])
def test_what_is_declared_too_large_is_refused_at_once(width: int, height: int) -> None:
    assert code_of(png(width, height)) == "media_too_large"
    jpeg = bytearray(picture(64, 48))
    at = jpeg.index(b"\xff\xc0") + 5
    jpeg[at : at + 4] = struct.pack(">HH", min(height, 65_535), min(width, 65_535))
    assert code_of(bytes(jpeg)) == "media_too_large"


def webp_with_canvas(data: bytes, width: int, height: int) -> bytes:
    """The bitstream of a simple file within an extended one that tells another size."""
    canvas = b"VP8X" + struct.pack("<I", 10) + bytes(4)
    canvas += (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    body = b"WEBP" + canvas + data[12:]
    return b"RIFF" + struct.pack("<I", len(body)) + body


@pytest.mark.parametrize("lossless", [True, False])
def test_a_picture_larger_than_its_header_says_is_left_to_the_decoder(lossless: bool) -> None:
    data = picture(300, 200, "WEBP", lossless=lossless)
    assert is_whole(webp_with_canvas(data, 300, 200))
    assert not is_whole(webp_with_canvas(data, 30, 20))
    twice = data[:4] + struct.pack("<I", len(data) - 8 + len(data) - 12) + data[8:] + data[12:]
    assert not is_whole(twice), "which of two counts is the reader's choice"
    png_twice = png(300, 200)
    head = png_twice[8:33]
    assert not is_whole(png_twice[:8] + head + png_twice[8:])
    jpeg = picture(300, 200)
    at = jpeg.index(b"\xff\xc0")
    frame = jpeg[at : at + 2 + int.from_bytes(jpeg[at + 2 : at + 4])]
    assert not is_whole(jpeg[:at] + frame + jpeg[at:])


def test_tiny_and_endless_pictures_and_other_files_are_refused_at_once() -> None:
    assert code_of(picture(15, 100)) == "media_invalid"
    assert code_of(picture(15, 100, "PNG")) == "media_invalid"
    assert code_of(picture() + b"\0" * headers.MAX_IMAGE_BYTES) == "media_too_large"
    assert code_of(b"<html></html>") == "media_type"
    assert not is_whole(webp(300, 200)), "a canvas with nothing on it"


def test_what_may_unpack_to_anything_or_never_ends_is_left_to_the_decoder() -> None:
    text = (b"zTXt", b"Comment\0\0" + zlib.compress(b"x" * 100_000))
    assert not is_whole(png(64, 64, text))
    assert not is_whole(b"\xff\xd8" + b"\xff\xe0\x00\x02" * 100_000)
    passes = noise("JPEG", progressive=True)
    last = passes[passes.rfind(b"\xff\xc4") : -2]
    assert not is_whole(passes[:-2] + last * 200 + passes[-2:])


@KINDS
def test_damaged_files_never_raise_anything_else(kind: str) -> None:
    whole = picture(80, 60, kind)
    for seed in range(300):
        random_ = random.Random(seed)
        data = bytearray(whole[: random_.randint(3, len(whole))])
        for _ in range(random_.randint(0, 6)):
            data[random_.randrange(len(data))] = random_.randrange(256)
        try:
            is_whole(bytes(data))
        except MediaError:
            continue


def test_nothing_is_loaded_for_it() -> None:
    code = "import showreel.assets.service, sys; print('PIL' in sys.modules)"
    environment = {"PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True)
    assert done.stdout == b"False\n"
