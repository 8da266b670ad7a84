"""How long to go on: retries and timeouts, in azure-core's terms."""

from dataclasses import dataclass
from typing import TypedDict


class Options(TypedDict):
    """Keyword arguments of an azure-core pipeline."""

    retry_total: int
    retry_backoff_factor: float
    connection_timeout: float
    read_timeout: float


@dataclass(frozen=True)
class Patience:
    """Three retries, as GitLab Runner's SDK makes; pauses double from `backoff` (Retry-After wins). In seconds."""

    retries: int = 3
    backoff: float = 0.8
    connect_timeout: float = 10
    read_timeout: float = 30

    def options(self) -> Options:
        """Return what a client of azure-core is to be given."""
        return {
            "retry_total": self.retries,
            "retry_backoff_factor": self.backoff,
            "connection_timeout": self.connect_timeout,
            "read_timeout": self.read_timeout,
        }
