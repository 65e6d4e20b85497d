"""A lecture: keys, lanes alone and their difference, projector mode, replay, and the link for a class."""

from itertools import pairwise

import pytest

TWO = "dataset=digits&depth=3&width=16&b.norm=batch&"


def press(lab, *keys):
    for key in keys:
        lab.page.keyboard.press(key)
    return lab


def drawn(lab, names: str):
    return lab.until(lambda now: now["drawn"] == names, f"lanes {names}")


def test_the_keys_train_step_back_and_pick_lanes(open_lab):
    lab = press(open_lab(TWO + "seed=61"), " ").beyond(40)
    press(lab, " ").status("paused")
    end = int(lab.now()["step"])
    press(lab, "ArrowLeft").until(lambda now: int(now["step"]) < end, "one step back")
    press(lab, "Home").until(lambda now: now["step"] == "0", "the first step")
    press(lab, "ArrowRight").until(lambda now: now["step"] == "1", "one step forward")
    press(lab, "End").until(lambda now: now["step"] == now["liveStep"], "the newest step")
    drawn(press(lab, "2"), "B")
    drawn(press(lab, "2"), "A, B")
    drawn(press(lab, "d"), "B − A")
    headings = lab.page.get_by_role("heading", level=3)
    for title in ("Gradient by layer: B / A", "Saturated share: B − A", "Loss and accuracy: B − A"):
        assert headings.filter(has_text=title).is_visible()
    lab.page.get_by_role("button", name="The lanes as they are").click()
    drawn(lab, "A, B")


def test_keys_do_nothing_while_typing_and_are_listed(open_lab):
    lab = open_lab(TWO + "seed=62")
    lab.page.get_by_role("spinbutton", name="Learning rate, exact").click()
    press(lab, "d", " ", "2")
    lab.page.wait_for_timeout(300)
    now = lab.now()
    assert (now["drawn"], now["projector"], now["status"]) == ("A, B", "0", "ready")
    lab.page.get_by_role("button", name="Keys").click()
    keys = lab.page.get_by_role("dialog", name="Keys")
    assert "one recorded step back" in keys.inner_text()
    press(lab, "d", "Escape")
    keys.wait_for(state="hidden")
    assert lab.now()["drawn"] == "A, B"
    drawn(press(lab, "d"), "B − A")


@pytest.mark.parametrize("size", [(1280, 720), (1920, 1080)])
def test_projector_mode_has_larger_type_and_nothing_around(open_lab, size):
    lab = open_lab(TWO + "seed=63", size=size)
    run = lab.now()["run"]

    def type_size() -> float:
        words = "host => getComputedStyle(host.shadowRoot.querySelector('.words'))"
        read = f"host => parseFloat(({words})(host).getPropertyValue('--nv-type'))"
        return lab.page.eval_on_selector("[data-status]", read)

    sidebar, before = lab.page.get_by_test_id("stSidebar"), type_size()
    press(lab, "f").until(lambda now: now["projector"] == "1", "projector mode")
    sidebar.wait_for(state="hidden")
    assert lab.page.get_by_test_id("stHeader").is_hidden()
    assert type_size() >= 1.2 * before
    main = lab.page.get_by_test_id("stMain")
    assert main.evaluate("e => [e.scrollWidth - innerWidth, e.scrollHeight - innerHeight]") == [
        0,
        0,
    ]
    press(lab, "Escape").until(lambda now: now["projector"] == "0", "the whole page")
    sidebar.wait_for()
    assert lab.now()["run"] == run


def test_gone_back_play_replays_the_record_at_the_chosen_speed(open_lab):
    lab = press(open_lab("dataset=digits&depth=3&width=16&seed=64&steps=80"), " ")
    lab.status("finished").beyond(79)
    press(lab, "Home").until(lambda now: now["step"] == "0", "the first step")
    lab.page.get_by_label("Replay speed").select_option("0.25")
    lab.button("Replay").click()
    lab.page.wait_for_timeout(1000)
    assert 1 <= int(lab.now()["step"]) <= 12
    lab.page.get_by_label("Replay speed").select_option("16")
    lab.beyond(79)


def test_a_link_for_a_class_shows_locks_and_opens_as_the_teacher_chose(open_lab):
    lab = open_lab(TWO + "seed=65&show=norm,activation&lock=activation&view=projector")
    assert lab.now()["projector"] == "1"
    press(lab, "f")
    page = lab.page
    page.get_by_role("radiogroup", name="Normalization", exact=True).wait_for()
    assert page.get_by_role("radio", name="tanh", exact=True).is_disabled()
    assert page.get_by_label("Depth").count() == 0
    assert lab.button("Change…").count() == 0
    assert page.get_by_label("Change something after the shown step").is_hidden()
    first = lab.now()["run"]
    lab.choose("Normalization", "Layer").until(lambda now: now["run"] not in ("", first), "a run")
    assert "show=norm" in page.url and "lock=activation" in page.url


def test_the_bar_has_three_rows_on_a_phone(open_lab):
    lab = open_lab(TWO + "seed=66", size=(390, 844), touch=True).train().beyond(5)
    tops = lab.page.eval_on_selector(
        "[data-status]",
        """host => [...host.shadowRoot.querySelector('.transport').children].filter(e => e.offsetHeight)
            .map(e => { const box = e.getBoundingClientRect(); return box.top + box.height / 2; })""",
    )
    assert sum(b - a > 15 for a, b in pairwise(sorted(tops))) == 2, "three rows"
