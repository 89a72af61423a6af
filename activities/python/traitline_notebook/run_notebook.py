"""Executes one notebook and tells of it on stdout, a JSON object a line.

    run_notebook.py JOB.json

The job names `notebook`, `executed`, `kernel`, `parameters` and `folder`. Lines are {"event": "cell", "cell": 3,
"of": 12, "seconds": 0.4}, and at the end {"event": "done"} or {"event": "failed", "type": "cell" | "kernel_missing" |
"kernel_died" | "notebook", ...}. Output of cells is in the executed notebook alone: it may show rows.
"""

from __future__ import annotations

import json
import os
import sys
import time


def main(job_file: str) -> int:
    os.umask(0o077)
    with open(job_file, encoding="utf-8") as file:
        job = json.load(file)

    import papermill
    from jupyter_client.kernelspec import NoSuchKernel
    from nbclient.exceptions import DeadKernelError
    from papermill.exceptions import PapermillException, PapermillExecutionError

    progress = Progress()
    try:
        papermill.execute_notebook(
            job["notebook"],
            job["executed"],
            parameters=job["parameters"],
            kernel_name=job["kernel"],
            cwd=job["folder"],
            progress_bar=False,
            log_output=False,
            on_cell_start=progress.start,
            on_cell_executed=progress.end,
        )
    except PapermillExecutionError as error:
        code_cell = error.exec_count if isinstance(error.exec_count, int) else None
        tell(event="failed", type="cell", cell=code_cell, error=error.ename, message=error.evalue)
    except NoSuchKernel:
        tell(event="failed", type="kernel_missing")
    except DeadKernelError:
        tell(event="failed", type="kernel_died")
    except (PapermillException, ValueError, OSError) as error:
        tell(event="failed", type="notebook", error=type(error).__name__, message=str(error))
    else:
        tell(event="done")
        return 0
    return 1


class Progress:
    def __init__(self) -> None:
        self.started = time.monotonic()

    def start(self, cell, cell_index: int) -> None:
        self.started = time.monotonic()

    def end(self, cell, cell_index: int, execute_reply) -> None:
        if cell.cell_type == "code":
            tell(event="cell", cell=cell_index + 1, seconds=round(time.monotonic() - self.started, 3))


def tell(**event: object) -> None:
    print(json.dumps(event), flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
