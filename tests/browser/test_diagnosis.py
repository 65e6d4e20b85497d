"""Why did it die? As a person asks it, and tries what is proposed."""

import pytest

SMALL = "dataset=digits&width=30&batch_size=50&"


def test_a_healthy_network_has_one_quiet_line(open_lab):
    lab = open_lab(SMALL + "norm=batch&seed=61").train().beyond(30)
    card = lab.page.get_by_role("region", name="Diagnosis")
    assert card.inner_text() == "Diagnosis: no problem found"
    assert card.bounding_box()["height"] < 30


@pytest.mark.parametrize("size", [(1280, 720), (390, 844)])
def test_one_click_tries_what_is_proposed_beside_it(open_lab, size: tuple[int, int]):
    lab = open_lab(SMALL + f"seed=6{size[0]}", size=size).train().beyond(10)
    card = lab.page.get_by_role("region", name="Diagnosis")
    card.get_by_text("vanishing gradients. Layer 1 gets").wait_for()
    card.get_by_role("button", name="Diagnosis: 2 problems").click()
    assert card.get_by_text("Threshold:").count() == 2
    card.get_by_role("button", name="Try: Normalization: Batch in a new lane").first.click()
    lab.until(lambda now: now["lanes"] == "2", "a second lane").beyond(20)
    assert "b.norm=batch" in lab.page.url
    before = lab.page.url
    card.get_by_role("button", name="Try: Normalization: Batch in a new lane").first.click()
    lab.page.get_by_text("Lane B already is that network.").wait_for()
    assert lab.page.url == before


def test_a_run_that_has_died_says_why_and_covers_nothing(open_lab):
    lab = open_lab(SMALL + "activation=relu&init=he&lr=5&seed=63").train().status("diverged")
    card = lab.page.get_by_role("region", name="Diagnosis")
    card.get_by_role("button", name="Why did it die?").click()
    card.get_by_text("It diverged: after step").wait_for()
    box, below = card.bounding_box(), lab.page.locator(".grid").bounding_box()
    assert box["y"] + box["height"] <= below["y"]
    assert below["y"] + below["height"] <= 721
    card.get_by_role("button", name="Try: Learning rate: 0.5 in a new lane").first.click()
    lab.until(lambda now: now["lanes"] == "2", "a second lane").beyond(2)
