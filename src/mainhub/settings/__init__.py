"""Settings: one typed tree, in which every value knows where it comes from.

For: the command line, which calls :func:`load` once, and ``app``, which hands each room the values
that it needs. Not for: rooms (they are given plain values and never read settings), nor for
switches of tools (``MAINHUB_X`` without ``__``).
"""

from mainhub.settings.address import Address
from mainhub.settings.configuration import (
    MASK,
    Configuration,
    Row,
    documented_paths,
)
from mainhub.settings.database import Database, DatabaseUrl
from mainhub.settings.duration import format_duration
from mainhub.settings.events import Events, EventType
from mainhub.settings.frontends import Frontends
from mainhub.settings.gateway import Gateway, Service
from mainhub.settings.hub import Hub
from mainhub.settings.identity import IdentityProvider
from mainhub.settings.invalid import SettingsInvalid
from mainhub.settings.layers import Source
from mainhub.settings.load import default_config, load
from mainhub.settings.names import variable
from mainhub.settings.redis_address import RedisAddress, parse_redis_url
from mainhub.settings.redis_environment import redis_by_environment
from mainhub.settings.redis_section import Redis, RedisUrl
from mainhub.settings.resilience import Breaker, Bulkhead, Limit, Limits, Retry
from mainhub.settings.serving import Provider, Serving
from mainhub.settings.sessions import Sessions
from mainhub.settings.telemetry import Telemetry
from mainhub.settings.tree import Settings

__all__ = [
    "MASK",
    "Address",
    "Breaker",
    "Bulkhead",
    "Configuration",
    "Database",
    "DatabaseUrl",
    "EventType",
    "Events",
    "Frontends",
    "Gateway",
    "Hub",
    "IdentityProvider",
    "Limit",
    "Limits",
    "Provider",
    "Redis",
    "RedisAddress",
    "RedisUrl",
    "Retry",
    "Row",
    "Service",
    "Serving",
    "Sessions",
    "Settings",
    "SettingsInvalid",
    "Source",
    "Telemetry",
    "default_config",
    "documented_paths",
    "format_duration",
    "load",
    "parse_redis_url",
    "redis_by_environment",
    "variable",
]
