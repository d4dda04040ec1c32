"""One lifecycle for every product: a key is one job, another body is refused, nothing is lost."""

import time
from collections.abc import Callable, Container
from dataclasses import dataclass
from typing import Any

import pytest

from showreel.catalog import get_model
from showreel.core.errors import (
    Conflict,
    IdempotencyMismatch,
    InsufficientCredits,
    MediaError,
    NotFound,
)
from showreel.edge.prefer import Call
from showreel.generation.engine import engine
from showreel.generation.models import Job
from showreel.generation.service import create_job
from showreel.generation.settle import release
from showreel.generation.text.order import TextOrder
from showreel.identity import Caller
from showreel.orders import lifecycle, media, text
from showreel.orders.conversation import order_of
from showreel.orders.lifecycle import Order
from showreel.orders.service import FAL, GMI
from showreel.orders.service import place as place_queued
from showreel.orders.workspace import paying
from showreel.singles.audio import service as audio
from showreel.singles.audio.schemas import EffectOrder
from showreel.singles.fal.schemas import FalRequest
from showreel.singles.gmi import service as gmi
from showreel.singles.gmi.schemas import GmiRequest
from showreel.singles.video import service as video
from showreel.singles.video.schemas import InteriorVideo, SocialVideo
from tests.unit.generation.support import Killed
from tests.unit.orders.conftest import FUNCTION_ARN, GRANT, OWNER, STRANGER, WORKSPACE, Shop
from tests.unit.orders.support import KLING

ME = Caller(OWNER)
PICTURE, OTHER_PICTURE = "https://images.example/a.jpg", "https://images.example/b.jpg"


def call(key: str | None = "k") -> Call:
    """A call that doesn't wait."""
    return Call(
        path="/functions/v1/x",
        base_url="https://api.example/prod",
        function_arn=FUNCTION_ARN,
        key=key,
        started=time.monotonic(),
        window_seconds=0,
        applied=None,
    )


@dataclass(frozen=True)
class Product:
    """How it is ordered with a prompt, and looked at."""

    order: Callable[[str], Order]
    kinds: Container[str]
    look: Callable[[Caller, str], Any]


def social(prompt: str) -> Order:
    body = {"prompt": prompt, "workspace_id": WORKSPACE, "image_url": PICTURE}
    return video.place(video.SOCIAL, ME, SocialVideo.model_validate(body))


def interior(prompt: str, picture: str = PICTURE, last: str | None = None) -> Order:
    pictures = {"image_url": picture, "end_image_url": last}
    body = {"prompt": prompt, "workspace_id": WORKSPACE, "model": "kling-v3.0"}
    return video.place(video.INTERIOR, ME, InteriorVideo.model_validate(body | pictures))


def fal(prompt: str) -> Order:
    body = {"modelId": KLING, "inputs": {"prompt": prompt}, "workspace_id": WORKSPACE}
    return place_queued(FAL, ME, FalRequest.model_validate(body))


def gmis(prompt: str) -> Order:
    inputs = {"prompt": prompt}
    body = {"modelId": "kling-v3-omni", "inputs": inputs, "workspaceId": WORKSPACE}
    return place_queued(GMI, ME, GmiRequest.model_validate(body))


def spoken(prompt: str) -> TextOrder:
    return order_of(get_model("gmi/deepseek-r1"), {"prompt": prompt})


def effect(prompt: str) -> Order:
    body = {"prompt": prompt, "workspaceId": WORKSPACE}
    return audio.place(audio.EFFECT, ME, EffectOrder.model_validate(body))


def look_at_fal(caller: Caller, job_id: str) -> Job:
    return lifecycle.look(caller, job_id, {FAL})


PRODUCTS = {
    "social": Product(social, video.KINDS, video.look),
    "interior": Product(interior, video.KINDS, video.look),
    "fal": Product(fal, {FAL}, look_at_fal),
    "gmi": Product(gmis, {GMI}, gmi.look),
    "effect": Product(effect, audio.KINDS, audio.look),
}
every_product = pytest.mark.parametrize("product", PRODUCTS.values(), ids=PRODUCTS)


@dataclass
class Copying:
    """The copies that are made and deleted, instead of S3."""

    made: int = 0
    deleted: tuple[str, ...] = ()

    def copy(self, _workspace_id: str, url: str, _base_url: str, _owner: str) -> str:
        if url == OTHER_PICTURE:
            raise MediaError("no picture", code="media_type")
        self.made += 1
        return f"project-assets/copy-{self.made}.jpg"

    def delete(self, keys: Any) -> None:
        self.deleted += tuple(keys)


@pytest.fixture(autouse=True)
def copying(monkeypatch: pytest.MonkeyPatch) -> Copying:
    known = Copying()
    monkeypatch.setattr(media, "copy_image", known.copy)
    monkeypatch.setattr(media, "delete_assets", known.delete)
    return known


@every_product
def test_the_same_key_with_the_same_body_is_the_same_job(shop: Shop, product: Product) -> None:
    shop.open_machine()
    first = lifecycle.begin(product.order("A lamp"), call())
    again = lifecycle.begin(product.order("A lamp"), call())
    assert again.job_id == first.job_id
    assert shop.job_ids() == shop.executions() == [first.job_id]
    assert shop.held() == [first.credits]


@every_product
def test_the_same_key_with_another_body_is_refused(shop: Shop, product: Product) -> None:
    shop.open_machine()
    lifecycle.begin(product.order("A lamp"), call())
    with pytest.raises(IdempotencyMismatch) as caught:
        lifecycle.begin(product.order("A chair"), call())
    assert caught.value.status == 422
    assert len(shop.job_ids()) == len(shop.held()) == 1


