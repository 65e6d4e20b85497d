"""Covariate shift and a layer's single units, as a person looks at them."""

import pytest
from playwright.sync_api import Locator

SMALL = "dataset=digits&depth=3&width=12&batch_size=20&"


def painted(card: Locator, panel: str) -> int:
    """How many pixels of a panel's data layer are painted."""
    return card.locator(f"{panel} canvas.front:visible").first.evaluate(
        """canvas => new Uint32Array(
        canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data.buffer).filter(Boolean).length"""
    )


@pytest.mark.parametrize("lanes", ["", "b.norm=batch&"])
def test_every_measure_is_drawn(open_lab, lanes: str):
    lab = open_lab(SMALL + lanes + "meter=full&steps=200&seed=71").train().beyond(120)
    lab.button("Covariate shift").click()
    card = lab.page.get_by_role("region", name="Covariate shift", exact=True)
    assert card.is_visible() and not lab.page.get_by_label("Shown norm").is_visible()
    measure = card.get_by_label("Shown measure")
    for option in measure.locator("option").all():
        measure.select_option(option.get_attribute("value"))
        lab.page.wait_for_timeout(300)
        assert painted(card, ".over") > 30, option.inner_text()
        layered = option.get_attribute("value") not in (
            "loss_range",
            "gradient_change",
            "effective_beta",
        )
        assert card.locator(".now").is_visible() == layered
        assert not layered or painted(card, ".now") > 30
    lab.button("Gradient by layer").click()
    assert lab.page.get_by_label("Shown norm").is_visible() and not card.is_visible()


def test_one_sees_what_is_not_measured(open_lab):
    lab = open_lab(SMALL + "meter=off&seed=72")
    lab.button("Covariate shift").click()
    lab.page.get_by_text("Not measured in this run").wait_for()
    assert not lab.page.get_by_label("Shown measure").is_visible()
    assert not lab.button("Histograms of a layer's single units").is_visible()


def test_single_units_of_the_layer_pointed_at(open_lab):
    run = SMALL.replace("depth=3", "depth=6") + "init=small&steps=30&seed=73"
    lab = open_lab(run).train().status("finished")
    ridge = lab.page.locator(".ridge")
    box = ridge.locator(".panel").bounding_box()
    assert box is not None
    lab.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] * 0.8)
    lab.page.get_by_text("Layer 6 · step 30").or_(
        lab.page.get_by_text("Layer 5 · step 30")
    ).wait_for()
    lab.button("Histograms of a layer's single units").click()
    ridge.get_by_text("some units of the layer pointed at").wait_for()
    assert "at step 25" in ridge.inner_text()
    assert "100 % of its units are constant" in ridge.inner_text()
    assert painted(ridge, ".panel") > 1000
    lab.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    lab.page.get_by_text("shown unit").wait_for()
