"""A runs table in this process."""

from tests.unit.films.pipeline.conftest import runs, table

__all__ = ["runs", "table"]
