"""Pictures from strangers: what is refused, and what becomes of the rest."""

import contextlib
import hashlib
import io
import random
import struct
import time
import zlib

import pytest
from PIL import Image, ImageChops, ImageCms, ImageStat

from showreel.assets import headers, images
from showreel.assets.images import SanitizedImage, reshape, sanitize, verify
from showreel.core.errors import InvalidInput, MediaError

from .conftest import picture

pytestmark = pytest.mark.filterwarnings(
    "ignore::PIL.Image.DecompressionBombWarning", "ignore:Corrupt EXIF data"
)


def opened(image: SanitizedImage) -> Image.Image:
    return Image.open(io.BytesIO(image.data))


def code_of(data: bytes) -> str:
    with pytest.raises(MediaError) as caught:
        sanitize(data)
    return caught.value.code


def png(width: int, height: int, *chunks: tuple[bytes, bytes]) -> bytes:
    """A PNG whose header says what it likes."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = [(b"IHDR", header), *chunks, (b"IDAT", zlib.compress(b"\0" * 100)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in parts
    )


def webp(width: int, height: int) -> bytes:
    """A WebP canvas of any size, with nothing on it."""
    canvas = bytes(4) + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    body = b"WEBPVP8X" + struct.pack("<I", 10) + canvas
    return b"RIFF" + struct.pack("<I", len(body)) + body


def animated(kind: str) -> bytes:
    frames = [Image.new("RGB", (64, 64), colour) for colour in ("red", "green", "blue")]
    target = io.BytesIO()
    frames[0].save(target, kind, save_all=True, append_images=frames[1:])
    return target.getvalue()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_each_kind_becomes_a_sanitized_jpeg(kind: str) -> None:
    sanitized = sanitize(picture(64, 48, kind))
    assert (sanitized.width, sanitized.height) == (64, 48)
    assert sanitized.sha256 == hashlib.sha256(sanitized.data).hexdigest()
    image = opened(sanitized)
    assert (image.format, image.mode, image.size) == ("JPEG", "RGB", (64, 48))
    assert image.getpixel((5, 5))[0] > 150  # type: ignore[index]
    assert image.getpixel((60, 5))[2] > 150  # type: ignore[index]


def test_the_same_bytes_give_the_same_hash() -> None:
    data = picture(kind="PNG")
    assert sanitize(data).sha256 == sanitize(data).sha256


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xd8",
        b"<html><body>Not found</body></html>",
        b"GIF89a" + b"\0" * 100,
        b"BM" + b"\0" * 100,
        b"%PDF-1.7",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"\0\0\0\x18ftypavif" + b"\0" * 100,
        b"\0\0\0\x18ftypmp42" + b"\0" * 100,
        b"II*\0" + b"\0" * 100,
        b"8BPS" + b"\0" * 100,
        b"%!PS-Adobe-3.0 EPSF-3.0",
        b"#EXTM3U\nhttp://169.254.169.254/",
        b"ffconcat version 1.0\nfile /etc/passwd",
        b"RIFF\0\0\0\0WAVEfmt ",
    ],
)
def test_other_formats_are_refused_by_their_first_bytes(data: bytes) -> None:
    assert code_of(data) == "media_type"


@pytest.mark.parametrize("magic", [b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"])
def test_magic_alone_is_not_a_picture(magic: bytes) -> None:
    assert code_of(magic + b"<?php ?>" * 50) in {"media_type", "media_invalid"}


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("share", [0.2, 0.5, 0.9])
def test_truncated_pictures_are_refused(kind: str, share: float) -> None:
    noise = Image.effect_noise((300, 300), 90).convert("RGB")
    target = io.BytesIO()
    noise.save(target, kind)
    data = target.getvalue()
    assert code_of(data[: int(len(data) * share)]) in {"media_invalid", "media_type"}


@pytest.mark.parametrize(("width", "height"), [(50_000, 50_000), (8000, 5001), (40_000, 20)])
def test_bombs_are_refused_by_what_they_declare(width: int, height: int) -> None:
    assert code_of(png(width, height)) == "media_too_large"


@pytest.mark.parametrize(("width", "height"), [(16_383, 16_383), (8000, 5001)])
def test_a_webp_canvas_is_measured_before_its_decoder_allocates_it(
    width: int, height: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(images.Image, "open", None)
    assert code_of(webp(width, height)) == "media_too_large"


@pytest.mark.parametrize("lossless", [True, False])
def test_the_size_of_both_webp_bitstreams_is_read(lossless: bool) -> None:
    assert headers.webp_size(picture(300, 200, "WEBP", lossless=lossless)) == (300, 200)


@pytest.mark.parametrize(("width", "height"), [(0, 100), (100, 0), (0, 0), (1, 1), (4000, 15)])
def test_pictures_of_no_extent_are_refused(width: int, height: int) -> None:
    assert code_of(png(width, height)) in {"media_invalid", "media_type"}


def test_a_chunk_that_unpacks_to_megabytes_is_not_unpacked() -> None:
    bomb = b"Comment\0\0" + zlib.compress(b"x" * 70_000_000)
    assert code_of(png(64, 64, (b"zTXt", bomb))) == "media_invalid"


def test_a_jpeg_of_endless_passes_is_refused_before_the_first() -> None:
    ordinary = picture(3000, 2000, progressive=True)
    assert sanitize(ordinary).width == 3000
    last_pass = ordinary[ordinary.rfind(b"\xff\xc4") : -2]
    bomb = ordinary[:-2] + last_pass * 10_000 + ordinary[-2:]
    started = time.monotonic()
    assert code_of(bomb) == "media_invalid"
    assert time.monotonic() - started < 10


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_animations_are_refused(kind: str) -> None:
    assert code_of(animated(kind)) == "media_type"


def test_more_than_20_megabytes_are_refused_unread() -> None:
    assert code_of(picture() + b"\0" * headers.MAX_IMAGE_BYTES) == "media_too_large"


def test_a_large_photo_is_brought_to_4096_pixels() -> None:
    sanitized = sanitize(picture(6000, 3000))
    assert (sanitized.width, sanitized.height) == (4096, 2048)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_cameras_rotation_is_applied(orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    sanitized = sanitize(picture(64, 48, exif=exif.tobytes()))
    assert (sanitized.width, sanitized.height) == ((64, 48) if orientation <= 4 else (48, 64))
    image = opened(sanitized)
    corner = image.getpixel((3, 3))
    red_first = orientation in {1, 4, 5, 6}
    assert (corner[0] > 150) is red_first  # type: ignore[index]


def test_nothing_of_the_metadata_or_of_an_attached_file_is_left() -> None:
    exif = Image.Exif()
    exif[0x010E] = "SECRET-PLACE"
    data = picture(exif=exif.tobytes(), comment=b"SECRET-NOTE") + b"PK\x03\x04SECRET-ZIP"
    sanitized = sanitize(data)
    assert b"SECRET" not in sanitized.data
    assert not opened(sanitized).getexif()


@pytest.mark.parametrize(
    ("kind", "mode"),
    [
        ("JPEG", "L"),
        ("JPEG", "CMYK"),
        ("PNG", "1"),
        ("PNG", "L"),
        ("PNG", "LA"),
        ("PNG", "P"),
        ("PNG", "RGBA"),
        ("PNG", "I;16"),
        ("WEBP", "RGBA"),
    ],
)
def test_every_colour_mode_becomes_rgb(kind: str, mode: str) -> None:
    middle = "L" if mode == "I;16" else "RGB"
    image = Image.new(middle, (40, 40), 128 if middle == "L" else (128, 128, 128))
    if mode == "I;16":
        image = Image.frombytes("I;16", (40, 40), struct.pack("<H", 0x8080) * 1600)
    else:
        image = image.quantize() if mode == "P" else image.convert(mode)
    target = io.BytesIO()
    image.save(target, kind)
    result = opened(sanitize(target.getvalue()))
    assert result.mode == "RGB"
    if mode != "1":
        assert all(120 <= level <= 136 for level in result.getpixel((20, 20)))  # type: ignore[union-attr]


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_transparent_parts_become_white(mode: str) -> None:
    image = Image.new("RGBA", (40, 40), (255, 0, 0, 0)).convert(mode)
    target = io.BytesIO()
    options = {"transparency": 0} if mode == "P" else {}
    image.save(target, "PNG", **options)
    result = opened(sanitize(target.getvalue()))
    assert result.getpixel((20, 20)) == (255, 255, 255)


def test_a_colour_profile_is_applied_and_a_broken_one_left_out() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for icc in (profile, b"not a profile"):
        image = opened(sanitize(picture(icc_profile=icc)))
        assert "icc_profile" not in image.info
        assert image.getpixel((5, 5))[0] > 150  # type: ignore[index]


@pytest.mark.parametrize("seed", range(40))
def test_damaged_pictures_never_raise_anything_else(seed: int) -> None:
    random_ = random.Random(seed)
    kind = random_.choice(["JPEG", "PNG", "WEBP"])
    data = bytearray(picture(80, 60, kind))
    for _ in range(random_.randint(1, 12)):
        data[random_.randrange(12, len(data))] = random_.randrange(256)
    with contextlib.suppress(MediaError):
        sanitize(bytes(data))


@pytest.mark.parametrize(
    ("aspect_ratio", "size"),
    [("16:9", (1920, 1080)), ("9:16", (1080, 1920)), ("1:1", (1920, 1920))],
)
def test_a_picture_is_sanitized_in_a_ratio(aspect_ratio: str, size: tuple[int, int]) -> None:
    shaped = sanitize(picture(800, 600), aspect_ratio)
    assert (shaped.width, shaped.height) == opened(shaped).size == size


@pytest.mark.parametrize("aspect_ratio", ["16", "16:0", "0:9", "a:b", "16:9:4", "-1:1", "1e9:1"])
def test_other_ratios_are_refused(aspect_ratio: str) -> None:
    with pytest.raises(InvalidInput):
        sanitize(picture(), aspect_ratio)


def test_a_reshaped_picture_always_has_the_same_bytes() -> None:
    data = sanitize(picture(800, 600)).data
    assert reshape(data, (720, 1280)) == reshape(data, (720, 1280))


def _saved(image: Image.Image) -> bytes:
    target = io.BytesIO()
    image.save(target, "PNG")
    return target.getvalue()


@pytest.mark.parametrize("size", [(1920, 1080), (1080, 1920)])
def test_a_picture_sanitized_in_a_size_is_what_reshaping_it_later_gives_and_less_lossy(
    size: tuple[int, int],
) -> None:
    source = picture(3000, 2000, "PNG")
    at_once = sanitize(source, size=size)
    later = Image.open(io.BytesIO(reshape(sanitize(source).data, size)))
    assert (at_once.width, at_once.height) == later.size == size
    difference = ImageChops.difference(opened(at_once), later)
    assert max(ImageStat.Stat(difference).mean) < 1.5


def test_a_picture_of_the_very_size_is_not_encoded_again() -> None:
    data = sanitize(picture(1280, 720)).data
    assert reshape(data, (1280, 720)) == data


@pytest.mark.parametrize(("orientation", "size"), [(1, (64, 48)), (6, (48, 64))])
def test_verifying_returns_the_upright_size(orientation: int, size: tuple[int, int]) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = picture(64, 48, exif=exif.tobytes())
    assert verify(data) == size == (sanitize(data).width, sanitize(data).height)


def test_verifying_refuses_what_sanitizing_refuses() -> None:
    data = picture(300, 200)
    for bad in (data[: len(data) // 2], b"<html>", png(30_000, 30_000)):
        with pytest.raises(MediaError) as verified:
            verify(bad)
        assert verified.value.code == code_of(bad)
