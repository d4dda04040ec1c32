"""Replicate's models: which there are, and where their pages stand in the vendor's catalogue."""

from dataclasses import dataclass

from local.simulators.vendors.replicate import inputs


@dataclass(frozen=True)
class Model:
    """One model; `version` is the one whose page its fields were read on."""

    name: str
    version: str
    kind: type[inputs.ModelInput]
    about: str

    def page(self) -> dict[str, object]:
        """Returns the model as the API shows it."""
        owner, _, name = self.name.partition("/")
        return {
            "url": f"https://replicate.com/{self.name}",
            "owner": owner,
            "name": name,
            "description": self.about,
            "visibility": "public",
            "github_url": None,
            "paper_url": None,
            "license_url": None,
            "run_count": 1,
            "cover_image_url": None,
            "default_example": None,
            "latest_version": self._version(),
        }

    def _version(self) -> dict[str, object]:
        output = {"type": "string", "title": "Output", "format": "uri"}
        schemas = {"Input": self.kind.model_json_schema(), "Output": output}
        return {
            "id": self.version,
            "created_at": "2026-01-01T00:00:00.000Z",
            "cog_version": "0.16.8",
            "openapi_schema": {"openapi": "3.0.2", "components": {"schemas": schemas}},
        }


_ALL = (
    Model(
        "wavespeedai/wan-2.1-i2v-720p",
        "650c15e12917bc080cf88d24c55617b4f97b5fe0c972e52eb7dfd3ee847aa888",
        inputs.Wan,
        "Accelerated inference for Wan 2.1 14B image to video",
    ),
    Model(
        "runwayml/gen4-turbo",
        "eb9e9b16bcc7d83db9451bcfc5a1dd061cfe466929e069815918ee937fcd32cc",
        inputs.Gen4,
        "Generate 5s and 10s 720p videos fast",
    ),
    Model(
        "kwaivgi/kling-v3-video",
        "4a8ba2743bd9dc2b487e0c4319988aacd658d33c2d064b8a420f4ee1732c30bd",
        inputs.Kling3,
        "Kling Video 3.0",
    ),
    Model(
        "kwaivgi/kling-v1.6-pro",
        "03b02153924ef65cd57b7e561f3a4ed66db11c34218d2c70a8af198987edfa3d",
        inputs.Kling16,
        "Kling 1.6 Pro",
    ),
)
MODELS = {model.name: model for model in _ALL}
BY_VERSION = {model.version: model for model in _ALL}
