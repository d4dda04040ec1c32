"""Models of a graph as its author wrote it, and of what its nodes pass on.

The names are the documented ones, in snake_case: a graph is stored, sent and exported as the same
JSON.
"""

from typing import Any, Literal

from pydantic import Field

from showreel.core.models import FrozenModel

DataType = Literal["text", "image", "video", "audio", "any"]
"""The type that passes through a handle; `any` is known only in a run."""
MAX_NODES = 500
MAX_EDGES = 4_000


class Position(FrozenModel):
    """Where an editor shows a node."""

    x: float = Field(default=0, allow_inf_nan=False)
    y: float = Field(default=0, allow_inf_nan=False)


class Port(FrozenModel):
    """A handle as an editor declares it: edges may name its `id`; `name` says which it is."""

    id: str
    name: str
    datatype: str | None = None
    cardinality: str | None = None
    optional: bool | None = None
    position: str | None = None


class Node(FrozenModel):
    """One step. What `params` means depends on the kind; `inputs` in it are values by handle."""

    id: str
    kind: str
    label: str = ""
    params: dict[str, Any] = Field(default_factory=dict)
    inputs: tuple[Port, ...] = ()
    outputs: tuple[Port, ...] = ()
    position: Position = Field(default_factory=Position)


class Edge(FrozenModel):
    """What leads from a node's output to another one's input. An empty handle is the only fitting
    one.
    """

    id: str
    source_node_id: str
    source_handle: str = ""
    target_node_id: str
    target_handle: str = ""


class Graph(FrozenModel):
    """All nodes and edges. Edges into one handle are ordered as they are here."""

    nodes: tuple[Node, ...] = ()
    edges: tuple[Edge, ...] = ()


class Artifact(FrozenModel):
    """One output of a node: a text, an object of our bucket, or the URL of a file."""

    type: DataType
    text: str | None = None
    key: str | None = None
    url: str | None = None
    """As the author wrote it; the file isn't fetched yet."""
    content_type: str | None = None
    width: int | None = None
    height: int | None = None
    duration_seconds: float | None = None
    digest: str | None = None
    """The hash of its content, if its maker knows it."""


class Input(FrozenModel):
    """An input at a handle: another node's output, or a URL written in the node."""

    node_id: str | None = None
    url: str | None = None
    type: DataType = "any"
    is_list: bool = False
    """Whether it may be several artifacts."""


class Part(FrozenModel):
    """A part of a text: words, or the texts of a handle, one a line."""

    text: str | None = None
    handle: str | None = None


class Step(FrozenModel):
    """A node as it will run: checked, typed, with every default filled in."""

    node_id: str
    kind: str
    operation: str | None = None
    """FFmpeg's operation, for Transform and Combine."""
    model_id: str | None = None
    """The catalogue's model that makes it, chosen by the inputs."""
    settings: dict[str, Any] = Field(default_factory=dict)
    """Parameters of the operation, or fields of the model's form by their own names."""
    texts: dict[str, tuple[Part, ...]] = Field(default_factory=dict)
    """Texts by handle (`prompt`) or by field of the form (`negative_prompt`)."""
    inputs: dict[str, tuple[Input, ...]] = Field(default_factory=dict)
    """Media by handle, and texts that `texts` name, in the order of the edges."""
    output: DataType = "any"
    is_list: bool = False
    """Whether it may give several artifacts."""
    timeout_seconds: int = 600
    retries: int = 1

    @property
    def parents(self) -> frozenset[str]:
        """The nodes whose outputs the step needs."""
        every = (one.node_id for inputs in self.inputs.values() for one in inputs)
        return frozenset(node_id for node_id in every if node_id is not None)
