import pytest

from showreel.catalog import get_model, list_ids
from showreel.catalog.upgrade import WORKFLOWS, family, upgrade
from tests.support.loops import for_each

O3 = "fal-ai/kling-video/o3/standard"
TEXT, IMAGE, REFERENCE = f"{O3}/text-to-video", f"{O3}/image-to-video", f"{O3}/reference-to-video"
WHY = "incompatible_with_reference_input"
PICTURES, CLIP, NOTHING = {"has_images": True}, {"has_video": True}, {}
BOTH = {"has_images": True, "has_video": True}
GIVEN = [PICTURES, CLIP, BOTH, NOTHING]

TABLE = [
    # a model, what is given, what is asked, and how it was found
    (TEXT, PICTURES, IMAGE, "same_family"),
    (TEXT, CLIP, REFERENCE, "same_family"),
    (TEXT, BOTH, REFERENCE, "same_family"),
    (IMAGE, CLIP, REFERENCE, "same_family"),
    (IMAGE, NOTHING, TEXT, "same_family"),
    ("fal-ai/kling-video/o3/pro/text-to-video", PICTURES,
     "fal-ai/kling-video/o3/pro/image-to-video", "same_family"),
    ("fal-ai/veo3.1", PICTURES, "fal-ai/veo3.1/image-to-video", "same_family"),
    ("fal-ai/veo3.1/fast", PICTURES, "fal-ai/veo3.1/fast/image-to-video", "same_family"),
    ("fal-ai/veo3.1/lite/image-to-video", NOTHING, "fal-ai/veo3.1/lite", "same_family"),
    ("gmi/kling-t2v-v2.1-master", PICTURES, "gmi/kling-i2v-v2.1-master", "same_family"),
    ("gmi/seedance-2.0-i2v", NOTHING, "gmi/seedance-2.0-t2v", "same_family"),
    ("gmi/wan2.7-i2v", CLIP, "gmi/wan2.7-r2v", "same_family"),
    ("fal-ai/veo3", PICTURES, IMAGE, "default"),
    ("fal-ai/veo3.1", CLIP, REFERENCE, "default"),
    ("fal-ai/kling-video/o1/image-to-video", NOTHING, TEXT, "default"),
    ("fal-ai/kling-video/o1/image-to-video", CLIP, REFERENCE, "default"),
    ("fal-ai/kling-video/o1/reference-to-video", CLIP, REFERENCE, "default"),
    ("gmi/veo3", PICTURES, "gmi/ltx-fast-i2v", "default"),
    ("gmi/veo3", CLIP, "gmi/wan2.7-r2v", "default"),
    ("gmi/ltx-fast-i2v", NOTHING, "gmi/kling-v3-omni", "default"),
    ("kling-v3.0", NOTHING, TEXT, "default"),
]  # fmt: skip


@pytest.mark.parametrize(("model_id", "given", "asked", "how"), TABLE)
def test_a_model_that_cannot_is_replaced_with_a_reason(model_id, given, asked, how):
    found = upgrade(get_model(model_id), **given)
    workflow = get_model(model_id).workflow_type
    assert (found.model.id, found.reason) == (asked, f"{WHY}:{workflow}->{how}:{asked}")


@pytest.mark.parametrize(
    ("model_id", "given"),
    [
        (TEXT, NOTHING),
        (IMAGE, PICTURES),
        (REFERENCE, CLIP),
        (REFERENCE, PICTURES),
        (REFERENCE, NOTHING),
        ("kling-1.6-pro", NOTHING),
        ("fal-ai/latentsync", NOTHING),
        ("fal-ai/kling-video/o3/pro/video-to-video/edit", PICTURES),
        ("fal-ai/flux/schnell", PICTURES),
    ],
)
def test_a_model_that_can_and_one_of_other_work_stay(model_id, given):
    found = upgrade(get_model(model_id), **given)
    assert (found.model.id, found.reason) == (model_id, None)


def label(case):
    return f"{case[0].id} {case[1]}"


@for_each([(model, given) for model in map(get_model, list_ids("video")) for given in GIVEN], label)
def test_an_upgrade_is_final_and_says_so(case):
    model, given = case
    found = upgrade(model, **given)
    assert upgrade(found.model, **given).reason is None
    assert (found.reason is None) == (found.model == model)
    if found.reason:
        assert found.model.workflow_type in WORKFLOWS
        assert found.model.lifecycle.status != "retired"


@pytest.mark.parametrize(
    ("model_id", "kin"),
    [
        (TEXT, O3),
        ("fal-ai/sora-2/text-to-video/pro", "fal-ai/sora-2/pro"),
        ("gmi/kling-i2v-v2.1-master", "gmi/kling-v2.1-master"),
        ("gmi/kling-image2video-v2-1-pro", "gmi/kling-v2-1-pro"),
        ("fal-ai/veo3.1", "fal-ai/veo3.1"),
    ],
)
def test_a_family_is_the_id_without_its_workflow(model_id, kin):
    assert family(model_id) == kin
