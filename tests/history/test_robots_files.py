"""Many files at once: a worker whose parent was killed ends too."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

PARENT = """
import sys
from pathlib import Path
from crawler.history.robots_files import read_files
folder = Path(sys.argv[1])
list(read_files([folder / "1", folder / "2"], folder / "out", 2))
"""


def children(process):
    return Path(f"/proc/{process}/task/{process}/children").read_text().split()


def named(process):
    try:
        return b"spawn_main" in Path(f"/proc/{process}/cmdline").read_bytes()
    except OSError:
        return False


def wait_until(true, seconds=30):
    end = time.monotonic() + seconds
    while not (found := true()) and time.monotonic() < end:
        time.sleep(0.05)
    return found


def test_workers_end_when_their_parent_was_killed(tmp_path):
    for name in ("1", "2"):
        os.mkfifo(tmp_path / name)  # nobody writes, so that both workers wait for ever
    parent = subprocess.Popen([sys.executable, "-c", PARENT, str(tmp_path)])
    workers = wait_until(lambda: len(w := list(filter(named, children(parent.pid)))) == 2 and w)
    assert workers
    time.sleep(1)  # until both have begun
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    ended = wait_until(lambda: not any(map(named, workers)))
    for worker in filter(named, workers):
        os.kill(int(worker), signal.SIGKILL)
    assert ended
