"""A change in the middle of a run, as a person makes it."""


def test_a_fork_goes_on_beside_the_original(open_lab):
    lab = open_lab("depth=3&width=20&batch_size=50&seed=31").train().beyond(60)
    lab.page.get_by_role("button", name="Change something").click()
    dialog = lab.page.get_by_role("dialog")
    dialog.get_by_role("button", name="Go").wait_for()
    step = int(dialog.get_by_role("spinbutton", name="After step").input_value())
    assert step >= 60
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
    steps = []
    for _ in range(2):
        lab.page.get_by_role("button", name="Change something").click()
        dialog = lab.page.get_by_role("dialog")
        steps.append(int(dialog.get_by_role("spinbutton", name="After step").input_value()))
        dialog.get_by_role("button", name="Close").click()
        dialog.wait_for(state="hidden")
        lab.train().beyond(steps[-1] + 50)
    assert steps[1] >= steps[0] + 50


def test_a_link_with_a_change_is_restored(open_lab):
    lab = open_lab("depth=3&width=20&batch_size=50&seed=32&lr@30=1.0&b.norm@20=batch")
    lab.until(lambda now: now["lanes"] == "2", "two lanes").train().beyond(40)
    said = lab.page.get_by_test_id("stSidebar").inner_text()
    assert "step 30: Learning rate: 1" in said and "step 20: Normalization: Batch" in said
