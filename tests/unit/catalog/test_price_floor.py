"""No price below what its vendor charges us times the margin, at the model's longest and dearest.

Only prices that the documents name stay below; the catalogue lists each with what it leaves.
"""

import math

from showreel.catalog import Model, get_model, price
from showreel.catalog.pricing import cost, quantity
from tests.support.loops import for_each
from tools.catalogue import catalogue_file

FILE = catalogue_file()
ECONOMICS = FILE.economics
LISTED = {(known.model, known.native_audio): known for known in ECONOMICS.below_floor}


def cases() -> list[tuple[str, bool]]:
    return [
        (model.id, native_audio)
        for model in FILE.models
        for native_audio in (False, True)
        if not native_audio or model.pricing.cost_cents_native_audio
    ]


def longest_seconds(model: Model) -> int | None:
    lengths = model.capabilities.duration_seconds
    return lengths.choices()[-1] if lengths else None


def margin(model_id: str, *, native_audio: bool) -> float:
    model = get_model(model_id)
    seconds = longest_seconds(model)
    paid = price(model, seconds, native_audio=native_audio)
    income_cents = paid.credits * ECONOMICS.credit_value_cents
    spent_cents = cost(model, quantity(model, seconds), native_audio=native_audio)
    return income_cents / float(spent_cents) if spent_cents else math.inf


@for_each(cases())
def test_a_price_covers_its_cost_with_the_margin_or_is_listed(case):
    model_id, native_audio = case
    leaves = margin(model_id, native_audio=native_audio)
    listed = LISTED.get((model_id, native_audio))
    if listed is None:
        assert leaves >= ECONOMICS.margin
    else:
        assert leaves < ECONOMICS.margin, "no exception any more"
        assert listed.margin == math.floor(leaves * 100) / 100


def test_only_prices_that_the_documents_name_are_below():
    assert set(LISTED) <= set(cases())
    assert {model_id for model_id, _ in LISTED} <= ECONOMICS.documented


def test_every_cost_has_its_source():
    assert all(model.pricing.cost_source for model in FILE.models)
