"""A change in the middle of a run, as a person makes it."""

from playwright.sync_api import Locator


def test_a_fork_goes_on_beside_the_original(open_lab):
    lab = open_lab("depth=3&width=20&batch_size=50&seed=31").train().beyond(60)
    lab.page.get_by_role("button", name="Change something").click()
    dialog = lab.page.get_by_role("dialog")
    dialog.get_by_role("button", name="Go").wait_for()
    step = step_asked_about(dialog, at_least=60)
    dialog.get_by_role("button", name="Go").click()
    lab.until(lambda now: now["lanes"] == "2", "the fork").beyond(step + 20)
    assert f"b.norm%40{step}=batch" in lab.page.url
    said = lab.page.get_by_test_id("stSidebar").inner_text()
    assert f"step {step:,}: Normalization: Batch" in said
    lab.page.get_by_test_id("stSidebar").get_by_role("button", name="✕").click()
    lab.until(lambda now: now["lanes"] == "1", "one lane again")
    assert "%40" not in lab.page.url


def test_the_question_is_of_the_step_that_is_shown_each_time(open_lab):
    lab = open_lab("depth=3&width=20&batch_size=50&seed=33").train().beyond(20)
    shown = 20
    for _ in range(2):
        lab.page.get_by_role("button", name="Change something").click()
        dialog = lab.page.get_by_role("dialog")
        shown = step_asked_about(dialog, at_least=shown)
        dialog.get_by_role("button", name="Close").click()
        dialog.wait_for(state="hidden")
        shown += 50
        lab.train().beyond(shown)


def step_asked_about(dialog: Locator, at_least: int) -> int:
    """The step in the dialog, once it is the one that was shown: Streamlit fills the field a moment later."""
    field = dialog.get_by_role("spinbutton", name="After step")
    for _ in range(100):
        if (step := int(field.input_value())) >= at_least:
            return step
        dialog.page.wait_for_timeout(100)
    raise AssertionError(f"asked about step {field.input_value()}, {at_least} was shown")


def test_a_link_with_a_change_is_restored(open_lab):
    lab = open_lab("depth=3&width=20&batch_size=50&seed=32&lr@30=1.0&b.norm@20=batch")
    lab.until(lambda now: now["lanes"] == "2", "two lanes").train().beyond(40)
    said = lab.page.get_by_test_id("stSidebar").inner_text()
    assert "step 30: Learning rate: 1" in said and "step 20: Normalization: Batch" in said
