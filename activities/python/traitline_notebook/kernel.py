"""Starts IPython's kernel so that it never outlives what started it.

A kernel is the leader of a session of its own, out of reach of a signal to the group of the program that started it.
On Linux the system ends it with that program; elsewhere the kernel's own watch for its parent does, a second later.
What a notebook starts is in the kernel's group, and a watcher beside it ends that group once the kernel has gone.
"""

import ctypes
import os
import signal
import sys
import time


def watch_over_group() -> None:
    """Leaves a process behind that outlives the kernel for a moment."""
    kernel = os.getpid()
    if os.getpgid(0) != kernel or os.fork() != 0:
        return
    os.setpgid(0, 0)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nowhere, standard)
    while os.getppid() == kernel:
        time.sleep(0.2)
    try:
        os.killpg(kernel, signal.SIGKILL)
    except ProcessLookupError:
        pass
    os._exit(0)


if sys.platform == "linux":
    set_parent_death_signal = 1
    ctypes.CDLL(None).prctl(set_parent_death_signal, signal.SIGKILL)
    if os.getppid() == 1 and os.environ.get("JPY_PARENT_PID") not in (None, "1"):
        # It had gone before that was arranged.
        sys.exit(1)

if __name__ == "__main__":
    # Before there are threads, which a fork would not take along.
    watch_over_group()

from ipykernel import kernelapp

if __name__ == "__main__":
    kernelapp.launch_new_instance()
