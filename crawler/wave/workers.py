"""Pure functions over many jobs in worker processes, with a limit on CPU time and memory.

No time-out covers a C parser that does not return (a 340 KB page can hold libxml2 for 12 s),
so hostile bytes are parsed in processes that the kernel stops: RLIMIT_CPU ends a worker that
spends too long on one job, and the job's result is then `Stopped`, which is data.
"""

import asyncio
import multiprocessing
import os
import resource
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from types import ModuleType
from typing import Any, Generic, TypeVar

Job = TypeVar("Job")
Result = TypeVar("Result")

BATCH = 32
BATCH_BYTES = 2 * 1024 * 1024
"""A batch ends at so many jobs or bytes: some dozen are in memory at once."""
CPU_SECONDS = 5
READ_IN_THREAD = 16 * 1024
"""Bytes of pages that the crawl reads in a thread, within 25 ms at the very worst. More than that,
as most home pages are, is read in another process, which leaves the crawl to its clock, and which
has limits. It takes half a second of CPU time to start one, which a survey of small sites does
without."""
_STOPS = frozenset({signal.SIGINT, signal.SIGTERM})
_STARTING = threading.Lock()
ADDRESS_BYTES = 1024**3
DATA_BYTES = 160 * 1024**2
"""A worker has 45 MB of its own at its beginning, and twice that with a page of a megabyte; what is
mapped from files and shared does not count. Two of them and the crawl stay below 512 MB."""
_OUT_OF_MEMORY = 85
"""The exit code of a worker whose job wanted more: what it holds is given back by its end."""


_REASONS = {-signal.SIGXCPU: "cpu_cap", _OUT_OF_MEMORY: "memory_cap"}


@dataclass(frozen=True, slots=True)
class Stopped:
    """A job that did not finish: `cpu_cap`, `memory_cap` or `worker_died`."""

    reason: str


class StoppedError(Exception):
    """As `Stopped`, where the job is one that somebody waits for."""


def _serve(pipe: Connection, function: Callable[[Any], Any], cpu_seconds: int) -> None:
    """Run in the worker: a batch in, its results out, until the parent hangs up."""
    for each in _STOPS:  # the parent's to handle: a visit under way is dropped, and no fault
        signal.signal(each, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_BYTES, ADDRESS_BYTES))
    resource.setrlimit(resource.RLIMIT_DATA, (DATA_BYTES, DATA_BYTES))
    while True:
        try:
            jobs = pipe.recv()
        except EOFError:
            return
        results: list[Any] = []
        for job in jobs:
            _allow(cpu_seconds)
            try:
                results.append(function(job))
            except MemoryError:
                os._exit(_OUT_OF_MEMORY)
        try:
            pipe.send(results)
        except OSError:
            return


