"""A room with three pages: one leads, two follow, one of them steps aside and comes back."""

import re

from playwright.sync_api import Page, WebSocketRoute

from tests.browser.lab import Lab

NETWORK = "dataset=digits&depth=3&width=16&b.norm=batch&steps=100000&"
#: How long a class waits for what its lecturer does; the machine that runs the tests may be busy.
SOON = 30
#: How a connection ends that has not been closed by the server.
LOST = 1011


def lead(lab: Lab) -> str:
    """Open a room; return its code."""
    page = lab.page
    page.get_by_text("Teach live").click()
    page.get_by_role("button", name="Open a room").click()
    lab.until(lambda now: now["room"] == "lead", "the lead")
    return page.locator(".poster .code").text_content() or ""


def same(lab: Lab, *others: Lab) -> None:
    """Wait until all show the same run, step and lanes."""
    for other in others:
        other.until(
            lambda now: all(now[name] == lab.now()[name] for name in ("run", "step", "drawn")),
            f"what the lecturer shows, {lab.now()}",
            SOON,
        )


def held(lab: Lab, run: str = "") -> Lab:
    """Wait until a frame of another run than this is shown."""
    return lab.until(lambda now: now["run"] not in ("", run) and now["step"] != "", "a frame")


def said(lab: Lab) -> str:
    return lab.page.locator(".room .said").inner_text()


def room(open_lab, seed: int) -> tuple[Lab, Lab, Lab, str]:
    """Return a lecturer and two students in a room, one of them with a phone, and the room's code."""
    lecturer = open_lab(NETWORK + f"seed={seed}")
    code = lead(lecturer)
    link = f"room={code}"
    first, second = open_lab(link), open_lab(link, size=(390, 844), touch=True)
    same(lecturer, first, second)
    return lecturer, first, second, code


def test_two_students_follow_run_slider_lanes_and_every_toggle(open_lab):
    lecturer, first, second, code = room(open_lab, 71)
    link = f"room={code}"
    assert all(lab.page.url.endswith(f"?{link}") for lab in (first, second))
    assert first.page.get_by_label("Depth").count() == 0
    assert first.button("Train").count() == 0
    lecturer.until(lambda now: now["people"] == "2", "two who follow")
    assert said(lecturer) == f"Room {code} · following: 2 · exploring: 0"

    # run and slider
    lecturer.train().beyond(60)
    for student in (first, second):
        student.beyond(60)
    lecturer.button("Pause").click()
    lecturer.status("paused")
    same(lecturer, first, second)
    lecturer.drag_slider_to(0.3)
    same(lecturer, first, second)
    lecturer.page.keyboard.press("d")
    first.until(lambda now: now["drawn"] == "B − A", "the difference", SOON)
    lecturer.page.keyboard.press("d")
    first.page.keyboard.press("End")
    same(lecturer, first, second)

    # toggles, also in lanes
    run = lecturer.now()["run"]
    lecturer.choose("Activation", "ReLU")
    held(lecturer, run)
    same(lecturer, first, second)
    run = lecturer.now()["run"]
    lecturer.choose("Normalization, lane B", "Layer")
    held(lecturer, run)
    same(lecturer, first, second)


def test_a_student_steps_aside_and_comes_back(open_lab):
    lecturer, first, second, code = room(open_lab, 75)
    run = lecturer.now()["run"]
    lecturer.choose("Activation", "ReLU")
    held(lecturer, run)
    same(lecturer, first, second)
    # all controls, as they are now
    first.page.get_by_role("button", name="Explore", exact=True).click()
    first.page.get_by_role("radiogroup", name="Activation", exact=True).wait_for()
    assert "activation=relu" in first.page.url and "b.norm=batch" in first.page.url
    lecturer.until(lambda now: now["people"] == "2", "both still there")
    assert said(lecturer).endswith("following: 1 · exploring: 1")
    shared = lecturer.now()["run"]
    first.button("Train").click()
    first.until(lambda now: now["run"] not in ("", shared), "a run of one's own").beyond(5)
    assert lecturer.now()["run"] == second.now()["run"] == shared
    assert lecturer.now()["liveStep"] == "0", "nobody else trains the lecturer's run"
    first.choose("Activation", "tanh")
    held(first, first.now()["run"])
    same(lecturer, second)

    # and back
    first.page.get_by_role("button", name="Follow", exact=True).click()
    first.until(lambda now: now["room"] == "follow", "following")
    same(lecturer, first, second)
    assert first.page.url.endswith(f"?room={code}")

    # the lecturer's page is loaded anew
    lecturer.page.reload()
    lecturer.ready().until(lambda now: now["room"] == "lead", "the lead again")
    lecturer.until(lambda now: now["people"] == "2", "two who follow")
    same(lecturer, first, second)

    # the end
    lecturer.page.get_by_role("button", name="End room").click()
    for student in (first, second):
        student.page.get_by_text(f"The lecturer has ended room {code}").wait_for()
    first.page.get_by_role("button", name="Go on by yourself").click()
    first.page.get_by_role("radiogroup", name="Activation", exact=True).wait_for()
    assert "room=" not in first.page.url and "activation=relu" in first.page.url


def test_a_code_that_is_none_is_said(open_lab):
    lab = open_lab("room=ABC&" + NETWORK)
    alert = lab.page.get_by_role("alert").filter(has_text="There is no room")
    assert "ABC" in alert.inner_text() and "room=" not in lab.page.url


