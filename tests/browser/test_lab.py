"""The main job, as a person does it: press Train, look, toggle, pause, step, go back in time."""

from itertools import combinations

import pytest

SMALL = "dataset=digits&depth=3&width=16&"
HELD = ("step", "liveStep", "status", "following")
SIZES = [(1280, 720), (1920, 1080), (390, 844)]


def test_the_empty_state_shows_the_untrained_network_and_invites(open_lab):
    lab = open_lab("seed=11")
    now = lab.now()
    assert now["status"] == "ready"
    assert now["step"] == "0"
    assert lab.page.get_by_text("Press Train").is_visible()
    assert lab.page.get_by_text("Untrained network").is_visible()


def test_press_train_and_ten_layers_move_within_a_second(open_lab):
    lab = open_lab("seed=12").train()
    lab.page.wait_for_timeout(1000)
    assert int(lab.now()["frames"]) > 5
    lab.beyond(60)
    assert lab.page.get_by_text("of the last hidden layer's gradient reaches layer 1").is_visible()


def test_now_i_switch_batchnorm_on_and_it_goes_on_by_itself(open_lab):
    lab = open_lab("seed=13").train().beyond(10)
    first = lab.now()["run"]
    lab.choose("Normalization", "Batch").until(
        lambda now: now["run"] not in ("", first), "another run"
    ).beyond(60)
    assert lab.now()["status"] == "running"
    lab.page.get_by_text("It learns").wait_for()
    assert "norm=batch" in lab.page.url


def test_pause_holds_the_frame_and_train_goes_on(open_lab):
    lab = open_lab(SMALL + "seed=14").train().beyond(30)
    lab.button("Pause").click()
    lab.status("paused")
    lab.page.wait_for_timeout(300)
    held = lab.now()
    lab.page.wait_for_timeout(500)
    assert {name: lab.now()[name] for name in HELD} == {name: held[name] for name in HELD}
    lab.train().beyond(int(held["liveStep"]))


def test_one_step_and_ten_steps(open_lab):
    lab = open_lab(SMALL + "seed=15")
    lab.button("One step").click()
    lab.until(lambda now: now["step"] == "1", "step 1")
    lab.button("Ten steps").click()
    lab.until(lambda now: now["step"] == "11", "step 11")
    assert lab.now()["status"] == "paused"


def test_reset_starts_again_from_step_zero(open_lab):
    lab = open_lab(SMALL + "seed=16").train().beyond(30)
    first = lab.now()["run"]
    lab.button("Reset").click()
    lab.until(
        lambda now: now["run"] != first and now["step"] == "0" and now["status"] == "ready",
        "step 0 again",
    )


def test_speed_of_one_step_a_second(open_lab):
    lab = open_lab(SMALL + "seed=17")
    lab.page.get_by_label("Training speed").select_option("1")
    lab.train().beyond(1)
    lab.page.wait_for_timeout(1500)
    assert int(lab.now()["step"]) <= 5


def test_the_time_slider_goes_back_while_the_run_goes_on(open_lab):
    lab = open_lab(SMALL + "seed=18").train().beyond(100)
    lab.drag_slider_to(0.3)
    lab.until(lambda now: now["following"] == "0", "a held frame")
    held = lab.now()
    assert 0 < int(held["step"]) < int(held["liveStep"])
    lab.until(lambda now: int(now["liveStep"]) > int(held["liveStep"]) + 50, "the run going on")
    assert lab.now()["step"] == held["step"]
    lab.button("Follow the newest step").click()
    lab.beyond(int(held["liveStep"]) + 50)


def test_the_slider_answers_to_the_keyboard(open_lab):
    lab = open_lab(SMALL + "seed=19")
    for _ in range(2):
        lab.button("One step").click()
    lab.until(lambda now: now["step"] == "2", "step 2")
    lab.page.get_by_role("slider", name="Recorded step").focus()
    lab.page.keyboard.press("ArrowLeft")
    lab.until(lambda now: now["step"] == "1", "step 1")


