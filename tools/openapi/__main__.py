"""Writes the document, or checks the committed one.

python -m tools.openapi            writes docs/api/openapi.json
python -m tools.openapi --check    1 if the committed one is not what the code says, or isn't valid
"""

import json
import sys

from openapi_spec_validator import OpenAPIV31SpecValidator

from tools.openapi.document import Undescribed, document
from tools.openapi.routes import ROOT

DOCUMENT = ROOT / "docs" / "api" / "openapi.json"


def main() -> int:
    """Writes or checks the document."""
    try:
        made = document()
    except Undescribed as error:
        print(error, file=sys.stderr)
        return 1
    text = json.dumps(made, indent=1, ensure_ascii=False) + "\n"
    if "--check" not in sys.argv:
        DOCUMENT.write_text(text)
    elif DOCUMENT.read_text() != text:
        print("docs/api/openapi.json is not what the code says: make openapi", file=sys.stderr)
        return 1
    OpenAPIV31SpecValidator(made).validate()
    return 0


if __name__ == "__main__":
    sys.exit(main())
