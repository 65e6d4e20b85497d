"""Studies as the engine leads them: one at a time, shared, queued, ended by the last who wants one or by the server."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from normviz.engine.studies import Studies, StudyRefused
from normviz.reproduce import FIGURES
from normviz.stream.studies import Reader, routes
from tests.engine.asgi import Client
from tests.engine.driving import with_engine
from tests.engine.test_downloads import gone

ROOT = Path(__file__).parents[2]
SAY = "import json, os, sys, time\ndef say(**what): print(json.dumps(what), flush=True)\n"
TELL = """
if len(sys.argv) == 1:
    say(published={'figure': 'yang', 'language': 'en', 'rows': []})
    say(published={'figure': 'dyt', 'language': 'en', 'rows': []}); sys.exit()
"""
PID = "say(progress={'done': 0, 'total': os.getpid()})\n"
DONE = "say(progress={'done': 1, 'total': 2})\nsay(outcome={'argv': sys.argv[1:]})\n"
HANG = PID + "time.sleep(60)\n"


def command(script: str) -> list[str]:
    return [sys.executable, "-c", SAY + TELL + script]


def drive(script: str, test, most: int = 3, seconds: float = 60.0):
    """Run a test against studies whose process runs this script."""

    async def main():
        studies = Studies(most, seconds)
        studies.command = command(script)
        try:
            await asyncio.wait_for(test(studies), 60)
        finally:
            await studies.close()

    asyncio.run(main())


class Asker:
    """Somebody who wants a figure to be run."""

    def __init__(self, studies: Studies, figure: str = "yang") -> None:
        self.studies, self.figure, self.news = studies, figure, asyncio.Event()
        self.stages: list[tuple[str, int, int]] = []
        studies.look(figure, self.wake)
        self.study = studies.ask(figure, self)

    def wake(self) -> None:
        if study := self.studies.find(self.figure):
            self.stages.append((study.stage, study.done, study.total))
        self.news.set()

    async def until(self, condition):
        while not condition(self.study):
            self.news.clear()
            await asyncio.wait_for(self.news.wait(), 30)
        return self.study

    async def end(self):
        return await self.until(lambda study: study.over)

    async def pid(self) -> int:
        return (await self.until(lambda study: study.total)).total

    def withdraw(self) -> None:
        self.studies.withdraw(self.figure, self)


def test_it_says_how_far_it_is_and_keeps_what_came_out():
    async def test(studies):
        asker = Asker(studies)
        study = await asker.end()
        assert study.outcome == {"argv": ["yang", "3"]}
        assert ("running", 1, 2) in asker.stages and asker.stages[-1][0] == "done"
        assert Asker(studies).study is study, "same figure, same seeds, same result"

    drive(DONE, test)


def test_all_who_ask_share_one_and_it_ends_when_the_last_gives_up():
    async def test(studies):
        first, second = Asker(studies), Asker(studies)
        assert first.study is second.study
        pid = await first.pid()
        first.withdraw()
        await asyncio.sleep(0.2)
        assert not first.study.over and not gone(pid)
        second.withdraw()
        assert first.study.stage == "cancelled"
        await studies.close()
        assert gone(pid)

    drive(HANG, test)


def test_it_can_be_asked_for_again_at_once_after_it_was_cancelled():
    async def test(studies):
        first = Asker(studies)
        pid = await first.pid()
        first.withdraw()
        second = Asker(studies)
        assert second.study is not first.study
        assert await second.pid() != pid and gone(pid)

    drive(HANG, test)


def test_one_runs_and_the_others_wait_in_their_order_up_to_a_limit():
    async def test(studies):
        first, second, third = (Asker(studies, name) for name in ("yang", "dyt", "lsuv"))
        assert [studies.place(each.study) for each in (first, second, third)] == [0, 1, 2]
        with pytest.raises(StudyRefused, match="3 studies run or wait already"):
            Asker(studies, "glorot")
        pid = await first.pid()
        second.withdraw()
        assert second.study.stage == "cancelled" and studies.place(third.study) == 1
        assert third.study.total == 0, "it has not begun"
        first.withdraw()
        assert await third.pid() != pid and gone(pid)
        assert studies.place(third.study) == 0

    drive(HANG, test)


@pytest.mark.parametrize(
    ("script", "detail"),
    [
        ("", ""),
        ("sys.exit('no room left')", "no room left"),
        ("raise ValueError('of what')", "ValueError: of what"),
        ("print('no JSON')", "Expecting value"),
        ("print('[1]'); print('1')", ""),
        ("say(progress=3)", ""),
        ("os.kill(os.getpid(), 9)", ""),
    ],
)
def test_a_process_that_ends_without_a_result_or_talks_nonsense_has_failed(script, detail):
    async def test(studies):
        study = await Asker(studies).end()
        assert (study.stage, study.reason) == ("failed", "died")
        assert detail in study.detail and len(study.detail) <= 200
        again = Asker(studies)
        assert again.study is not study, "it may be tried again"
        await again.end()

    drive(script, test)


def test_a_process_that_cannot_be_started_has_failed_and_the_next_gets_its_turn():
    async def test(studies):
        studies.command = ["/no/such/program"]
        first, second = Asker(studies), Asker(studies, "dyt")
        assert (await first.end()).reason == "died"
        assert "/no/such/program" in (await second.end()).detail

    drive("", test)


def test_a_study_that_takes_too_long_is_ended():
    async def test(studies):
        asker = Asker(studies)
        study = await asker.end()
        assert (study.stage, study.reason, study.detail) == ("failed", "long", "0.025 min")
        await studies.close()
        assert gone(study.total)

    drive(HANG, test, seconds=1.5)


def test_a_process_that_will_not_go_is_killed():
    async def test(studies):
        pid = await Asker(studies).pid()
        await asyncio.wait_for(studies.close(), 20)
        assert gone(pid)

    drive("import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + HANG, test)


def test_closing_takes_those_that_wait_along():
    async def test(studies):
        first, second = Asker(studies), Asker(studies, "dyt")
        await first.pid()
        await studies.close()
        assert first.study.stage == "cancelled" and second.study.total == 0
        with pytest.raises(StudyRefused):
            Asker(studies, "lsuv")

    drive(HANG, test)


def test_what_is_published_is_read_once_and_again_after_a_failure():
    async def test(studies):
        good, studies.command = studies.command, [*command("")[:2], "import sys; sys.exit(3)"]
        assert await studies.published("yang") is None
        studies.command = good
        both = await asyncio.gather(studies.published("yang"), studies.published("dyt"))
        assert [each["figure"] for each in both] == ["yang", "dyt"]
        studies.command = ["/no/such/program"]
        assert (await studies.published("yang"))["figure"] == "yang"

    drive("", test)


@pytest.mark.parametrize("figure", ["", "nope", "../../etc/passwd", "x" * 5000])
def test_there_is_no_study_of_anything_else(figure):
    async def test(studies):
        with pytest.raises(StudyRefused, match="there are table2015") as refused:
            Asker(studies, figure)
        assert len(str(refused.value)) < 500

    drive("", test)


def test_an_operator_can_forbid_it():
    async def test(studies):
        with pytest.raises(StudyRefused, match=r"switched off on this server \(NORMVIZ_STUDIES\)"):
            Asker(studies)
        assert (await studies.published("yang"))["figure"] == "yang"

    drive("", test, most=0)


# -- the process itself --


@pytest.mark.parametrize("arguments", [[], ["yang", "3"]])
def test_the_process_ends_with_whoever_started_it(arguments):
    process = subprocess.Popen(
        [sys.executable, "-m", "normviz.reproduce.study", *arguments],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin and process.stdout
    first = json.loads(process.stdout.readline())
    assert first["published"]["figure"] == "table2015" if not arguments else first["progress"]
    process.stdin.close()
    assert process.wait(20) in ({0, 1} if not arguments else {1})
    process.stdout.close()


def test_the_real_process_tells_all_figures_and_runs_one():
    async def test(studies):
        studies.command = Studies(1, 1.0).command
        for name in FIGURES:
            told = await studies.published(name)
            assert told["title"] == FIGURES[name].title and told["rows"]
        asker = Asker(studies, "preprocess")
        outcome = (await asker.end()).outcome
        told = await studies.published("preprocess")
        assert outcome and told
        assert outcome["seeds"] == [0, 1, 2]
        assert [row["label"] for row in outcome["rows"]] == [row["label"] for row in told["rows"]]
        (panel,) = outcome["panels"]
        assert [len(line["mean"]) for line in panel] == [
            len(line["x"]) for line in told["panels"][0]["lines"]
        ]
        assert all(row["sd"] is not None for row in outcome["rows"])

    drive("", test, seconds=120.0)


# -- through the app's routes --


async def heard(reader: Reader, stage: str) -> dict:
    """Wait until a page is told this stage."""
    while True:
        *_, state = told = await asyncio.wait_for(reader.next(), 30)
        if state["stage"] == stage:
            return {each["is"]: each for each in told}


def test_a_page_runs_cancels_and_is_told_what_came_out():
    async def main(engine):
        engine.studies.command = command(HANG)
        page, other = (Reader(engine.studies, "yang", 60.0) for _ in range(2))
        assert (await heard(page, "none"))["state"]["seeds"] == 3
        page.obey('{"do": "run"}')
        running = (await heard(page, "running"))["state"]
        assert running["asked"] and not (await heard(other, "running"))["state"]["asked"]
        other.obey('{"do": "cancel"}')
        assert engine.studies.find("yang").stage == "running", "who has not asked cannot cancel"
        page.obey('{"do": "cancel"}')
        assert not (await heard(page, "cancelled"))["state"]["asked"]
        engine.studies.command = command(DONE)
        other.obey('{"do": "run"}')
        assert (await heard(page, "done"))["outcome"]["outcome"] == {"argv": ["yang", "3"]}
        late = Reader(engine.studies, "yang", 60.0)
        assert "outcome" in await heard(late, "done")

    with_engine(main)


@pytest.mark.parametrize("text", ["", "[]", "3", "{", '{"do": "dance"}', "[" * 900])
def test_nonsense_is_answered_with_what_is_allowed(text):
    async def main():
        reader = Reader(Studies(1, 1.0), "yang", 1.0)
        reader.obey(text)
        assert '{"do": "run"}' in (await heard(reader, "none"))["state"]["refused"]

    asyncio.run(main())


def test_a_study_goes_on_for_the_grace_time_when_its_page_has_gone():
    async def main(engine):
        engine.studies.command = command(HANG)
        page = Reader(engine.studies, "yang", 0.5)
        page.obey('{"do": "run"}')
        await heard(page, "running")
        page.close()
        await asyncio.sleep(0.1)
        study = engine.studies.find("yang")
        assert not study.over
        began = time.monotonic()
        while not study.over and time.monotonic() - began < 10:
            await asyncio.sleep(0.05)
        assert study.stage == "cancelled"

    with_engine(main)


def test_numbers_are_a_file_and_an_unknown_figure_is_not_found():
    async def main(engine):
        from starlette.applications import Starlette

        engine.studies.command = command(DONE)
        client = Client(Starlette(routes=routes("", lambda: engine)))
        answer = await client.get("/nv/study/yang")
        assert answer.status == 200 and answer.json()["outcome"] is None
        assert answer.json()["published"]["figure"] == "yang"
        await Asker(engine.studies).end()
        assert (await client.get("/nv/study/yang")).json()["outcome"] == {"argv": ["yang", "3"]}
        for figure in ("nope", "%3Cscript%3E", "x" * 3000):
            answer = await client.get(f"/nv/study/{figure}")
            assert answer.status == 404 and "there are table2015" in answer.text
            assert answer.headers["content-type"].startswith("text/plain")
        engine.studies.command = ["/no/such/program"]
        assert (await client.get("/nv/study/lsuv")).status == 503

    with_engine(main)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_no_process_is_left_when_its_server_ends(how):
    code = (
        "import asyncio\nfrom normviz.engine.studies import Studies\n"
        "async def main():\n"
        "    loop = asyncio.get_running_loop(); over = asyncio.Event()\n"
        "    loop.add_signal_handler(15, over.set)\n"
        "    studies = Studies(1, 60.0); study = studies.ask('yang', None)\n"
        "    studies.look('yang', lambda: study.total and print(1, flush=True))\n"
        "    await over.wait(); await studies.close()\n"
        "asyncio.run(main())"
    )
    server = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE)
    assert server.stdout
    server.stdout.readline()  # it measures
    (study,) = _children(server.pid)
    os.kill(server.pid, how)
    server.wait(20)
    server.stdout.close()
    began = time.monotonic()
    while not gone(study) and time.monotonic() - began < 20:
        time.sleep(0.05)
    assert gone(study)


def _children(parent: int) -> list[int]:
    listed = Path(f"/proc/{parent}/task/{parent}/children")
    if not listed.exists():
        pytest.skip("needs Linux's /proc")
    return [int(pid) for pid in listed.read_text().split()]
