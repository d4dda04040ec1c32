"""The functions of a template: code, handler, limits, layers, environment."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.sam import local_path
from local.template import Template

DEFAULT_TIMEOUT_SECONDS = 3
DEFAULT_MEMORY_MB = 128
MAXIMUM_RETRIES = 2


@dataclass(frozen=True)
class FunctionSpec:
    """One function as the template describes it."""

    logical_id: str
    name: str
    folder: str
    """The last part of its code's path: what people call it."""
    arn: str
    code: Path
    handler: str
    timeout_seconds: float
    memory_mb: int
    environment: Mapping[str, str]
    layers: tuple[Path, ...]
    reserved_concurrency: int | None
    log_group: str
    log_format: str
    """`Text` or `JSON`."""
    retries: int
    """How often a failed asynchronous invocation is tried again."""
    on_failure: str = ""
    """ARN of the queue that is notified when it is given up; empty is none."""

    def is_named_by(self, arn: str) -> bool:
        """True for the function's ARN and for those of its aliases and versions."""
        return arn == self.arn or arn.startswith(f"{self.arn}:")

    def in_layers(self, path: str) -> Path | None:
        """Returns the file that `/opt/...` is: layers are laid over each other, later
        ones on top.
        """
        relative = path.removeprefix("/opt/").removeprefix("python/")
        found = [layer / relative for layer in self.layers if (layer / relative).exists()]
        return found[-1] if found else None


def function_specs(template: Template) -> dict[str, FunctionSpec]:
    """Returns every function by logical id."""
    layers = layer_folders(template)
    invoked = asynchronous_settings(template)
    return {
        name: _spec(template, name, properties, layers, invoked.get(template.ref(name), {}))
        for name, properties in template.of_type("AWS::Lambda::Function").items()
    }


def layer_folders(template: Template) -> dict[str, Path]:
    """Folder of each layer by what a Ref to it gives."""
    return {
        template.ref(name): template.path.parent / local_path(properties["Content"])
        for name, properties in template.of_type("AWS::Lambda::LayerVersion").items()
    }


def asynchronous_settings(template: Template) -> dict[str, Mapping[str, Any]]:
    """Returns what the template says about asynchronous invocations, by function name."""
    configured = template.of_type("AWS::Lambda::EventInvokeConfig").values()
    return {config["FunctionName"]: config for config in configured}


def _spec(
    template: Template,
    name: str,
    properties: Mapping[str, Any],
    layers: Mapping[str, Path],
    invoked: Mapping[str, Any],
) -> FunctionSpec:
    code = (template.path.parent / local_path(properties["Code"])).resolve()
    variables = properties.get("Environment", {}).get("Variables", {})
    reserved = properties.get("ReservedConcurrentExecutions")
    logging = properties.get("LoggingConfig", {})
    function_name = template.ref(name)
    return FunctionSpec(
        logical_id=name,
        name=function_name,
        folder=code.name,
        arn=template.lookup(name, "Arn"),
        code=code,
        handler=properties["Handler"],
        timeout_seconds=float(properties.get("Timeout", DEFAULT_TIMEOUT_SECONDS)),
        memory_mb=int(properties.get("MemorySize", DEFAULT_MEMORY_MB)),
        environment={key: _variable(value) for key, value in variables.items()},
        layers=tuple(layers[ref] for ref in properties.get("Layers", [])),
        reserved_concurrency=int(reserved) if reserved is not None else None,
        log_group=logging.get("LogGroup", f"/aws/lambda/{function_name}"),
        log_format=logging.get("LogFormat", "Text"),
        retries=int(invoked.get("MaximumRetryAttempts", MAXIMUM_RETRIES)),
        on_failure=invoked.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination", ""),
    )


def _variable(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
