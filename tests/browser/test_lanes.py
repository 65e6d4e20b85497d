"""Presets and several lanes, as a person looks at them."""

from playwright.sync_api import expect


def test_one_click_on_a_preset_opens_four_lanes_that_name_what_differs(open_lab):
    lab = open_lab("depth=2&width=12&seed=41")
    lab.page.get_by_role("combobox", name="Presets").click()
    lab.page.get_by_role("option", name="Break BatchNorm").click()
    lab.until(lambda now: now["lanes"] == "4", "four lanes")
    assert "d.order=sorted" in lab.page.url
    said = lab.page.get_by_test_id("stSidebar")
    expect(said.get_by_text("A minibatch of two, and batches sorted by class")).to_be_visible()
    lab.train().beyond(10)
    legend = lab.page.locator(".strip").inner_text()
    for name in ("A", "B", "C", "D"):
        assert name in legend
    assert lab.now()["lanes"] == "4"


def test_the_difference_of_two_lanes_and_back(open_lab):
    lab = open_lab(
        "dataset=digits&depth=3&width=12&batch_size=20&seed=42&b.norm=batch&steps=60"
    ).train()
    lab.status("finished")
    lanes, difference = (
        lab.page.get_by_role("button", name=name)
        for name in ("The lanes as they are", "The difference to lane A (key d)")
    )
    assert lanes.get_attribute("aria-pressed") == "true"
    difference.click()
    assert difference.get_attribute("aria-pressed") == "true"
    expect(lab.page.get_by_text("B / A").first).to_be_visible()
    lanes.click()
    assert difference.get_attribute("aria-pressed") == "false"
