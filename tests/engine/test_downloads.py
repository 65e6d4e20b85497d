"""Downloads as the engine leads them: one at a time, shared, ended by the last who waits or by silence."""

import asyncio
import json
import os
import sys
import time

import pytest

from normviz.engine.downloads import Download, DownloadRefused, Downloads
from tests.engine.driving import with_engine
from tests.engine.test_runs import small, start
from tests.engine.test_viewer import Page

TELL = "import json, sys, time\ndef tell(**what): print(json.dumps(what), flush=True)\n"
PID = "import os\ntell(stage='receive', come=os.getpid(), total=None)\n"
MISSING = {"lane": {"dataset": "mnist_full", "depth": 2, "width": 16}}


def command(script: str) -> list[str]:
    return [sys.executable, "-c", TELL + script]


def drive(script: str, test, allowed: bool = True):
    """Run a test against downloads whose process runs this script."""

    async def main():
        downloads = Downloads(allowed)
        downloads.command = command(script)
        try:
            await asyncio.wait_for(test(downloads), 60)
        finally:
            await downloads.close()

    asyncio.run(main())


class Asker:
    """Somebody who waits for a download."""

    def __init__(self, downloads: Downloads, dataset: str = "mnist_full") -> None:
        self.seen: list[dict] = []
        self.downloads, self.news = downloads, asyncio.Event()
        self.download = downloads.ask(dataset, self.wake)

    def wake(self) -> None:
        self.seen.append(self.download.state())
        self.news.set()

    async def until(self, condition) -> Download:
        while not condition(self.download):
            self.news.clear()
            await asyncio.wait_for(self.news.wait(), 30)
        return self.download

    async def end(self) -> Download:
        return await self.until(lambda download: download.over)


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def test_it_says_how_far_it_is_and_that_it_is_done():
    async def test(downloads):
        asker = Asker(downloads)
        download = await asker.end()
        assert [(each["stage"], each["come"], each["total"]) for each in asker.seen] == [
            ("receive", 5, 10),
            ("receive", 10, 10),
            ("done", 0, None),
        ]
        assert download.state()["dataset"] == "mnist_full"

    drive("for n in 5, 10: tell(stage='receive', come=n, total=10)\ntell(stage='done')", test)


def test_the_process_is_told_the_data_set():
    async def test(downloads):
        assert (await Asker(downloads, "fashion").end()).detail == "['-c', 'fashion']"

    drive("tell(stage='failed', reason='storage', detail=repr(sys.argv))", test)


def test_all_who_ask_for_one_set_share_one_process_and_another_set_has_to_wait():
    async def test(downloads):
        first, second = Asker(downloads), Asker(downloads)
        assert first.download is second.download
        with pytest.raises(
            DownloadRefused, match=r"Another download is under way \(All of MNIST\)"
        ):
            Asker(downloads, "fashion")
        await first.end()
        assert second.download.over
        await Asker(downloads, "fashion").end()

    drive("time.sleep(0.3)\ntell(stage='done')", test)


def test_it_ends_when_the_last_who_waits_gives_up():
    async def test(downloads):
        first, second = Asker(downloads), Asker(downloads)
        pid = (await first.until(lambda download: download.come)).come
        downloads.cancel(first.download, first.wake)
        await asyncio.sleep(0.2)
        assert not first.download.over and not gone(pid)
        downloads.cancel(second.download, second.wake)
        assert first.download.stage == "cancelled"
        await downloads.close()
        assert gone(pid)

    drive(PID + "time.sleep(60)", test)


def test_it_can_be_asked_for_again_at_once_after_it_was_cancelled():
    async def test(downloads):
        first = Asker(downloads)
        pid = (await first.until(lambda download: download.come)).come
        downloads.cancel(first.download, first.wake)
        second = Asker(downloads)
        assert second.download is not first.download
        assert (await second.until(lambda download: download.come)).come != pid

    drive(PID + "time.sleep(60)", test)


def test_silence_ends_it():
    async def test(downloads):
        downloads.silence = 1.0
        asker = Asker(downloads)
        download = await asker.end()
        assert (download.stage, download.reason, download.detail) == ("failed", "silent", "1 s")

    drive("time.sleep(60)", test)


@pytest.mark.parametrize(
    "script",
    ["", "sys.exit(3)", "print('no JSON')", "tell(stage='receive', other=1)", "print([1])"],
)
def test_a_process_that_ends_without_a_word_or_talks_nonsense_has_failed(script: str):
    async def test(downloads):
        download = await Asker(downloads).end()
        assert (download.stage, download.reason) == ("failed", "died")

    drive(script, test)


