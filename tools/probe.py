"""Uses built artefacts as a function would; run by `tools.artefacts` with `python -I -S`.

    python -I -S tools/probe.py BUILD

Only Python's own library and the built layers can be imported, in a process that takes itself for
one of Lambda. Every handler and module is, and whatever they import later, where it is used; every
AWS client that the code names is made, which reads botocore's data; and the three kinds of picture
that are accepted are decoded.
"""

import ast
import importlib
import importlib.util
import io
import os
import pkgutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ENTRY_POINTS = frozenset({"showreel.edge.streaming.__main__"})
"""Modules that run when they are imported."""
VARIABLES = ("POWERTOOLS_SERVICE_NAME", "ALLOWED_ORIGIN", "JWT_ISSUER", "JWT_AUDIENCE")
"""What handlers read from the environment while they are imported."""
LAMBDA = {"AWS_LAMBDA_FUNCTION_NAME": "probe", "PYDANTIC_DISABLE_PLUGINS": "__all__"}
"""What Lambda and the template set, by which `showreel.core.packages` leaves modules out."""
PICTURES = ("JPEG", "PNG", "WEBP")


def services(package: Path) -> set[str]:
    """Returns the AWS services that the code makes clients of: `client("s3")`."""
    return {
        str(node.args[0].value)
        for node in _nodes(package)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        if node.func.id == "client" and node.args and isinstance(node.args[0], ast.Constant)
    }


def imported_names(package: Path) -> set[tuple[str, str]]:
    """Module and name of every `from module import name`, wherever it stands; `import module` has
    no name.
    """
    found: set[tuple[str, str]] = set()
    for node in _nodes(package):
        if isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            found |= {(node.module, alias.name) for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {(alias.name, "") for alias in node.names}
    return found


def _nodes(package: Path) -> Iterator[ast.AST]:
    for path in package.rglob("*.py"):
        yield from ast.walk(ast.parse(path.read_text()))


def import_name(module: str, name: str) -> None:
    """Does what the statement does. Raises ImportError."""
    found = importlib.import_module(module)
    if name and not hasattr(found, name):
        importlib.import_module(f"{module}.{name}")


def import_package(name: str) -> int:
    """Imports all of a package's modules; returns how many."""
    package = importlib.import_module(name)
    names = [found.name for found in pkgutil.walk_packages(package.__path__, f"{name}.")]
    for module in names:
        if module not in ENTRY_POINTS:
            importlib.import_module(module)
    return len(names)


def import_handler(folder: Path) -> Any:
    """Returns a function's handler. Raises what its import raises."""
    spec = importlib.util.spec_from_file_location(folder.name, folder / "app.py")
    if spec is None or spec.loader is None:
        raise ImportError(f"{folder} has no app.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.handler


def decode_pictures() -> None:
    """Writes and reads one of each kind. Raises Pillow's errors."""
    from PIL import Image

    for kind in PICTURES:
        file = io.BytesIO()
        Image.new("RGB", (8, 8)).save(file, kind)
        with Image.open(io.BytesIO(file.getvalue()), formats=[kind]) as image:
            image.load()


def main(build: Path) -> None:
    """Does all of it. Raises whatever goes wrong."""
    layer, wallet, otio = (
        build / name / "python" for name in ("CommonLayer", "WalletLayer", "OtioLayer")
    )
    sys.path += [str(layer), str(wallet), str(otio)]
    os.environ |= dict.fromkeys(VARIABLES, "probe") | LAMBDA
    os.environ |= {"AWS_DEFAULT_REGION": "eu-central-1", "HOME": "/nonexistent"}
    modules = import_package("showreel") + import_package("showreel_otio")
    handlers = [import_handler(path.parent) for path in sorted(build.glob("*Function/app.py"))]
    for module, name in sorted(imported_names(layer / "showreel")):
        import_name(module, name)
    client = importlib.import_module("showreel.core.aws").client
    made = sorted(services(layer / "showreel"))
    for service in made:
        client(service)
    decode_pictures()
    print(f"{modules} modules and {len(handlers)} handlers imported from the built layers alone")
    print(f"AWS clients made: {', '.join(made)}; pictures decoded: {', '.join(PICTURES)}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
