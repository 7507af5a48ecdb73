"""Files for several machines: each runs `part.sh`, whose parts merge into the whole wave."""

import os
import re
import shutil
import subprocess

import pytest
import yaml

from crawler.cli.survey import machines
from crawler.demo.server import serve_sites
from crawler.model import Site
from tests.factories.redis_server import RedisServer, program
from tests.operation.test_operation import path  # noqa: F401 - a fixture
from tests.paths import ROOT
from tests.store.test_join import merge
from tests.wave.test_resume import Farm, site

FOLDER = ROOT / "crawler" / "operation"
PART = "/opt/optout/crawler/operation/part.sh"
MANY = [site(f"s{n}.test") for n in range(12)]


@pytest.fixture(scope="module")
def web(tmp_path_factory):
    folder = tmp_path_factory.mktemp("web")
    with serve_sites(MANY) as served:
        yield Farm(served, folder)


def env(web, folder, path, **more):  # noqa: F811
    options = f"--hosts {web.folder / 'hosts'} --scheme http --delay 0 --quiet"
    return {
        "PATH": path, "OPTOUT_CONTACT": "https://survey.test", "OPTOUT_PANEL": str(web.panel),
        "OPTOUT_WAVE": "w", "OPTOUT_FOLDER": str(folder), "OPTOUT_OPTIONS": options,
        "OPTOUT_HOME": str(ROOT), **more,
    }  # fmt: skip


def run(command, told):
    """Run a command of one of the files with the checkout in the place of the image."""
    here = [word.replace("/opt/optout", str(ROOT)) for word in command]
    done = subprocess.run(here, env=told, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr


def merged(folder, names):
    done = merge(folder, *names)
    assert done.exit_code == 0, done.output
    assert f"{len(MANY)} visits added" in done.output


def container(file, kind):
    (text,) = yaml.safe_load_all((FOLDER / file).read_text("utf-8"))
    assert text["kind"] == kind
    (found,) = text["spec"]["template"]["spec"]["containers"]
    mounted = {mount["name"] for mount in found["volumeMounts"]}
    volumes = {volume["name"] for volume in text["spec"]["template"]["spec"]["volumes"]}
    claims = text["spec"].get("volumeClaimTemplates", [])
    assert mounted == volumes | {claim["metadata"]["name"] for claim in claims}
    return text["spec"], found


def test_an_indexed_job_surveys_every_shard(web, tmp_path, path):  # noqa: F811
    spec, found = container("shards.k8s.yaml", "Job")
    assert spec["completionMode"] == "Indexed"
    assert spec["completions"] == 4
    for index in range(4):
        run([*found["command"], *found["args"]],
            env(web, tmp_path, path, JOB_COMPLETION_INDEX=str(index)))  # fmt: skip
    merged(tmp_path, [f"shard-{n}.db" for n in range(4)])
    assert "optout_wave" in (tmp_path / "shard-0.prom").read_text("utf-8")


def test_a_slurm_array_surveys_every_shard(web, tmp_path, path):  # noqa: F811
    script = (FOLDER / "shards.slurm").read_text("utf-8")
    first, last = map(int, re.search(r"--array=(\d+)-(\d+)", script).groups())
    for task in range(first, last + 1):
        told = env(web, tmp_path, path, SLURM_ARRAY_TASK_ID=str(task),
                   SLURM_ARRAY_TASK_COUNT=str(last))  # fmt: skip
        run(["/bin/sh", str(FOLDER / "shards.slurm")], told)
    merged(tmp_path, [f"shard-{n}.db" for n in range(first, last + 1)])


@pytest.mark.skipif(program() is None, reason="no Redis server on this machine")
def test_workers_of_the_other_files_share_the_jobs_of_one_redis(web, tmp_path, path):  # noqa: F811
    server = RedisServer(tmp_path)
    server.start()
    try:
        _, found = container("workers.k8s.yaml", "StatefulSet")
        (command,) = found["args"]
        assert command.endswith(" && exec sleep infinity")  # a worker that is done stays done
        told = env(web, tmp_path, path, HOSTNAME="pod-0", OPTOUT_JOBS=server.url)
        run([*found["command"], command.removesuffix(" && exec sleep infinity")], told)
        services = yaml.safe_load((FOLDER / "workers.compose.yaml").read_text("utf-8"))["services"]
        names = [services[f"worker-{n}"]["environment"]["OPTOUT_NAME"] for n in (1, 2)]
        assert names == ["worker-1", "worker-2"]
        unit = (FOLDER / "optout-worker@.service").read_text("utf-8")
        (start,) = re.findall(r"^ExecStart=(.*)$", unit, re.MULTILINE)
        assert "Environment=OPTOUT_NAME=worker-%i\n" in unit
        run([start], env(web, tmp_path, path, OPTOUT_NAME="worker-1", OPTOUT_JOBS=server.url))
    finally:
        server.stop()
    merged(tmp_path, ["pod-0.db", "worker-1.db"])


def test_the_image_runs_the_part_and_has_what_it_needs():
    text = (FOLDER / "worker.Dockerfile").read_text("utf-8")
    assert f'ENTRYPOINT ["{PART}"]' in text
    for file in re.findall(r"requirements/\w+\.txt", text):
        assert (ROOT / file).is_file()
    assert os.access(FOLDER / "part.sh", os.X_OK)
    composed = yaml.safe_load((FOLDER / "workers.compose.yaml").read_text("utf-8"))["services"]
    assert composed["worker-1"]["build"]["dockerfile"] == "crawler/operation/worker.Dockerfile"
    assert {"redis", "worker-1", "worker-2"} == composed.keys()


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd here")
def test_the_unit_is_one(tmp_path):
    unit = tmp_path / "optout-worker@1.service"
    text = (FOLDER / "optout-worker@.service").read_text("utf-8")
    unit.write_text(text.replace("/opt/optout", str(ROOT)))
    told = subprocess.run(
        ["systemd-analyze", "verify", str(unit)], capture_output=True, text=True, check=False
    )
    assert "optout-worker" not in told.stderr, told.stderr


def test_a_dry_run_says_how_long_a_wave_takes():
    sites = [Site(f"s{n}.test", f"s{n}.test", None) for n in range(7200)]
    sites += [Site(f"s{n}.big.test", "big.test", None) for n in range(100)]
    told = machines(sites, 1.0, 100)
    seconds = int(re.match(r"about (\d+) s a site, 100 at once: ", told)[1])
    rate = float(re.search(r"([\d.]+) sites/s", told)[1])
    assert rate == pytest.approx(100 / seconds, rel=0.05)
    hours = float(re.search(r"([\d.]+) h on one", told)[1])
    assert hours == pytest.approx(7300 / rate / 3600, abs=0.1)
    assert f"has 100 sites and takes {100 * seconds / 3600:.1f}" in told
    assert "25.0 sites/s" in machines(sites, 0.0, 10_000)
    assert machines([], None, None).endswith("has 0 sites and takes 0.0 h on any number")
