"""Shared fixtures; and the rule that no test leaves loopback."""

import fcntl
import ipaddress
import os
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.paths import CORPUS, ROOT


@pytest.fixture(scope="session")
def corpus() -> Path:
    """Real captured data, where it is at hand; it is never part of the repository."""
    if not CORPUS.is_dir():
        pytest.skip("no captured corpus beside the checkout")
    return CORPUS


@pytest.fixture(autouse=True)
def _loopback_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse every connection and look-up that would leave this machine."""
    connect = socket.socket.connect

    def guarded(sock: socket.socket, address: object) -> None:
        if sock.family in (socket.AF_INET, socket.AF_INET6):
            host = str(address[0])  # type: ignore[index]
            if host != "localhost" and not ipaddress.ip_address(host).is_loopback:
                raise AssertionError(f"a test wanted to connect to {address}")
        connect(sock, address)  # type: ignore[arg-type]

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of one real demo survey, made once however many processes test."""
    return _once(tmp_path_factory, "demo", lambda folder: _survey(folder, 1))


@pytest.fixture(scope="session")
def two_months(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same, and the survey of the second month on top of it; `demo` stays as it is."""

    def survey_again(folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        with closing(sqlite3.connect(demo / "survey.db")) as source:
            source.execute("VACUUM INTO ?", (str(folder / "survey.db"),))
        _survey(folder, 2)

    return _once(tmp_path_factory, "two-months", survey_again)


def _once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    folder = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    folder /= name
    with (folder.parent / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "report" / "index.html").exists():
            make(folder)
    return folder


def _survey(folder: Path, month: int) -> None:
    subprocess.run(
        [sys.executable, "-m", "crawler", "demo", "survey", "--month", str(month),
         "--out", folder, "--quiet"],
        check=True,
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
    )  # fmt: skip
