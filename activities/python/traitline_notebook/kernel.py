"""Starts IPython's kernel so that it never outlives what started it.

A kernel is the leader of a session of its own, out of reach of a signal to the group of the program that started it.
On Linux the system ends it with that program; elsewhere the kernel's own watch for its parent does, a second later.
"""

import ctypes
import os
import signal
import sys

if sys.platform == "linux":
    set_parent_death_signal = 1
    ctypes.CDLL(None).prctl(set_parent_death_signal, signal.SIGKILL)
    if os.getppid() == 1 and os.environ.get("JPY_PARENT_PID") not in (None, "1"):
        # It had gone before that was arranged.
        sys.exit(1)

from ipykernel import kernelapp

if __name__ == "__main__":
    kernelapp.launch_new_instance()
