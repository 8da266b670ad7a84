"""The one object that every played service is given: what is remembered, and who is who."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from .store import Store


@dataclass(frozen=True)
class Cloud:
    """A tenant with one subscription, and the clock its services go by.

    `tenant` and `subscription` are GUIDs; `now` returns seconds since the epoch.
    """

    store: Store
    tenant: str
    subscription: str
    now: Callable[[], float] = time.time
