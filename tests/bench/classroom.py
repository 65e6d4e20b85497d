"""The load of :mod:`tests.bench.load`, as a process: students, each a page of the Lab with its two WebSockets."""

import asyncio
import json
import random
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from tests.bench.report import median, quantile
from tests.bench.student import SETTINGS, Click, Seen, Student, at_random, never_twice

EVERY = 10.0
CLICKS = 500
LECTURE = "seed=77&steps=100000"


@dataclass(frozen=True)
class Plan:
    """What a student does: the link that they open, whether they press Train, and what they click then."""

    query: str
    plays: bool
    clicks: list[Click]


@dataclass(frozen=True)
class Case:
    """A class: how many students, over how many seconds they come, and what each does, by number."""

    people: int
    arrive_s: float
    plan: Callable[[int], Plan]


def _listens(name: int) -> Plan:
    return Plan(LECTURE, name == 0, [])


def _tries(name: int) -> Plan:
    rng = random.Random(name)
    setting = rng.choice(SETTINGS)
    return Plan(setting.query(), True, at_random(rng, setting, EVERY, CLICKS))


def _alone(name: int) -> Plan:
    setting = SETTINGS[name % len(SETTINGS)]
    own = replace(setting, seed=1000 * (name + 1) + CLICKS)
    return Plan(own.query(), True, never_twice(name, EVERY, CLICKS))


CASES = {
    "lecture": Case(200, 25.0, _listens),
    "lab": Case(60, EVERY, _tries),
    "all different": Case(60, EVERY, _alone),
    "soak": Case(20, EVERY, _tries),
}


async def main(url: str, case: Case, settle: float, seconds: float) -> dict[str, Any]:
    """Let all come, say so when they are there, watch for the given time, and sum up."""
    plans = [case.plan(name) for name in range(case.people)]
    students = [Student(url, name, plays=plan.plays) for name, plan in enumerate(plans)]
    tasks = [
        asyncio.create_task(
            student.attend(plan.query, case.arrive_s * i / case.people, plan.clicks)
        )
        for i, (student, plan) in enumerate(zip(students, plans, strict=True))
    ]
    while not all(student.seen.arrivals or student.seen.errors for student in students):
        await asyncio.sleep(0.1)
    await asyncio.sleep(settle)
    print("ready", flush=True)
    begun, cpu = time.time(), time.process_time()
    await asyncio.sleep(seconds)
    ended, spent = time.time(), time.process_time() - cpu
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    figures = summed([student.seen for student in students], begun, ended)
    return {**figures, "clients_cpu": spent / (ended - begun)}


def summed(all_seen: list[Seen], begun: float, ended: float) -> dict[str, Any]:
    """Sum up what was seen between two times; errors and arrivals count from the start."""

    def within(pairs: list[tuple[float, float]]) -> list[float]:
        return [value for at, value in pairs if begun <= at <= ended]

    ages = [within(seen.frames) for seen in all_seen]
    rates = [len(each) / (ended - begun) for each in ages]
    found = {
        "arrival": [wait for seen in all_seen for wait in seen.arrivals],
        "click": [wait for seen in all_seen for wait in within(seen.clicks)],
        "trained": [wait for seen in all_seen for wait in within(seen.trained)],
        "age": [age for each in ages for age in each],
    }
    return {
        **{f"{name}_p50_ms": 1e3 * median(values) for name, values in found.items()},
        **{f"{name}_p95_ms": 1e3 * quantile(values, 0.95) for name, values in found.items()},
        "clicks": len(found["click"]),
        "fps": median(rates),
        "fps_p5": quantile(rates, 0.05),
        "fps_all": sum(rates),
        "errors": [error for seen in all_seen for error in seen.errors],
    }


if __name__ == "__main__":
    _, address, named, settling, lasting = sys.argv
    print(
        json.dumps(asyncio.run(main(address, CASES[named], float(settling), float(lasting)))),
        flush=True,
    )
