"""The protocol of the live stream, spoken to a viewer as its socket would."""

import asyncio
import json

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from normviz.config import parse
from normviz.frames import HEADER
from normviz.stream.viewer import Viewer
from tests.engine.driving import with_engine

CONFIG = {"lane": {"depth": 2, "width": 16, "dataset": "digits"}, "steps": 100_000}


class Page:
    """The page's side: says things, and sorts what comes back."""

    def __init__(self, engine):
        self.viewer = Viewer(engine)
        self.seqs: list[int] = []
        self.texts: list[dict] = []

    async def say(self, **message):
        await self.viewer.obey(json.dumps(message))

    async def hear(self, kind: str) -> dict:
        """Read until a text of this kind comes."""
        while True:
            item = await asyncio.wait_for(self.viewer.next(), 60)
            if isinstance(item, bytes):
                self.seqs.append(HEADER.unpack_from(item)[3])
            else:
                self.texts.append(json.loads(item))
                if self.texts[-1]["is"] == kind:
                    return self.texts[-1]

    async def status(self, wanted: str) -> dict:
        """Read until the run has this status."""
        while (state := await self.hear("state"))["status"] != wanted:
            pass
        return state

    async def frames(self, count: int) -> None:
        """Read until so many frames have come in all."""
        while len(self.seqs) < count:
            item = await asyncio.wait_for(self.viewer.next(), 60)
            if isinstance(item, bytes):
                self.seqs.append(HEADER.unpack_from(item)[3])
            else:
                self.texts.append(json.loads(item))


async def recorded(engine, run: str, seq: int) -> None:
    """Wait until a frame is in the record; a page that is slow does not get every one."""
    while engine.find(run).record.latest[0] < seq:
        await asyncio.sleep(0.02)


def test_opening_gives_schema_then_history_then_state():
    async def main(engine):
        page = Page(engine)
        await page.say(do="open", config=CONFIG)
        opened = await page.hear("opened")
        assert opened["how"] == "new" and opened["schema"]["lanes"][0]["layers"] == 2
        assert (await page.hear("history"))["frames"] == 1 and page.seqs == [0]
        state = await page.status("ready")
        assert state["step"] == 0 and state["steps"] == 100_000 and state["watchers"] == 1

    with_engine(main)


def test_play_pause_step_and_reset():
    async def main(engine):
        page = Page(engine)
        await page.say(do="open", config=CONFIG)
        await page.status("ready")
        await page.say(do="step", n=3)
        while 3 not in page.seqs:
            await page.frames(len(page.seqs) + 1)
        await page.say(do="play", speed=0)
        await page.frames(20)
        await page.say(do="pause")
        await page.status("paused")
        await page.say(do="reset")
        opened = await page.hear("opened")
        assert opened["how"] == "new"
        page.seqs.clear()
        await page.status("ready")
        assert page.seqs == [0]

    with_engine(main)


def test_a_lost_connection_resumes_without_a_gap():
    async def main(engine):
        page = Page(engine)
        await page.say(do="open", config=CONFIG)
        run = (await page.hear("opened"))["run"]
        await page.say(do="step", n=10)
        await page.frames(4)
        page.viewer.leave()
        await recorded(engine, run, 10)  # meanwhile the run goes on
        back = Page(engine)
        await back.say(do="open", config=CONFIG, run=run, after=page.seqs[-1])
        assert (await back.hear("opened"))["how"] == "resumed"
        await back.hear("history")
        assert back.seqs == list(range(page.seqs[-1] + 1, 11))

    with_engine(main)


def test_a_late_joiner_gets_the_history_first():
    async def main(engine):
        first, late = Page(engine), Page(engine)
        await first.say(do="open", config=CONFIG)
        run = (await first.hear("opened"))["run"]
        await first.say(do="step", n=25)
        await recorded(engine, run, 25)
        await late.say(do="open", config=CONFIG)
        assert (await late.hear("opened"))["how"] == "joined"
        assert (await late.hear("history"))["frames"] == 26 and late.seqs == list(range(26))

    with_engine(main)


def test_a_slow_viewer_skips_and_can_fill_the_gap():
    async def main(engine):
        page = Page(engine)
        await page.say(do="open", config=CONFIG)
        run = (await page.status("ready"))["run"]
        await page.say(do="step", n=30)
        await recorded(engine, run, 30)
        await page.frames(2)
        assert page.seqs == [0, 30]
        await page.say(do="backfill", after=0, before=30)
        await page.frames(31)
        assert page.seqs[2:] == list(range(1, 30))

    with_engine(main)


def test_a_bad_configuration_is_answered_with_field_value_and_range():
    async def main(engine):
        page = Page(engine)
        await page.say(do="open", config={"lane": {"depth": 101}})
        error = await page.hear("error")
        assert (
            error["rule"] == "config"
            and "depth: 101 is not possible; allowed: a whole number from 1 to 100"
            in error["values"]["text"]
        )

    with_engine(main)


def test_bad_messages_are_answered_and_change_nothing():
    bad = [
        "",
        "{",
        "[]",
        "3",
        "null",
        '{"do":"dance"}',
        '{"do":"step","n":0}',
        '{"do":"step","n":true}',
        '{"do":"play","speed":7}',
        '{"do":"backfill","after":"x","before":1}',
    ]

    async def main(engine):
        page = Page(engine)
        await page.say(do="open", config=CONFIG)
        await page.status("ready")
        for text in bad:
            await page.viewer.obey(text)
            assert (await page.hear("error"))["rule"] == "message"
        await page.say(do="step", n=1)
        await page.frames(2)

    with_engine(main)


def test_any_message_is_survived():
    scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
    values = st.recursive(
        scalars,
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
        ),
        max_leaves=8,
    )
    verbs = st.sampled_from(
        ["open", "play", "pause", "step", "backfill", "reset", "again", "download", "cancel"]
    ) | st.text(max_size=8)
    fields = st.sampled_from(
        ["config", "run", "server", "after", "before", "n", "speed", "dataset"]
    )

    async def main(engine):
        page = Page(engine)
        loop = asyncio.get_running_loop()

        @settings(
            max_examples=150,
            deadline=None,
            suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
        )
        @given(
            st.text(max_size=40)
            | st.builds(
                lambda do, rest: json.dumps({**rest, "do": do}),
                verbs,
                st.dictionaries(fields, values),
            )
        )
        def hostile(text):
            asyncio.run_coroutine_threadsafe(page.viewer.obey(text), loop).result(60)

        await asyncio.to_thread(hostile)
        await page.say(do="open", config={**CONFIG, "steps": 77})
        assert (await page.hear("opened"))["schema"]

    with_engine(main)


def test_two_viewers_of_one_configuration_watch_one_run():
    async def main(engine):
        pages = [Page(engine), Page(engine)]
        for page in pages:
            await page.say(do="open", config=CONFIG)
        runs = [(await page.hear("opened"))["run"] for page in pages]
        assert runs[0] == runs[1] and runs[0].startswith(parse(CONFIG).key())

    with_engine(main)
