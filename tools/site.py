"""Build the documentation site into ``site/``: the pages in ``docs/`` and those beside them.

Links work in the repository and in the site alike, since the pages keep their places.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# No font and no script from elsewhere: the site is read on networks without internet, too.
CONFIGURATION = """\
[project]
site_name = "MainHub"
site_description = "The self-hosted hub of a company's internal web applications."
docs_dir = "pages"
site_dir = "site"

[project.theme]
font = false
"""


def main() -> int:
    """Gather the pages, build them strictly (a broken link fails), and put the site in place."""
    workshop = ROOT / ".make" / "site"
    shutil.rmtree(workshop, ignore_errors=True)
    pages = workshop / "pages"
    shutil.copytree(ROOT / "docs", pages / "docs")
    for page in ROOT.glob("*.md"):
        shutil.copy(page, pages / page.name)
    (pages / "README.md").rename(pages / "index.md")
    (workshop / "zensical.toml").write_text(CONFIGURATION)
    zensical = Path(sys.executable).with_name("zensical")
    built = subprocess.run([zensical, "build", "--strict"], cwd=workshop, check=False)
    if built.returncode != 0:
        return built.returncode
    shutil.rmtree(ROOT / "site", ignore_errors=True)
    shutil.move(workshop / "site", ROOT / "site")
    print("The documentation site is in site/index.html")
    return 0


if __name__ == "__main__":
    sys.exit(main())
