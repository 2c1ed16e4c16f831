"""Set up a working copy and hand over: ``python3 -m tools.setup TARGET [ARGS]``.

This file must parse and run on any Python 3, so that an old one gets a sentence, not a traceback.
"""

import sys

OLDEST = (3, 11)


def main() -> int:
    """Check the interpreter, then do what the command line asks."""
    if sys.version_info[:2] < OLDEST:
        print(f"MainHub needs Python 3.11 or newer, {sys.executable} is older: make run PYTHON=...")
        return 2
    from tools.targets import carry_out

    return carry_out(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
