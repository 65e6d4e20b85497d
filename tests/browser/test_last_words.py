"""When a run has ended, the words are those of its last frame."""

import pytest

from tests.browser.lab import Lab


@pytest.mark.parametrize("seed", range(4))
def test_the_words_of_a_run_that_has_ended_are_of_its_last_step(open_lab, seed: int):
    lab: Lab = open_lab(f"?dataset=digits&depth=2&width=32&norm=batch&steps=130&seed={40 + seed}")
    lab.train().status("finished").until(lambda now: now["step"] == "130", "the last step")
    lab.page.wait_for_timeout(700)  # nothing comes any more: what it says now it says for good
    words = lab.page.locator(".words")
    before = words.inner_text()
    lab.button("Follow the newest step").click()  # everything is written anew
    lab.page.wait_for_timeout(300)
    assert words.inner_text() == before
