"""Edits: the order stays dense and unique whatever happens, and stale results are not shown."""

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from showreel.core.errors import InvalidInput, NotFound
from showreel.films.projects import edits
from showreel.films.projects.models import MAX_CLIPS, Film
from showreel.films.projects.responses import project_view
from showreel.films.projects.store import Edit, applied
from tests.unit.films.support import BASE, clip_row, fault, film


class Clips(RuleBasedStateMachine):
    """Arbitrary edits of one film, beside a plain list that says what must come out."""

    def __init__(self) -> None:
        super().__init__()
        self.film = film(0)
        self.expected: list[str] = []
        self.born = 0

    def apply(self, edit: Edit) -> None:
        self.film = applied(self.film, edit)

    @rule()
    def add(self) -> None:
        self.born += 1
        clip = clip_row(f"clip_{self.born}")
        if len(self.expected) == MAX_CLIPS:
            assert fault(lambda: edits.add_clip(self.film, clip)).code == "too_many_clips"
            return
        self.apply(edits.add_clip(self.film, clip))
        self.expected.append(clip.id)

    @rule(position=st.integers(0, 30))
    def remove(self, position: int) -> None:
        clip_id = self.expected[position] if position < len(self.expected) else "clip_none"
        if clip_id in self.expected:
            self.apply(edits.remove_clip(self.film, clip_id))
            self.expected.remove(clip_id)
        else:
            assert isinstance(fault(lambda: edits.remove_clip(self.film, clip_id)), NotFound)

    @rule(data=st.data())
    def reorder(self, data: st.DataObject) -> None:
        order = data.draw(st.permutations(self.expected))
        self.apply(edits.reorder(self.film, order))
        self.expected = list(order)

    @rule(data=st.data())
    def reorder_wrongly(self, data: st.DataObject) -> None:
        names = st.sampled_from([*self.expected, "clip_none"])
        order = data.draw(st.lists(names, max_size=22))
        if sorted(order) != sorted(self.expected):
            error = fault(lambda: edits.reorder(self.film, order))
            assert isinstance(error, InvalidInput)

    @rule(position=st.integers(0, 30))
    def change(self, position: int) -> None:
        if position < len(self.expected):
            clip_id = self.expected[position]
            self.apply(edits.change_clip(self.film, clip_id, {"room_label": "Den"}))

    @invariant()
    def order_is_dense_and_as_expected(self) -> None:
        view = project_view(self.film, BASE)
        assert [clip.sequence_order for clip in view.clips] == list(range(len(self.expected)))
        assert [clip.id for clip in view.clips] == self.expected
        assert view.clip_count == len(self.expected) <= MAX_CLIPS


TestClips = Clips.TestCase


def made_film() -> Film:
    """Three finished clips with their transitions."""
    clips = [
        clip_row(
            f"clip_{number}",
            status="completed",
            clip_key=f"generation-videos/{number}.mp4",
            transition_key=f"generation-videos/t{number}.mp4",
            transition_next_id=f"clip_{number + 1}",
        )
        for number in range(3)
    ]
    bare = film(3)
    project = bare.project.model_copy(update={"completed_clip_count": 3, "status": "completed"})
    return Film(project=project, clips=tuple(clips))


def shown(after: Film) -> list[tuple[str, bool, bool]]:
    """Status, and whether clip and transition are shown."""
    view = project_view(after, BASE)
    return [
        (clip.status, clip.clip_url is not None, clip.transition_clip_url is not None)
        for clip in view.clips
    ]


DONE, LAST = ("completed", True, True), ("completed", True, False)


def test_a_finished_film_shows_its_clips_and_all_transitions_but_the_last() -> None:
    assert shown(made_film()) == [DONE, DONE, LAST]


def test_a_changed_clip_is_pending_and_so_are_the_transitions_on_both_sides() -> None:
    before = made_film()
    after = applied(before, edits.change_clip(before, "clip_1", {"motion_prompt": "Pan left."}))
    assert shown(after) == [LAST, ("pending", False, False), LAST]
    assert after.project.completed_clip_count == 2


def test_a_new_label_or_the_same_value_keeps_what_was_made() -> None:
    before = made_film()
    same = {"room_label": "Den", "motion_prompt": before.clips[1].motion_prompt}
    assert shown(applied(before, edits.change_clip(before, "clip_1", same))) == [DONE, DONE, LAST]


def test_a_transition_is_shown_only_while_its_neighbour_follows() -> None:
    before = made_film()
    after = applied(before, edits.reorder(before, ["clip_0", "clip_2", "clip_1"]))
    assert shown(after) == [LAST, LAST, LAST]
    back = applied(after, edits.reorder(after, ["clip_0", "clip_1", "clip_2"]))
    assert shown(back) == [DONE, DONE, LAST]


@given(value=st.sampled_from([("aspect_ratio", "9:16"), ("model", "kling-v3.0")]))
def test_what_shapes_every_clip_makes_every_clip_pending(value: tuple[str, str]) -> None:
    before = made_film()
    after = applied(before, edits.change_project(before, dict([value])))
    assert shown(after) == [("pending", False, False)] * 3
    assert after.project.completed_clip_count == 0


def framed(*sizes: tuple[int, int] | None) -> Film:
    """A finished film of pictures of these sizes."""
    made = made_film()
    clips = (
        clip.model_copy(update={"source_size": size})
        for clip, size in zip(made.clips, sizes, strict=True)
    )
    return made.model_copy(update={"clips": tuple(clips)})


PENDING = ("pending", False, False)


def test_another_fit_of_the_project_unmakes_only_the_clips_that_it_frames_otherwise() -> None:
    before = framed((1600, 900), (4000, 3000), (1600, 900))
    crop, pad = (applied(before, edits.change_project(before, {"fit": f})) for f in ("crop", "pad"))
    assert (shown(crop), crop.project.fit) == ([DONE, DONE, LAST], "crop")
    assert shown(pad) == [LAST, PENDING, LAST]
    assert pad.project.completed_clip_count == 2
    unknown = framed((1600, 900), None, (1600, 900))
    after = applied(unknown, edits.change_project(unknown, {"fit": "crop"}))
    assert shown(after) == [LAST, PENDING, LAST], "of an old row's picture nothing is known"


def test_a_clips_own_fit_comes_before_the_projects() -> None:
    before = framed((4000, 3000), (4000, 3000), (4000, 3000))
    own = applied(before, edits.change_clip(before, "clip_2", {"fit": "crop"}))
    assert shown(own) == [DONE, DONE, LAST], "auto crops it too"
    after = applied(own, edits.change_project(own, {"fit": "pad"}))
    assert shown(after) == [PENDING, PENDING, LAST]
    padded = applied(before, edits.change_clip(before, "clip_0", {"fit": "pad"}))
    assert shown(padded) == [PENDING, DONE, LAST]


def test_a_new_name_keeps_every_clip() -> None:
    before = made_film()
    after = applied(before, edits.change_project(before, {"name": "Villa", "music_volume": 10}))
    assert shown(after) == [DONE, DONE, LAST]


def test_a_model_must_be_able_to_make_the_clips_there_are() -> None:
    before = film(2, generate_native_audio=True)
    error = fault(lambda: edits.change_project(before, {"model": "showreel/camera-motion"}))
    assert error.code == "native_audio"