def test_compare_with_shows_two_lanes_in_one_frame(open_lab):
    lab = open_lab("seed=20")
    lab.page.get_by_role("combobox", name="Compare with lane B").click()
    lab.page.get_by_role("option", name="Normalization", exact=True).click()
    lab.page.keyboard.press("Escape")  # the list stays open for more
    lab.until(
        lambda now: now["lanes"] == "2" and now["status"] == "ready", "two lanes"
    ).train().beyond(40)
    assert "b.norm=batch" in lab.page.url


def test_hovering_a_layer_shows_its_values(open_lab):
    lab = open_lab("seed=21")
    box = lab.page.get_by_role("img").first.bounding_box()
    lab.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    tooltip = lab.page.get_by_role("tooltip")
    tooltip.wait_for()
    assert "ayer" in tooltip.inner_text()
    painted = int(lab.now()["frames"])
    lab.page.mouse.move(5, 5)
    tooltip.wait_for(state="hidden")
    assert int(lab.now()["frames"]) >= painted


def test_divergence_shows_a_card_and_keeps_the_last_good_frame(open_lab):
    lab = open_lab("activation=relu&init=unit&lr=10&seed=22").train().status("diverged")
    card = lab.page.get_by_role("alert").filter(has_text="Diverged")
    card.wait_for()
    words = card.inner_text()
    assert "Step 1" in words
    assert "layer" in words
    assert lab.now()["step"] == "0"


def test_a_finished_run_can_be_replayed(open_lab):
    lab = open_lab(SMALL + "seed=23&steps=60").train().status("finished").beyond(59)
    lab.button("Replay").click()
    lab.until(lambda now: int(now["step"]) < 30, "the start")
    lab.beyond(59)


def test_a_link_with_nonsense_says_so_and_works(open_lab):
    lab = open_lab("depth=101&norm=magic")
    message = lab.page.get_by_test_id("stAlert").inner_text()
    assert "depth" in message
    assert "a whole number from 1 to 100" in message
    assert "magic" in message
    lab.train().beyond(5)


def test_the_link_restores_everything(open_lab):
    first = open_lab("depth=4&norm=layer&place=after&lr=0.037&seed=24&b.init=he")
    again = open_lab(first.page.url.partition("?")[2])
    assert again.now()["run"] == first.now()["run"]
    assert again.now()["lanes"] == "2"


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("dark", [False, True])
def test_nothing_overlaps_and_nothing_is_cut(open_lab, size, dark):
    lab = open_lab("seed=25&b.norm=batch", size=size, dark=dark).train().beyond(10)
    boxes = [card.bounding_box() for card in lab.page.locator(".card:visible").all()]
    assert len(boxes) == 5
    for box in boxes:
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= size[0] + 1
        assert box["width"] > 150
        assert box["height"] > 120
    for a, b in combinations(boxes, 2):
        apart = a["x"] + a["width"] <= b["x"] + 1 or b["x"] + b["width"] <= a["x"] + 1
        below = a["y"] + a["height"] <= b["y"] + 1 or b["y"] + b["height"] <= a["y"] + 1
        assert apart or below
    if size[0] > 800:
        assert max(box["y"] + box["height"] for box in boxes) <= size[1] + 1
    assert lab.page.evaluate("document.documentElement.scrollWidth") <= size[0]


def test_nothing_flickers_while_training(open_lab):
    lab = open_lab("seed=26").train().beyond(5)
    lab.page.eval_on_selector(
        "[data-status]",
        """host => {
            window.changes = 0;
            const grid = host.shadowRoot.querySelector(".grid");
            const count = (records) => (window.changes += records.filter((r) => r.removedNodes.length).length);
            new MutationObserver(count).observe(grid, {childList: true, subtree: true});
            window.sizes = new Set();
            const look = () => {
                window.sizes.add(`${grid.clientWidth}x${grid.clientHeight}`);
                requestAnimationFrame(look);
            };
            look();
        }""",
    )
    lab.beyond(int(lab.now()["step"]) + 150)
    assert lab.page.evaluate("[...window.sizes].length") == 1
    assert lab.page.evaluate("window.changes") == 0
