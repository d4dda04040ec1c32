import pytest

from showreel.core.errors import InvalidInput
from showreel.films.projects.checks import require_film_model


@pytest.mark.parametrize(
    "model_id",
    [
        "fal-ai/flux/schnell",
        "fal-ai/kling-video/o3/standard/text-to-video",
        "veed/fabric-1.0",
        "gmi/kling-create-element",
        "gmi/ltx-pro-a2v",
    ],
)
def test_only_models_that_set_pictures_in_motion_make_films(model_id):
    with pytest.raises(InvalidInput) as caught:
        require_film_model(model_id)
    assert caught.value.code == "wrong_model"


@pytest.mark.parametrize("model_id", ["kling-v2.6-pro", "showreel/camera-motion", "veo-2"])
def test_those_that_do_are_taken(model_id):
    assert require_film_model(model_id).id == model_id
