"""Makes of a SAM template what CloudFormation makes of it: runs SAM's own transform.

Everything local reads the result, never the template as written, so that nothing works here that
SAM would have left out. CloudFormation runs the same code (aws-sam-translator) when it meets
`Transform: AWS::Serverless-2016-10-31`:
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/transform-aws-serverless.html
"""

import contextlib
import hashlib
import importlib.metadata
import json
import logging
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

TRANSFORM = "AWS::Serverless-2016-10-31"
BUCKET = "packaged"
"""Stands for the bucket that `sam package` uploads to; keys are paths beside the template."""
PATH_PROPERTIES = ("CodeUri", "ContentUri", "DefinitionUri")
KEPT_RESULTS = 50
CACHE = Path(__file__).resolve().parent.parent / ".local" / "transformed"


class TransformError(ValueError):
    """SAM refuses the template."""


def transformed(
    document: Mapping[str, Any], parameters: Mapping[str, Any], region: str
) -> dict[str, Any]:
    """Returns the template after the transform; one without `Transform` as it is.

    `parameters` are values by name: SAM resolves those that its own properties refer to. The
    result is kept in a file, since importing the translator takes longer than starting the stack.
    Raises TransformError.
    """
    if document.get("Transform") != TRANSFORM:
        return dict(document)
    version = importlib.metadata.version("aws-sam-translator")
    inputs = json.dumps([document, dict(parameters), region, version], sort_keys=True, default=str)
    kept = CACHE / f"{hashlib.sha256(inputs.encode()).hexdigest()}.json"
    with contextlib.suppress(FileNotFoundError):
        known: dict[str, Any] = json.loads(kept.read_text())
        return known
    result = translate(document, parameters, region)
    _keep(kept, result)
    return result


def _keep(path: Path, result: Mapping[str, Any]) -> None:
    """Writes a result in one step and drops the oldest of the others."""
    CACHE.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(f".{os.getpid()}")
    draft.write_text(json.dumps(result))
    draft.replace(path)
    newest_first = sorted(CACHE.glob("*.json"), key=_age_seconds)
    for old in newest_first[KEPT_RESULTS:]:
        old.unlink(missing_ok=True)


def _age_seconds(path: Path) -> float:
    """Seconds since it was written; another process may have dropped it meanwhile."""
    try:
        return time.time() - path.stat().st_mtime
    except FileNotFoundError:
        return 0.0


def translate(
    document: Mapping[str, Any], parameters: Mapping[str, Any], region: str
) -> dict[str, Any]:
    """Runs the translator. Raises TransformError with every finding."""
    import boto3
    from samtranslator.model.exceptions import InvalidDocumentException
    from samtranslator.parser.parser import Parser
    from samtranslator.translator.translator import Translator

    logging.getLogger("samtranslator").setLevel(logging.ERROR)
    session = boto3.Session(region_name=region)
    translator = Translator({}, Parser(), boto_session=session)
    try:
        result = translator.translate(packaged(document), dict(parameters))
    except InvalidDocumentException as error:
        findings = "; ".join(str(cause.message) for cause in error.causes)
        raise TransformError(findings or str(error.message)) from error
    plain: dict[str, Any] = json.loads(json.dumps(result))
    return plain


def packaged(document: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the template with local paths as `sam package` writes them: addresses in S3."""
    made: dict[str, Any] = json.loads(json.dumps(document))  # an alias becomes a copy, as in a file
    for resource in made.get("Resources", {}).values():
        properties = resource.get("Properties", {})
        for name in PATH_PROPERTIES:
            if isinstance(properties.get(name), str):
                properties[name] = f"s3://{BUCKET}/{properties[name]}"
    return made


def local_path(location: Mapping[str, Any]) -> str:
    """Returns the path, relative to the template, that a packaged location stands for.

    Functions and layers say `S3Key`, state machines `Key`.
    """
    return str(location.get("S3Key") or location["Key"])


def main() -> None:
    """Keeps the transform of the stack's own template with its defaults: `python -m local.sam`."""
    os.nice(3)  # the stack's imports, beside which this runs, take longer
    from local.settings import StackSettings
    from local.template import Template

    settings = StackSettings()
    Template(settings.template, {}, {"AWS::Region": settings.region}, lambda name, _: name)


if __name__ == "__main__":
    main()