@every_product
def test_without_a_key_every_request_is_a_job(shop: Shop, product: Product) -> None:
    shop.open_machine()
    ids = {lifecycle.begin(product.order("A lamp"), call(None)).job_id for _ in range(2)}
    assert set(shop.job_ids()) == set(shop.executions()) == ids
    assert len(ids) == 2


@every_product
def test_a_job_whose_start_failed_is_started_by_the_same_key(shop: Shop, product: Product) -> None:
    first = lifecycle.begin(product.order("A lamp"), call())
    assert first.status == "queued"
    shop.open_machine()
    assert shop.executions() == []
    assert lifecycle.begin(product.order("A lamp"), call()).job_id == first.job_id
    assert shop.executions() == shop.job_ids() == [first.job_id]


@every_product
def test_a_key_whose_job_failed_at_no_cost_may_be_used_again(shop: Shop, product: Product) -> None:
    shop.open_machine()
    first = lifecycle.begin(product.order("A lamp"), call())
    assert release(engine(), first.job_id).status == "failed"
    assert lifecycle.begin(product.order("A chair"), call()).job_id != first.job_id


@every_product
def test_foreign_missing_and_other_jobs_are_the_same_not_found(
    shop: Shop, product: Product
) -> None:
    shop.open_machine()
    job_id = lifecycle.begin(product.order("A lamp"), call()).job_id
    product.look(ME, job_id)
    others = next(one for one in PRODUCTS.values() if one.kinds != product.kinds)
    other_id = lifecycle.begin(others.order("A lamp"), call()).job_id
    told = set()
    for caller, wanted in ((Caller(STRANGER), job_id), (ME, "missing"), (ME, other_id)):
        with pytest.raises(NotFound) as caught:
            product.look(caller, wanted)
        told.add((caught.value.message, caught.value.code))
    assert len(told) == 1


@every_product
def test_who_can_not_pay_is_refused_before_anything_is_copied(
    shop: Shop, product: Product, copying: Copying
) -> None:
    engine().ledger.hold(WORKSPACE, "all", GRANT)
    with pytest.raises(InsufficientCredits):
        lifecycle.begin(product.order("A lamp"), call())
    assert copying.made == 0
    assert shop.job_ids() == []


@every_product
def test_the_row_names_the_request_and_who_made_it(shop: Shop, product: Product) -> None:
    order = product.order("A lamp")
    job = lifecycle.begin(order, call())
    assert (job.request_digest, job.kind) == (order.digest, order.kind)
    assert (job.workspace_id, job.user_id, job.wanted.prompt) == (WORKSPACE, OWNER, "A lamp")


def test_a_picture_is_copied_once_and_another_one_is_another_body(
    shop: Shop, copying: Copying
) -> None:
    job = lifecycle.begin(interior("A lamp"), call())
    assert lifecycle.begin(interior("A lamp"), call()).wanted.image_key == job.wanted.image_key
    assert copying.made == 1
    with pytest.raises(IdempotencyMismatch):
        lifecycle.begin(interior("A lamp", OTHER_PICTURE), call())
    assert copying.deleted == ()


def test_a_picture_that_is_refused_leaves_no_other(shop: Shop, copying: Copying) -> None:
    order = interior("A lamp", PICTURE, OTHER_PICTURE)
    with pytest.raises(MediaError):
        lifecycle.begin(order, call())
    assert copying.deleted == ("project-assets/copy-1.jpg",)
    assert shop.job_ids() == []


@pytest.mark.parametrize("prompt", ["A lamp", "A chair"])
def test_who_loses_a_race_drops_its_copies(
    shop: Shop, copying: Copying, monkeypatch: pytest.MonkeyPatch, prompt: str
) -> None:
    """Another request with the same key makes the job while this one copies its picture."""
    order = interior(prompt)
    copy = copying.copy

    def copy_slowly(*given: str) -> str:
        job_id, _ = lifecycle.meet(order.digest, "k", order.kind, WORKSPACE)
        copies = media.Copies({PICTURE: "project-assets/theirs.jpg"})
        create_job(engine(), interior("A lamp").request(job_id, copies, ""))
        return copy(*given)

    monkeypatch.setattr(media, "copy_image", copy_slowly)
    if prompt == "A lamp":
        assert lifecycle.begin(order, call()).wanted.image_key == "project-assets/theirs.jpg"
    else:
        with pytest.raises(IdempotencyMismatch):
            lifecycle.begin(order, call())
    assert copying.deleted == ("project-assets/copy-1.jpg",)
    assert len(shop.job_ids()) == 1


def test_a_text_meets_its_key_too(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """It has no execution: who finds one that died is told that it is open."""

    def die(*_: Any, **__: Any) -> None:
        raise Killed

    asked = text.TextCall(paying(ME, WORKSPACE), GMI, "k")
    with monkeypatch.context() as patch:
        patch.setattr(text, "TextRun", die)
        with pytest.raises(Killed):
            text.complete(spoken("A lamp"), asked)
    (job_id,) = shop.job_ids()
    assert gmi.look(ME, job_id)["status"] == "queued"
    with pytest.raises(Conflict) as caught:
        text.complete(spoken("A lamp"), asked)
    assert caught.value.code == "idempotency_in_flight"
    with pytest.raises(IdempotencyMismatch):
        text.complete(spoken("A chair"), asked)
    assert shop.job_ids() == [job_id]
