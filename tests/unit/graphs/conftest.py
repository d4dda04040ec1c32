"""Tables and a bucket in this process, two tenants."""

from tests.unit.films.conftest import cloud, loopback_only, one_at_a_time

__all__ = ["cloud", "loopback_only", "one_at_a_time"]
