"""Worker processes: order, limits, and jobs that stop their worker."""

import asyncio
import os
import signal
import subprocess
import sys
from contextlib import closing

from crawler.wave.workers import Desk, Pool, Stopped
from tests.paths import ROOT


def double(number):
    return 2 * number


def hostile(number):
    """Job 3 never ends, job 5 wants all memory, job 7 kills its process."""
    if number == 3:
        while True:
            pass
    if number == 5:
        return len(bytearray(1 << 42))
    if number == 7:
        os._exit(1)
    return number


def test_results_come_in_the_order_of_the_jobs():
    with closing(Pool(double, processes=2)) as pool:
        assert list(pool.run(range(1000))) == [2 * n for n in range(1000)]


def test_no_jobs_no_results():
    with closing(Pool(double, processes=1)) as pool:
        assert list(pool.run([])) == []


def test_a_job_that_stops_its_worker_is_a_result_and_its_neighbours_are_untouched():
    with closing(Pool(hostile, processes=1, cpu_seconds=1)) as pool:
        results = list(pool.run(range(40)))
    assert results[3] == Stopped("cpu_cap")
    assert results[5] == Stopped("memory_cap")
    assert results[7] == Stopped("worker_died")
    assert [r for n, r in enumerate(results) if n not in (3, 5, 7)] == [
        n for n in range(40) if n not in (3, 5, 7)
    ]


SCRIPT = """
import sys
from contextlib import closing
import colorsys
from crawler.wave.workers import Pool
from tests.wave.test_workers import imported

if __name__ == "__main__":
    with closing(Pool(imported, processes=1)) as pool:
        print(*pool.run(["colorsys", "tests.wave.test_workers"]))
    assert "colorsys" in sys.modules and sys.modules["__main__"].__file__.endswith("script.py")
"""


def imported(name):
    return name in sys.modules


def test_a_worker_imports_nothing_of_the_script_that_began_it(tmp_path):
    (tmp_path / "script.py").write_text(SCRIPT)
    done = subprocess.run(
        [sys.executable, str(tmp_path / "script.py")],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "False True\n"


def test_workers_that_the_kernel_kills_are_replaced_idle_or_busy():
    with closing(Pool(double, processes=2)) as pool:
        for worker in pool._idle:
            worker.process.kill()
            worker.process.join()
        assert list(pool.run(range(200))) == [2 * n for n in range(200)]


def test_ctrl_c_does_not_end_a_worker_that_has_only_begun():
    with closing(Pool(double, processes=1)) as pool:
        (worker,) = pool._idle
        os.kill(worker.process.pid, signal.SIGINT)
        assert list(pool.run(range(3))) == [0, 2, 4]
        assert pool._idle == [worker]  # not another in its place


def test_a_worker_killed_in_the_middle_of_its_results_does_its_batch_again():
    with closing(Pool(long_answers, processes=1)) as pool:
        running = pool.run(range(64))
        victim = pool._idle[0].process
        first = next(running)  # the second batch is on its way, and more than a pipe holds
        victim.kill()
        assert [first, *running] == [bytes(1 << 20)] * 64


def long_answers(_):
    return bytes(1 << 20)


def test_a_desk_answers_many_at_once_and_outlives_what_stops_a_worker():
    async def go(desk):
        asked = [desk.ask(hostile, number) for number in (1, 3, 5, 7, 9)]
        first = await asyncio.gather(*asked, return_exceptions=True)
        again = await asyncio.gather(*(desk.ask(double, number) for number in range(20)))
        return first, again

    with closing(Desk(processes=2, cpu_seconds=1)) as desk:
        assert not desk._idle  # a survey of small pages pays for no process
        (one, *stopped, nine), again = asyncio.run(go(desk))
    assert (one, nine) == (1, 9)
    assert [str(error) for error in stopped] == [
        "hostile: cpu_cap", "hostile: memory_cap", "hostile: worker_died",
    ]  # fmt: skip
    assert again == [2 * number for number in range(20)]
    assert not desk._idle


def test_a_stop_of_the_whole_service_is_no_fault_of_a_page():
    """`systemctl stop` and Ctrl-C signal every process: the survey ends the visits, not they."""
    with closing(Desk(processes=1)) as desk:
        assert asyncio.run(desk.ask(double, 1)) == 2
        (worker,) = desk._idle
        for each in (signal.SIGTERM, signal.SIGINT):
            os.kill(worker.process.pid, each)
            assert asyncio.run(desk.ask(double, 2)) == 4
        assert desk._idle == [worker]
    assert not worker.process.is_alive()


def test_a_desk_closes_on_a_job_that_does_not_end():
    async def go(desk):
        asked = asyncio.ensure_future(desk.ask(hostile, 3))
        while not desk._hired:
            await asyncio.sleep(0.01)
        (worker,) = desk._hired
        desk.close()
        await asyncio.gather(asked, return_exceptions=True)
        return worker

    worker = asyncio.run(go(Desk(processes=1, cpu_seconds=60)))
    assert not worker.process.is_alive()


def test_two_threads_may_want_the_last_idle_worker():
    class Gone(list):
        """Empty when it is taken from, whatever it seemed to be."""

        def __bool__(self):
            return True

    with closing(Desk(processes=1)) as desk:
        desk._idle = Gone()
        assert asyncio.run(desk.ask(double, 1)) == 2
