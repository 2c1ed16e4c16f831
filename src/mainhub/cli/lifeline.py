"""How a child process learns that its supervisor is gone, so that no orphan keeps a port.

Two independent ways: the kernel's parent-death signal (Linux, works even for a stopped child), and
standard input, a pipe that closes with the supervisor however it dies (works everywhere).
"""

import ctypes
import os
import signal
import sys
import threading
from typing import Final

__all__ = ["hold"]

_PR_SET_PDEATHSIG: Final = 1


def hold(supervisor: int) -> None:
    """End this process as soon as process *supervisor*, its parent, ends. Call it first."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != supervisor:
            # It died before the signal was asked for.
            os._exit(1)
    threading.Thread(target=_watch, name="lifeline", daemon=True).start()


def _watch() -> None:
    while os.read(0, 1024):
        pass
    os._exit(1)
