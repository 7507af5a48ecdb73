"""The image and compose.yaml: their steps serve database and report, to read only, on loopback."""

import json
import re
import shutil
import socket
import subprocess
import sys
import time
from contextlib import closing, contextmanager

import httpx
import pytest
import yaml

from tests.paths import ROOT

DOCKERFILE = re.sub(r"\\\n\s*", "", (ROOT / "Dockerfile").read_text("utf-8"))
STEPS = [line.partition(" ")[::2] for line in DOCKERFILE.splitlines() if line[:1] not in ("#", "")]
COMMAND = json.loads(dict(STEPS)["CMD"])
SERVICE = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))["services"]["observatory"]
PAGES = {
    "/": "dashboard_headline",
    "/survey/dashboard_headline": "keep every training agent of strict8 out",
    "/survey/v_robots": "One row per wave and site",
    "/report/index.html": "<h1",
}


@contextmanager
def served(folder):
    """Run the image's command with its paths and address as they are here; give the address."""
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    here = {"/srv/": f"{ROOT}/", "/data/": f"{folder}/", "0.0.0.0": "127.0.0.1", "8001": str(port)}
    command = [sys.executable, "-W", "ignore", "-m", *COMMAND]
    for inside, outside in here.items():
        command = [word.replace(inside, outside) for word in command]
    with subprocess.Popen(command, cwd="/", stderr=subprocess.DEVNULL) as process:
        try:
            address = f"http://127.0.0.1:{port}"
            wait(address, process)
            yield address
        finally:
            process.kill()


def wait(address, process):
    for _ in range(300):
        assert process.poll() is None, "it ended"
        try:
            httpx.get(address)
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("no answer in half a minute")


def test_the_command_serves_database_and_report_and_changes_nothing(two_months):
    pytest.importorskip("datasette")
    before = {path.name: path.stat().st_mtime_ns for path in two_months.iterdir()}
    with served(two_months) as address, httpx.Client(base_url=address) as client:
        for page, words in PAGES.items():
            answer = client.get(page)
            assert answer.status_code == 200, page
            assert words in answer.text, page
        assert client.get("/survey", params={"sql": "DELETE FROM waves"}).status_code == 400
        assert client.get("/survey.db").status_code == 403
        assert client.get("/-/databases.json").json()[0]["is_mutable"] is False
    assert before == {path.name: path.stat().st_mtime_ns for path in two_months.iterdir()}


def test_everything_that_the_image_takes_is_sent_and_there():
    copied = [step.split()[0] for name, step in STEPS if name == "COPY"]
    ignored = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    assert ignored == ["*", *(f"!{name}" for name in copied)]
    assert all((ROOT / name).is_file() for name in copied)


def test_the_image_installs_what_the_tests_run_with():
    (install,) = (json.loads(step) for name, step in STEPS if name == "RUN")
    assert install[-3:] == ["--require-hashes", "-r", "/tmp/serve.txt"]

    def pinned(name):
        text = (ROOT / "requirements" / name).read_text("utf-8")
        return set(re.findall(r"^(\S+==\S+)", text, re.MULTILINE))

    assert any(name.startswith("datasette==") for name in pinned("serve.txt"))
    assert pinned("serve.txt") <= pinned("test.txt") | pinned("base.txt")


def test_nothing_is_run_as_root_or_heard_beyond_this_machine():
    assert dict(STEPS)["USER"] == "nobody"
    assert all(port.startswith("127.0.0.1:") for port in SERVICE["ports"])
    assert SERVICE["read_only"] is True
    assert [volume["read_only"] for volume in SERVICE["volumes"]] == [True]
    assert (SERVICE["volumes"][0]["target"], SERVICE["cap_drop"]) == ("/data", ["ALL"])
    assert SERVICE["volumes"][0]["source"].endswith("./demo}")


def docker(*arguments):
    return subprocess.run(
        ["docker", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )


def test_the_image_is_built_where_a_builder_is_at_hand():
    if shutil.which("docker") is None or docker("info").returncode:
        pytest.skip("no container builder on this machine; the steps are run above")
    done = docker("build", "--quiet", ".")
    assert done.returncode == 0, done.stderr
