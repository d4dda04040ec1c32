"""What the functions' roles grant and no test used, collected from all stacks of a whole run.

A role that allows more than the code needs is found here, since every function runs in the suite.
The run fails at its end for what no stack of any process used.
"""

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase

import pytest

from local.aws.permissions import Grant
from local.stack import Stack
from tests.support.reports import Report

Row = tuple[str, str, str]
USED = Report[Row]("permissions_used")
GRANTED = Report[Row]("permissions_granted")

BY_LAMBDA_ITSELF = "Lambda sends by the role what it gave up; here the stack does it in its name"


@dataclass(frozen=True)
class Excuse:
    """Grants, by patterns, that are needed although not every run of the suite uses them."""

    functions: str
    """Patterns with blanks between them."""
    actions: str
    """The same."""
    resources: str
    """The same."""
    why: str

    def covers(self, grant: Grant) -> bool:
        """True for a grant that is excused."""
        return (
            _matches(grant.function, self.functions)
            and _matches(grant.action, self.actions)
            and _matches(grant.resource, self.resources)
        )


def _matches(name: str, patterns: str) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns.split())


IMPORTERS = (
    "fal_stream generate_*_video* gmi_execute music_tracks video_project* projects scenes shots"
)
SWEEPS = "every_minute every_day on_execution_ended"
EXCUSES = (
    Excuse("*", "s3:AbortMultipartUpload", "*", "when a part of a large upload fails"),
    Excuse("*", "s3:ListBucket", "*", "a file that is gone is 404 only to who may list"),
    Excuse(IMPORTERS, "s3:GetObject", "*/*", "a caller may name any file of the workspace"),
    Excuse(IMPORTERS, "s3:DeleteObject", "*", "copies and files go when their order or row does"),
    Excuse(IMPORTERS, "dynamodb:DeleteItem", "*StudioTable", "the same, their rows"),
    Excuse("fal_stream gmi_execute", "s3:PutObject", "*/audio/*", "a sound as an input"),
    Excuse("*", "dynamodb:DeleteItem", "*IdempotencyTable", "a failed request frees its key"),
    Excuse(
        "generation_submit generation_render",
        "s3:GetObject",
        "*/*",
        "a node of a graph may name any file of the workspace",
    ),
    Excuse("generation_collect", "s3:PutObject", "*/audio/*", "queued models of sounds"),
    Excuse("generation_submit", "dynamodb:GetItem", "*CreditsTable", "why a capture was refused"),
    Excuse("generation_release", "dynamodb:PutItem", "*CreditsTable", "what was stored is paid"),
    Excuse("generation_release", "secretsmanager:*", "*", "what a vendor still makes is stopped"),
    Excuse("generation_release", "states:*", "*", "whoever waits for the job hears"),
    Excuse("pipeline_compile_video", "s3:GetObject", "*/audio/*", "music of the workspace"),
    Excuse("pipeline_compile_video", "s3:GetObject", "*/project-assets/*", "a logo"),
    Excuse(
        "pipeline_release_run", "dynamodb:UpdateItem", "*JobsTable", "it cancels what still runs"
    ),
    Excuse("pipeline_release_run", "secretsmanager:*", "*", "the same, at the vendor"),
    Excuse("pipeline_release_run", "states:*", "*", "the same, and starts who waits"),
    Excuse("pipeline_finalize_video", "dynamodb:*", "*JobsTable", "the same, of a piece given up"),
    Excuse("pipeline_finalize_video", "secretsmanager:*", "*", "the same, at the vendor"),
    Excuse("pipeline_finalize_video", "states:*", "*", "the same, and starts who waits"),
    Excuse(
        "jobs runs", "states:*", "*", "whoever waits for what is canceled hears; who waits starts"
    ),
    Excuse("jobs runs", "secretsmanager:*", "*Provider*", "if a vendor makes what is canceled"),
    Excuse("runs", "dynamodb:UpdateItem", "*JobsTable", "if a job still runs then"),
    Excuse("trigger_video", "s3:GetObject", "*/audio/*", "music of the workspace"),
    Excuse("trigger_video", "dynamodb:GetItem", "*StudioTable", "the same, its row"),
    Excuse("compute_graph_end_run", "dynamodb:*", "*", "what still runs is canceled, told, kept"),
    Excuse("compute_graph_end_run", "secretsmanager:*", "*", "the same, at the vendor"),
    Excuse("compute_graph_end_run", "states:*", "*", "the same, and starts who waits"),
    Excuse("runs", "dynamodb:BatchGetItem", "*StudioTable", "what a vendor still made is kept"),
    Excuse("runs", "dynamodb:DeleteItem", "*RunsTable", "the same, in place of an older one"),
    Excuse("jobs generation_release", "dynamodb:UpdateItem", "*RunsTable", "if a graph waits"),
    Excuse("generation_await", "states:*", "*", "if the webhook comes before the wait"),
    Excuse("pipeline_*", "states:SendTask*", "*", "which of two neighbours comes second varies"),
    Excuse("storyboard_*_shots", "states:StartExecution", "*", "who waits starts"),
    Excuse("director_cut_end", "states:StartExecution", "*", "who waits starts"),
    Excuse(
        "director_cut shot_generations",
        "dynamodb:PutItem",
        "*IdempotencyTable",
        "for a request with an Idempotency-Key",
    ),
    Excuse(
        "director_cut",
        "dynamodb:DeleteItem",
        "*StudioTable",
        "when a timeline gets shorter by a part of 25 rows",
    ),
    Excuse(
        "director_cut",
        "s3:GetObject",
        "*/generation-videos/*",
        "a video is probed when the row with its length has just been deleted",
    ),
    Excuse(
        "director_cut_make_piece",
        "s3:GetObject",
        "*/generation-videos/*",
        "videos that were made for shots; the suite's are sent",
    ),
    Excuse("director_cut_compose", "dynamodb:UpdateItem", "*JobsTable", "if the vendor is out"),
    Excuse("timeline_otio", "s3:PutObject", "*", "a built-in track that nobody has listed yet"),
    Excuse("director_cut_compile", "dynamodb:GetItem", "*StudioTable", "a workspace's track"),
    Excuse(
        "auto_generate_make_shot",
        "states:SendTaskSuccess",
        "*-auto-generate",
        "when a shot needs no job, or its job is over",
    ),
    Excuse(
        "auto_generate_make_shot",
        "states:SendTaskSuccess",
        "*-generation",
        "a repeated order of a job that left its lane may let another one back in",
    ),
    Excuse(
        "auto_generate_end_run",
        "dynamodb:GetItem dynamodb:UpdateItem",
        "*JobsTable *CreditsTable *StudioTable",
        "it cancels what still runs: job, hold and shot",
    ),
    Excuse(
        "jobs runs generation_release",
        "dynamodb:GetItem dynamodb:UpdateItem",
        "*StudioTable *RunsTable *JobsTable",
        "what they end has come to another point each time",
    ),
    Excuse(
        "auto_generate_end_run jobs runs generation_release",
        "dynamodb:PutItem",
        "*StudioTable",
        "a shot's result that was stored just before becomes its version",
    ),
    Excuse("auto_generate_end_run", "secretsmanager:*", "*Provider*", "it cancels at the vendor"),
    Excuse(
        "auto_generate_end_run",
        "states:StopExecution states:SendTaskSuccess",
        "*-generation:* *-auto-generate",
        "it cancels what still runs, and the waiting step hears",
    ),
    Excuse("auto_generate_end_run", "states:StartExecution", "*-auto-generate", "who waits starts"),
    Excuse(
        "generation_release",
        "dynamodb:GetItem dynamodb:UpdateItem",
        "*StudioTable",
        "if the broken job was a shot's",
    ),
    Excuse(
        "jobs generation_release",
        "dynamodb:GetItem dynamodb:PutItem",
        "*RunsTable",
        "if the job was of a run of shots, which counts it",
    ),
    Excuse(SWEEPS, "dynamodb:*", "*", "what they find dead depends on the moment"),
    Excuse(SWEEPS, "secretsmanager:*", "*", "the same"),
    Excuse(SWEEPS, "states:*", "*", "the same"),
    Excuse(f"{SWEEPS} webhook_events", "sqs:SendMessage", "*FailedEvents", BY_LAMBDA_ITSELF),
)


def note(config: pytest.Config, stack: Stack) -> None:
    """At the end of a stack of the product: nothing was denied; what was used is remembered."""
    granted = [grant for grants in stack.permissions.grants.values() for grant in grants]
    USED.add(config, set(map(_row, stack.permissions.used())))
    GRANTED.add(config, set(map(_row, granted)))
    assert stack.permissions.missing() == []


def anonymous(grant: Grant) -> Grant:
    """Without what differs from stack to stack: the account, the random end of a secret's ARN."""
    resource = re.sub(r"\d{12}", "account", grant.resource)
    return Grant(grant.function, grant.action, re.sub(r"(Secret)-\w{6}$", r"\1", resource))


def _row(grant: Grant) -> Row:
    told = anonymous(grant)
    return told.function, told.action, told.resource


def unused(config: pytest.Config) -> list[Grant]:
    """What was granted and neither used nor excused."""
    needless = {Grant(*row) for row in set(GRANTED.all(config)) - set(USED.all(config))}
    return sorted(one for one in needless if not any(excuse.covers(one) for excuse in EXCUSES))
