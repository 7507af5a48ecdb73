"""Worker processes: order, limits, and jobs that stop their worker."""

import os
from contextlib import closing

from crawler.workers import Pool, Stopped


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
