"""The cards that a person has placed on their home page, and in which order.

For: the front-end ``dashboard``, which draws them, and the gallery, which places them. Not for:
what a card shows: widgets belong to front-ends, and whoever may open a front-end may place its own.
"""

from mainhub.frontends.dashboards.layout import (
    Card,
    Dashboard,
    DashboardChanged,
    LayoutInvalid,
    checked,
)
from mainhub.frontends.dashboards.store import Dashboards

__all__ = ["Card", "Dashboard", "DashboardChanged", "Dashboards", "LayoutInvalid", "checked"]
