"""``python -m bench [ROOM ...] [--quick] [--json]``: measure these rooms, or all of them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
WRONG_USE = 2


def main(arguments: list[str]) -> int:
    """Measure one room after the other, each in a process of its own; return the worst code."""
    known = sorted(file.stem for file in HERE.glob("[a-z]*.py"))
    options = [word for word in arguments if word.startswith("-")]
    asked = [word for word in arguments if not word.startswith("-")]
    unknown = [room for room in asked if room not in known]
    if unknown:
        print(f"No bench of {', '.join(unknown)}; there is: {', '.join(known)}", file=sys.stderr)
        return WRONG_USE
    codes = [
        # A fresh process: what one room leaves in memory must not slow the next one down.
        subprocess.run([sys.executable, "-m", f"bench.{room}", *options], check=False).returncode
        for room in asked or known
    ]
    return max(codes, default=0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
