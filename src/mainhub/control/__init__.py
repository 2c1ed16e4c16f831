"""The control API over what has no room of its own; today the configuration of the running hub.

For: administrators, who look where a value comes from and change the few that may change without a
restart. Not for: reading settings into rooms (``app`` hands each its values), nor for keeping a
change: what was changed here lasts until the hub stops.
"""

from mainhub.control.configuration import (
    RunningConfiguration,
    Setting,
    SettingFixed,
    UnknownSetting,
)

__all__ = ["RunningConfiguration", "Setting", "SettingFixed", "UnknownSetting"]
