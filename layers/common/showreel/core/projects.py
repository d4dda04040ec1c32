"""Where products keep what belongs to a project, whichever of them has made the project.

Rows whose sort key begins with PART are removed with the project, and so are the objects that they
name. The partition owns these objects.
"""

PART = "part#"


def project_pk(project_id: str) -> str:
    """Returns the partition of a project."""
    return f"storyboard#{project_id}"
