"""The run object, whatever a run makes: each kind adds fields of its own."""

from showreel.cuts.view import CutRunView
from showreel.films.pipeline.view import FilmRunView
from showreel.graphs.runs.view import GraphRunView
from showreel.storyboards.batch.view import BatchRunView
from showreel.storyboards.gen_shots.kind import ShotRunView

AnyRun = FilmRunView | GraphRunView | CutRunView | BatchRunView | ShotRunView