def test_the_key_is_in_the_lecturers_tab_only(open_lab):
    lecturer = open_lab(NETWORK + "seed=72")
    code = lead(lecturer)
    kept = lecturer.page.evaluate("sessionStorage.getItem('normviz.room')")
    assert code in kept
    key = kept.split('"key":"')[1].split('"')[0]
    assert key not in lecturer.page.url and key not in lecturer.page.content()
    student = open_lab(f"room={code}")
    assert student.page.evaluate("sessionStorage.getItem('normviz.room')") is None


class Wire:
    """What a page's connections go through; it can be cut."""

    def __init__(self) -> None:
        self.cut_off = False
        self._open: list[tuple[WebSocketRoute, WebSocketRoute]] = []

    def lead(self, page: Page) -> None:
        page.route_web_socket(re.compile("/nv/"), self._carry)

    def _carry(self, socket: WebSocketRoute) -> None:
        if self.cut_off:
            return socket.close(code=LOST)
        return self._open.append((socket, socket.connect_to_server()))

    def cut(self) -> None:
        self.cut_off = True
        for socket, server in self._open:
            server.close()
            socket.close(code=LOST)
        self._open.clear()

    def mend(self) -> None:
        self.cut_off = False


def test_lost_connections_resume_by_themselves(open_lab):
    """First a student's, then the lecturer's; what was shown meanwhile is shown when they are back."""
    mine, theirs = Wire(), Wire()
    lecturer = open_lab(NETWORK + "seed=73", before=theirs.lead)
    code = lead(lecturer)
    student = open_lab(f"room={code}", before=mine.lead)
    same(lecturer, student)
    mine.cut()
    student.until(lambda now: "connection lost" in said(student), "a lost connection")
    lecturer.until(lambda now: now["people"] == "0", "nobody there")
    lecturer.train().beyond(30)
    lecturer.button("Pause").click()
    lecturer.status("paused")
    mine.mend()
    same(lecturer, student)
    lecturer.until(lambda now: now["people"] == "1", "the student again")

    theirs.cut()
    student.until(lambda now: "the lecturer's page is away" in said(student), "the lecturer away")
    lecturer.choose("Activation", "ReLU")
    theirs.mend()
    lecturer.until(lambda now: "following: 1" in said(lecturer), "the lead again")
    held(lecturer)
    same(lecturer, student)
    assert said(student) == f"Room {code}: this page shows what the lecturer shows"


def test_a_class_is_asked_answers_and_sees_what_the_run_shows(open_lab):
    """A lesson's question: the answers gather, are revealed, and its run marks the right one."""
    lecturer, first, second, _ = room(open_lab, 76)
    page = lecturer.page
    page.get_by_text("Ask the class").click()
    which(lecturer, "learning rate")
    page.get_by_role("button", name="Ask", exact=True).click()
    answers = [student.page.locator(".question .option") for student in (first, second)]
    answers[0].nth(2).click()
    answers[1].nth(0).click()
    answers[1].nth(2).click()
    said_of(lecturer, "Answers so far: 2")
    assert page.locator(".question .count").all_inner_texts() == ["0", "0", "2", "0"]
    assert first.page.locator(".question .count").count() == 0
    page.get_by_role("button", name="Reveal").click()
    for lab in (lecturer, first, second):
        lab.page.locator(".question .option[data-right='1']").wait_for(timeout=90_000)
        said_of(lab, "Answers: 2")
    page.get_by_role("button", name="Close the question").click()
    first.page.locator(".question").wait_for(state="hidden")


def test_a_class_draws_a_curve_and_the_answers_are_downloaded(open_lab):
    lecturer, first, _, _ = room(open_lab, 77)
    page = lecturer.page
    page.get_by_text("Ask the class").click()
    which(lecturer, "own words")
    page.get_by_label("Your question").fill("<b>Draw</b> **the** loss")
    page.get_by_label("Your question").blur()
    page.get_by_role("radio", name="by drawing a curve").click()
    for name, text in (
        ("Horizontal axis, with its unit", "epoch"),
        ("Vertical axis, with its unit", "loss"),
    ):
        page.get_by_label(name).fill(text)
        page.get_by_label(name).blur()
    page.get_by_role("button", name="Ask", exact=True).click()
    chart = first.page.locator(".question .sketch svg")
    chart.wait_for()
    assert first.page.locator(".question h3").inner_text() == "<b>Draw</b> **the** loss"
    box = chart.bounding_box()
    assert box is not None
    first.page.mouse.move(box["x"] + 80, box["y"] + 40)
    first.page.mouse.down()
    first.page.mouse.move(box["x"] + box["width"] - 30, box["y"] + 200, steps=12)
    first.page.mouse.up()
    first.page.locator(".question").get_by_role("button", name="Answer").click()
    said_of(lecturer, "Answers so far: 1")
    assert page.locator(".question svg .median").count() == 1
    with page.expect_download() as downloading:
        page.get_by_role("button", name="Answers as CSV").click()
    table = downloading.value.path().read_text().splitlines()
    assert table[0].startswith("question,epoch 1,epoch 2,") and len(table) == 2
    page.get_by_role("button", name="Reveal").click()
    first.page.locator(".question svg .own").wait_for(state="attached")


def which(lab: Lab, words: str) -> None:
    """Choose the question that has these words in its name."""
    field = lab.page.locator(".st-key-ask-which input")
    field.click()
    field.press_sequentially(words)
    lab.page.get_by_role("option").filter(has_text=words).first.click()


def said_of(lab: Lab, text: str) -> None:
    """Wait until the line below the question says this."""
    lab.page.locator(".question > .said").filter(has_text=text).wait_for()