def test_a_process_that_cannot_be_started_has_failed():
    async def test(downloads):
        downloads.command = ["/no/such/program"]
        download = await Asker(downloads).end()
        assert download.reason == "died" and "/no/such/program" in download.detail

    drive("", test)


def test_a_process_that_will_not_go_is_killed():
    async def test(downloads):
        asker = Asker(downloads)
        pid = (await asker.until(lambda download: download.come)).come
        await asyncio.wait_for(downloads.close(), 20)
        assert gone(pid)

    drive(
        "import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + PID + "time.sleep(60)",
        test,
    )


@pytest.mark.parametrize("dataset", ["mnist", "svhn", "no such set", ""])
def test_only_what_the_catalog_offers_is_downloaded(dataset: str):
    async def test(downloads):
        with pytest.raises(DownloadRefused, match="no download of this data set"):
            Asker(downloads, dataset)

    drive("", test)


def test_an_operator_can_forbid_it():
    async def test(downloads):
        with pytest.raises(
            DownloadRefused, match=r"switched off on this server \(NORMVIZ_DOWNLOADS\)"
        ):
            Asker(downloads)

    drive("", test, allowed=False)


# -- through the engine and a page's connection --


@pytest.fixture(autouse=True)
def _nothing_here(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.delenv("NORMVIZ_DATA", raising=False)


async def opened(engine, script: str) -> tuple[Page, dict]:
    """Open a run whose data are not here; return the page and the notice."""
    engine.downloads.command = command(script)
    page = Page(engine)
    await page.say(do="open", config=MISSING)
    return page, (await page.status("failed"))["notice"]


def test_nothing_is_downloaded_before_somebody_asks(tmp_path):
    async def main(engine):
        _, notice = await opened(engine, PID)
        assert notice["rule"] == "data_missing"
        assert "MNIST is not on this server" in notice["values"]["error"]
        assert notice["values"]["dataset"] == "mnist_full" and notice["values"]["megabytes"] == 15
        assert notice["values"]["into"] == str(tmp_path / "normviz/mnist")
        assert engine.downloads.current is None

    with_engine(main)


def test_a_page_that_asks_hears_how_far_it_is():
    async def main(engine):
        page, _ = await opened(
            engine, "tell(stage='receive', come=1, total=2)\ntime.sleep(.3)\ntell(stage='done')"
        )
        await page.say(do="download", dataset="mnist_full")
        stages = [(await page.hear("download"))["stage"]]
        while stages[-1] != "done":
            stages.append((await page.hear("download"))["stage"])
        assert stages == ["connect", "receive", "done"]

    with_engine(main)


def test_a_page_can_cancel_and_one_that_goes_does_not():
    async def main(engine):
        page, _ = await opened(engine, PID + "time.sleep(60)")
        other, _ = await opened(engine, PID + "time.sleep(60)")
        for each in (page, other):
            await each.say(do="download", dataset="mnist_full")
            await each.hear("download")
        page.viewer.close()
        await asyncio.sleep(0.2)
        assert not engine.downloads.current.over
        await other.say(do="cancel")
        assert (await other.hear("download"))["stage"] == "cancelled"
        assert engine.downloads.current.over

    with_engine(main)


def test_a_page_is_told_why_it_may_not():
    async def main(engine):
        page, notice = await opened(engine, "")
        assert "dataset" not in notice["values"] and notice["values"]["title"] == "MNIST"
        await page.say(do="download", dataset="mnist_full")
        told = await page.hear("download")
        assert told["stage"] == "failed" and told["reason"] == "refused"
        assert "NORMVIZ_DOWNLOADS" in told["detail"]

    os.environ["NORMVIZ_DOWNLOADS"] = "0"  # the worker reads it, too
    try:
        with_engine(main)
    finally:
        del os.environ["NORMVIZ_DOWNLOADS"]


def test_runs_go_on_meanwhile():
    async def main(engine):
        audience = await start(engine, small())
        page, _ = await opened(engine, PID + "while True: pass")
        await page.say(do="download", dataset="mnist_full")
        await page.hear("download")
        began = time.monotonic()
        await audience.steps(50)
        assert time.monotonic() - began < 20
        assert not engine.downloads.current.over

    with_engine(main)


def test_nonsense_asks_for_nothing():
    async def main(engine):
        page, _ = await opened(engine, "")
        for dataset in (None, 3, [], "x" * 5000):
            await page.say(do="download", dataset=dataset)
            told = await page.hear("download")
            assert told["reason"] == "refused" and len(json.dumps(told)) < 500
        await page.say(do="cancel")
        await page.say(do="dance")
        assert (await page.hear("error"))["rule"] == "message"
        assert engine.downloads.current is None

    with_engine(main)
