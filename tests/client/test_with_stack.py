"""The client against the product as it runs: files, a named function, jobs and money."""

import json
from collections.abc import Iterator

import httpx
import pytest

from local.stack import ROOT, Stack
from showreel_client import (
    Character,
    GenerationError,
    InsufficientCreditsError,
    Progress,
    ReferenceAsset,
    ShotChanged,
    ShotsBegun,
    ShotsWritten,
    UnifiedGenerationService,
)

ROOM = next((ROOT / "local" / "demo" / "rooms").glob("*living-room.jpg"))
EDGE = {"_edgeFunction": "generate-interior-video-v2", "video_type": "walkthrough"}


@pytest.fixture
def http() -> Iterator[httpx.Client]:
    with httpx.Client(trust_env=False, timeout=60) as client:
        yield client


def service(
    stack: Stack, http: httpx.Client, credit_count: int = 100
) -> tuple[UnifiedGenerationService, str]:
    """A new tenant's service, and its workspace."""
    tenant = stack.seeder.tenant(credit_count)
    made = UnifiedGenerationService(
        stack.base_url, tenant.token, workspace_id=tenant.workspace_id, http=http
    )
    return made, tenant.workspace_id


def available(stack: Stack, http: httpx.Client, client: UnifiedGenerationService) -> int:
    token = client._fresh_token()
    answer = http.get(f"{stack.base_url}/api/credits", headers={"Authorization": f"Bearer {token}"})
    return int(answer.json()["available"])


def test_an_uploaded_still_becomes_a_video(stack: Stack, http: httpx.Client) -> None:
    client, workspace_id = service(stack, http)
    still = ReferenceAsset(client.upload(ROOM), "image")
    seen: list[Progress] = []
    result = client.generate_video(
        "Slow dolly in",
        {"model": "interior", "parameters": EDGE | {"workspace_id": workspace_id}},
        seen.append,
        reference_assets=[still],
    )
    video = http.get(result.url, follow_redirects=True)
    assert video.headers["content-type"] == "video/mp4"
    assert result.metadata.credits == 100 - available(stack, http, client) > 0
    assert (seen[0].percent, seen[-1].percent) == (0, 100)


def test_the_same_call_again_is_not_paid_again(stack: Stack, http: httpx.Client) -> None:
    client, workspace_id = service(stack, http)
    still = ReferenceAsset(client.upload(ROOM.read_bytes(), file_name="room.jpg"), "image")
    parameters = EDGE | {"workspace_id": workspace_id}
    results = [
        client.generate_video(
            "Slow dolly in",
            model="interior",
            parameters=parameters,
            reference_assets=[still],
            request_id="order-1",
        )
        for _ in range(2)
    ]
    assert results[0].url == results[1].url
    assert available(stack, http, client) == 100 - (results[0].metadata.credits or 0)


def test_too_few_credits_and_where_to_get_more(stack: Stack, http: httpx.Client) -> None:
    client, workspace_id = service(stack, http, credit_count=1)
    still = ReferenceAsset(client.upload(ROOM), "image")
    with pytest.raises(InsufficientCreditsError) as caught:
        client.generate_video(
            "Slow dolly in",
            model="interior",
            parameters=EDGE | {"workspace_id": workspace_id},
            reference_assets=[still],
        )
    assert caught.value.required > caught.value.available == 1
    assert str(caught.value.top_up_url).startswith(stack.base_url)


def test_what_the_server_refuses(stack: Stack, http: httpx.Client) -> None:
    client, workspace_id = service(stack, http)
    parameters = EDGE | {"video_type": "sideways", "workspace_id": workspace_id}
    with pytest.raises(GenerationError) as caught:
        client.generate_video("x", model="interior", parameters=parameters)
    assert (caught.value.code, caught.value.status) == ("edge_function_error", 400)
    assert json.dumps(dict(caught.value.details))
    assert available(stack, http, client) == 100


def test_all_pictures_of_a_storyboard_are_made_and_followed(
    stack: Stack, http: httpx.Client
) -> None:
    client, _ = service(stack, http)
    project = client.projects.create("Heist")
    scene = client.scenes.create(project.id)
    made = [client.shots.create(scene.id, visual_prompt=f"View {n}") for n in range(2)]
    assert client.batches.estimate(project.id, "images").estimated_credits == 6
    told: list[int] = []
    result = client.auto_generate(project.id, "images", lambda step: told.append(step.percent))
    assert (result.completed, result.credits_used, told[-1]) == (2, 6, 100)
    assert [shot.shot_id for shot in result.shots] == [shot.id for shot in made]
    assert result.run_id is not None
    followed = {shot.shot_id: shot.url for shot in client.batches.follow(result.run_id)}
    assert followed == {shot.id: shot.image_url for shot in client.shots.list(scene.id)}
    assert client.auto_generate(project.id, "images").run_id is None


def test_a_storyboard_is_kept_page_by_page(stack: Stack, http: httpx.Client) -> None:
    client, workspace_id = service(stack, http)
    cast = [Character("Mara", "red coat")]
    project = client.projects.create("Heist", characters=cast, request_id="mine")
    assert project == client.projects.create("Heist", characters=cast, request_id="mine")
    assert (project.workspace_id, project.characters) == (workspace_id, tuple(cast))
    scene = client.scenes.create(project.id, title="Roof")
    first = client.shots.create(scene.id, image_url=client.upload(ROOM), shot_type="wide")
    second = client.shots.create(scene.id, prompt_idea="She runs", duration_ms=4000)
    client.shots.order(scene.id, [second.id, first.id])
    assert [shot.shot_number for shot in client.shots.list(scene.id)] == [1, 2]
    assert client.shots.update(first.id, image_url=None).image_status == "pending"
    (version,) = client.shots.versions(first.id, medium="image")
    assert (version.url, version.is_current) == (first.image_url, False)
    assert client.shots.restore(first.id, version.id).image_url == first.image_url
    client.projects.delete(project.id)
    assert list(client.projects.list()) == []
    with pytest.raises(GenerationError) as raised:
        client.shots.get(first.id)
    assert raised.value.status == 404


def test_shots_are_read_to_their_end_over_streams_that_are_cut(
    stack: Stack, http: httpx.Client
) -> None:
    client, _ = service(stack, http)
    project = client.projects.create("The Last Ferry", tone="noir")
    scene = client.scenes.create(project.id, title="The Pier", description="Ada waits in the fog.")
    before = available(stack, http, client)
    told = list(client.gen_shots(project.id, scene.id, shot_count=3, request_id="three"))
    assert isinstance(told[0], ShotsBegun)
    assert isinstance(told[-1], ShotsWritten)
    assert before - available(stack, http, client) == told[-1].credits == 2
    final = {event.shot.id: event.shot for event in told if isinstance(event, ShotChanged)}
    assert [shot.status for shot in final.values()] == ["ready"] * 3
    written = list(client.shots.list(scene.id))
    assert [shot.title for shot in written] == [shot.title for shot in final.values()]
    again = client.gen_shots(project.id, scene.id, shot_count=3, request_id="three")
    assert list(again)[1:] == told[1:]
