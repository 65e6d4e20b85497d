"""Closing, reloading, two tabs, lost connections, killed workers."""

import os
import signal

import pytest

from tests.browser.serving import free_port, serving

SMALL = "dataset=digits&depth=3&width=16&"
needs_proc = pytest.mark.skipif(not os.path.exists("/proc/self/stat"), reason="reads /proc")


def test_a_reload_goes_on_with_the_run(open_lab, tmp_path):
    # with the usual grace time: on a busy machine a reload takes longer than the few seconds of the other tests' server
    with serving(tmp_path / "log") as own:
        lab = open_lab(SMALL + "seed=31&steps=100000", at=own).train().beyond(50)
        run = lab.now()["run"]
        lab.page.reload()
        lab.ready().beyond(60)
        assert lab.now()["run"] == run
        assert lab.now()["status"] == "running"
        lab.page.goto("about:blank")


def test_two_tabs_share_one_run_and_do_not_disturb_each_other(open_lab):
    first = open_lab(SMALL + "seed=32").train().beyond(30)
    second = open_lab(SMALL + "seed=32")
    assert second.now()["run"] == first.now()["run"]
    second.train().beyond(30)
    first.button("Pause").click()
    held = first.now()["step"]
    second.beyond(int(second.now()["step"]) + 100)
    assert abs(int(first.now()["step"]) - int(held)) < 50
    second.page.close()


def test_a_closed_tab_ends_its_run_after_the_grace_time(open_lab, server):
    lab = open_lab(SMALL + "seed=33&steps=100000").train().beyond(30)
    run = lab.now()["run"]
    lab.page.goto("about:blank")
    lab.page.wait_for_timeout(8000)
    again = open_lab(SMALL + "seed=33&steps=100000")
    assert again.now()["run"] == run
    assert again.now()["status"] == "ended"
    assert int(again.now()["received"]) > 20
    again.button("Run again").click()
    again.until(lambda now: now["run"] != run and now["status"] == "running", "a new run")


@needs_proc
def test_a_run_survives_its_worker_once_and_then_says_why_it_ended(open_lab, tmp_path):
    with serving(tmp_path / "log", NORMVIZ_WORKERS="1") as own:
        lab = open_lab(SMALL + "seed=34&steps=100000", at=own).train().beyond(50)
        run, step = lab.now()["run"], int(lab.now()["step"])
        (worker,) = own.workers()
        os.kill(worker, signal.SIGKILL)
        lab.beyond(step + 200)
        assert lab.now()["run"] == run
        assert own.workers() != [worker]
        (worker,) = own.workers()
        os.kill(worker, signal.SIGKILL)
        lab.status("failed")
        card = lab.page.get_by_role("alert").filter(has_text="ended unexpectedly")
        card.wait_for()
        assert int(lab.now()["kept"]) > 10
        lab.button("Run again").click()
        lab.until(lambda now: now["run"] != run and now["status"] == "running", "a new run").beyond(
            50
        )


@needs_proc
def test_a_restarted_server_is_found_again_and_leaves_no_process(open_lab, tmp_path):
    port = free_port()
    with serving(tmp_path / "log", port) as own:
        lab = open_lab(SMALL + "seed=35&steps=100000", at=own).train().beyond(50)
        workers = own.workers()
        assert len(workers) == 2
    lab.until(lambda now: now["connection"] == "lost", "a lost connection")
    assert lab.page.get_by_text("The server restarts. This page comes back").is_visible()
    assert not any(os.path.exists(f"/proc/{pid}") for pid in workers)
    with serving(tmp_path / "log", port):
        lab.until(lambda now: now["connection"] == "open", "a new connection", seconds=60)
        lab.until(lambda now: now["status"] in ("running", "ready", "paused"), "a run", seconds=60)


def test_a_lost_connection_comes_back_without_a_gap(open_lab):
    sockets = []

    def between(socket):
        socket.connect_to_server()
        sockets.append(socket)

    lab = open_lab(
        SMALL + "seed=36&steps=100000",
        before=lambda page: page.route_web_socket("**/nv/live", between),
    )
    lab.page.get_by_label("Training speed").select_option("10")
    lab.train().beyond(10)
    sockets[0].close(code=4000)
    lab.until(lambda now: len(sockets) == 2 and now["connection"] == "open", "a new connection")
    lab.beyond(int(lab.now()["step"]) + 20)
    lab.button("Pause").click()
    lab.status("paused").page.wait_for_timeout(300)
    now = lab.now()
    assert int(now["kept"]) == int(now["liveStep"]) + 1