def _allow(seconds: int) -> None:
    """Let this process spend that many more CPU seconds before SIGXCPU ends it."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    limit = int(usage.ru_utime + usage.ru_stime) + 1 + seconds
    resource.setrlimit(resource.RLIMIT_CPU, (limit, resource.getrlimit(resource.RLIMIT_CPU)[1]))


@dataclass(slots=True)
class _Worker(Generic[Job]):
    process: SpawnProcess
    pipe: Connection
    number: int = -1
    jobs: Sequence[Job] = field(default_factory=tuple)


def _start(function: Callable[[Any], Any], cpu_seconds: int) -> _Worker[Any]:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, function, cpu_seconds), daemon=True)
    # They go to every process of a terminal or service; one that begins does not ignore them yet.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _STOPS)
    try:
        with _nothing_to_import():
            process.start()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    theirs.close()
    return _Worker(process, ours)


@contextmanager
def _nothing_to_import() -> Iterator[None]:
    """Keep a new process from running the script that began ours, as `spawn` lets it.

    `optout` imports every command of its own: half a second and 50 MB in each worker.
    """
    with _STARTING:
        main = sys.modules["__main__"]
        sys.modules["__main__"] = ModuleType("__main__")
        try:
            yield
        finally:
            sys.modules["__main__"] = main


def _bury(worker: _Worker[Any]) -> str:
    worker.pipe.close()
    worker.process.join()
    return _REASONS.get(worker.process.exitcode or 0, "worker_died")


class Pool(Generic[Job, Result]):
    """Applies one importable function to jobs, in order, over `processes` workers.

    `weigh` gives the bytes of a job, where jobs differ in size.
    """

    def __init__(
        self,
        function: Callable[[Job], Result],
        processes: int,
        cpu_seconds: int = CPU_SECONDS,
        weigh: Callable[[Job], int] = lambda _: 0,
    ) -> None:
        self._function = function
        self._weigh = weigh
        self._cpu_seconds = cpu_seconds
        self._idle: list[_Worker[Job]] = [self._start() for _ in range(processes)]
        self._busy: list[_Worker[Job]] = []

    def _start(self) -> _Worker[Job]:
        return _start(self._function, self._cpu_seconds)

    def run(self, jobs: Iterable[Job]) -> Iterator[Result | Stopped]:
        """Yield one result a job, in the order of the jobs; memory holds a few batches only."""
        numbered = enumerate(self._batches(jobs))
        done: dict[int, list[Result | Stopped]] = {}
        expected = 0
        while True:
            while expected in done:
                yield from done.pop(expected)
                expected += 1
            self._feed(numbered, held=len(done))
            if not self._busy:
                return
            done.update(self._collect())

    def _batches(self, jobs: Iterable[Job]) -> Iterator[list[Job]]:
        batch: list[Job] = []
        weight = 0
        for job in jobs:
            batch.append(job)
            weight += self._weigh(job)
            if len(batch) == BATCH or weight >= BATCH_BYTES:
                yield batch
                batch, weight = [], 0
        if batch:
            yield batch

    def _feed(self, numbered: Iterator[tuple[int, list[Job]]], held: int) -> None:
        room = 4 * (len(self._idle) + len(self._busy)) - held
        while self._idle and room > 0 and (item := next(numbered, None)):
            worker = self._idle.pop()
            worker.number, worker.jobs = item
            # One that was killed while idle hangs up too, and `_collect` finds it so.
            with suppress(OSError):
                worker.pipe.send(worker.jobs)
            self._busy.append(worker)
            room -= 1

    def _collect(self) -> Iterator[tuple[int, list[Result | Stopped]]]:
        ready = wait([worker.pipe for worker in self._busy])
        for worker in [worker for worker in self._busy if worker.pipe in ready]:
            self._busy.remove(worker)
            try:
                results = worker.pipe.recv()
            except (EOFError, OSError):  # the latter: killed in the middle of its results
                results = self._one_by_one(worker)
            else:
                self._idle.append(worker)
            yield worker.number, results

    def _one_by_one(self, dead: _Worker[Job]) -> list[Result | Stopped]:
        """Do a fallen worker's batch again, job by job, to find the one that stops it."""
        _bury(dead)
        results: list[Result | Stopped] = []
        worker = self._start()
        for job in dead.jobs:
            try:
                worker.pipe.send([job])
                results += worker.pipe.recv()
            except (EOFError, OSError):
                results.append(Stopped(_bury(worker)))
                worker = self._start()
        self._idle.append(worker)
        return results

    def close(self) -> None:
        """Hang up on every worker and wait for it."""
        for worker in self._idle + self._busy:
            worker.pipe.close()
            worker.process.join()
        self._idle.clear()
        self._busy.clear()


def _call(job: tuple[Callable[..., Result], tuple[Any, ...]]) -> Result:
    function, arguments = job
    return function(*arguments)


class Desk:
    """Where tasks of an event loop bring single jobs; workers are started when first needed."""

    def __init__(self, processes: int, cpu_seconds: int = CPU_SECONDS) -> None:
        self._cpu_seconds = cpu_seconds
        self._threads = ThreadPoolExecutor(processes, thread_name_prefix="desk")
        self._idle: list[_Worker[Any]] = []
        self._hired: list[_Worker[Any]] = []

    async def ask(self, function: Callable[..., Result], *arguments: object) -> Result:
        """Apply an importable function in a worker; raises StoppedError where it did not end."""
        job = (function, arguments)
        running = asyncio.get_running_loop().run_in_executor(self._threads, self._ask, job)
        result: Result | Stopped = await running
        if isinstance(result, Stopped):
            raise StoppedError(f"{function.__name__}: {result.reason}")
        return result

    def _ask(self, job: tuple[Callable[..., Result], tuple[Any, ...]]) -> Result | Stopped:
        # At most as many threads come here at once as there are to be workers.
        worker = self._worker()
        result: Result | Stopped
        try:
            worker.pipe.send([job])
            (result,) = worker.pipe.recv()
        except (EOFError, OSError):
            self._hired.remove(worker)
            return Stopped(_bury(worker))
        self._idle.append(worker)
        return result

    def _worker(self) -> _Worker[Any]:
        try:
            return self._idle.pop()  # to look first would let two threads see the last one
        except IndexError:
            worker = _start(_call, self._cpu_seconds)
            self._hired.append(worker)
            return worker

    def close(self) -> None:
        """End the workers, also one in the middle of a job."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._idle.clear()
        for worker in self._hired.copy():
            worker.process.kill()
            worker.process.join()
