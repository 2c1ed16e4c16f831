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
    gather(workshop / "pages")
    (workshop / "zensical.toml").write_text(CONFIGURATION)
    zensical = Path(sys.executable).with_name("zensical")
    built = subprocess.run([zensical, "build", "--strict"], cwd=workshop, check=False)
    if built.returncode != 0:
        return built.returncode
    shutil.rmtree(ROOT / "site", ignore_errors=True)
    shutil.move(workshop / "site", ROOT / "site")
    print("The documentation site is in site/index.html")
    return 0


def gather(pages: Path) -> None:
    """Copy what the site is made from into *pages*; what is a folder there becomes a page."""
    shutil.copytree(ROOT / "docs", pages / "docs")
    (pages / "docs" / "index.md").write_text(contents(pages / "docs"))
    for page in ROOT.glob("*.md"):
        name = "index.md" if page.name == "README.md" else page.name
        text = page.read_text().replace("](docs/)", "](docs/index.md)")
        (pages / name).write_text(text.replace("](README.md)", "](index.md)"))
    for page in (pages / "docs").rglob("*.md"):
        page.write_text(page.read_text().replace("](../README.md)", "](../index.md)"))


def contents(docs: Path) -> str:
    """Return a page that names those in *docs*: a link to the folder leads to it."""
    lines = [f"- [{title(page)}]({page.name})\n" for page in sorted(docs.glob("*.md"))]
    return "# Documentation\n\n" + "".join(lines)


def title(page: Path) -> str:
    """Return the first heading of *page*."""
    headings = [line for line in page.read_text().splitlines() if line.startswith("# ")]
    return headings[0].removeprefix("# ") if headings else page.stem


if __name__ == "__main__":
    sys.exit(main())
