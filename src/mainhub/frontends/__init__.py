"""Micro-frontends: the registry, who may see which, and the shell page around them.

For: the shell, which is told by the server what a person may open, and operators, who register
front-ends at run time. Not for: what happens in the browser (``browser/``), nor for hosting bundles
of other teams.

Invariants: navigation is resolved on the server by role, deny by default; a page carries exactly
one import map, with an integrity for every file that the build knows; a built file never changes
under its name.
"""

from mainhub.frontends.build import Build, BuildMissing
from mainhub.frontends.port import (
    RESERVED,
    Change,
    Frontend,
    FrontendChanged,
    FrontendInvalid,
    FrontendUnknown,
    Registered,
    Registry,
    WouldLockOut,
)
from mainhub.frontends.resolution import Resolution, resolve
from mainhub.frontends.shell import Shell, ShellLimits
from mainhub.frontends.widget import Size, Widget

__all__ = [
    "RESERVED",
    "Build",
    "BuildMissing",
    "Change",
    "Frontend",
    "FrontendChanged",
    "FrontendInvalid",
    "FrontendUnknown",
    "Registered",
    "Registry",
    "Resolution",
    "Shell",
    "ShellLimits",
    "Size",
    "Widget",
    "WouldLockOut",
    "resolve",
]
