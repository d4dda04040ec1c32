"""The Unified Generation Service: one entry point for every generation.

service = UnifiedGenerationService("https://host/stage", token)
image = service.generate_image("A futuristic city", model="fal-ai/flux/schnell")
"""

from typing import TYPE_CHECKING, Any

from showreel_client.batches import BatchResult, BatchShot, QueuedBatch, SkippedShot
from showreel_client.budget import Limits
from showreel_client.cancel import CancelToken
from showreel_client.catalogue import Model, Models
from showreel_client.cuts import (
    AdjustedShot,
    CaptionWarning,
    DirectorCutSummary,
    Export,
    ExportSettings,
    MissingShot,
    PreflightError,
)
from showreel_client.errors import (
    ErrorCode,
    GenerationCanceled,
    GenerationError,
    InsufficientCreditsError,
)
from showreel_client.graph_stream import (
    GraphCompleted,
    GraphEvent,
    GraphStarted,
    NodeChanged,
    NodeOutput,
    NodeProgress,
)
from showreel_client.graphs import Graph, GraphEstimate, GraphProblem, NodeEstimate
from showreel_client.models import (
    GenerationInput,
    GenerationMetadata,
    GenerationResult,
    GenerationResultMetadata,
    OutputConfig,
    Progress,
    ReferenceAsset,
)
from showreel_client.service import UnifiedGenerationService
from showreel_client.shot_stream import ShotChanged, ShotEvent, ShotsBegun, ShotsWritten
from showreel_client.storyboards import (
    Character,
    Project,
    Scene,
    Shot,
    ShotGeneration,
    ShotVersion,
)
from showreel_client.upgrade import upgrade_table
from showreel_client.wallet_calls import WalletAccount
from showreel_client.wallets import WalletSession
from showreel_client.webhooks import Webhook, WebhookDelivery, WebhookSecret

if TYPE_CHECKING:
    from showreel_client.async_service import AsyncUnifiedGenerationService
    from showreel_client.async_wallets import AsyncWalletSession

__all__ = [
    "AdjustedShot",
    "AsyncUnifiedGenerationService",
    "AsyncWalletSession",
    "BatchResult",
    "BatchShot",
    "CancelToken",
    "CaptionWarning",
    "Character",
    "DirectorCutSummary",
    "ErrorCode",
    "Export",
    "ExportSettings",
    "GenerationCanceled",
    "GenerationError",
    "GenerationInput",
    "GenerationMetadata",
    "GenerationResult",
    "GenerationResultMetadata",
    "Graph",
    "GraphCompleted",
    "GraphEstimate",
    "GraphEvent",
    "GraphProblem",
    "GraphStarted",
    "InsufficientCreditsError",
    "Limits",
    "MissingShot",
    "Model",
    "Models",
    "NodeChanged",
    "NodeEstimate",
    "NodeOutput",
    "NodeProgress",
    "OutputConfig",
    "PreflightError",
    "Progress",
    "Project",
    "QueuedBatch",
    "ReferenceAsset",
    "Scene",
    "Shot",
    "ShotChanged",
    "ShotEvent",
    "ShotGeneration",
    "ShotVersion",
    "ShotsBegun",
    "ShotsWritten",
    "SkippedShot",
    "UnifiedGenerationService",
    "WalletAccount",
    "WalletSession",
    "Webhook",
    "WebhookDelivery",
    "WebhookSecret",
    "upgrade_table",
]


def __getattr__(name: str) -> Any:
    """Imports what is for asyncio, and with it asyncio, only where it is used."""
    if name == "AsyncUnifiedGenerationService":
        from showreel_client.async_service import AsyncUnifiedGenerationService

        return AsyncUnifiedGenerationService
    if name == "AsyncWalletSession":
        from showreel_client.async_wallets import AsyncWalletSession

        return AsyncWalletSession
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
