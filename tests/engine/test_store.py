"""The store: what was saved comes back whole or not at all, it keeps to its limit, and a full disk harms nobody."""

import errno
import json
import logging
import os
import struct
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from normviz.engine import runfile, store
from normviz.engine.runfile import RunFileError, StoredRun
from normviz.engine.store import Store, StoreError
from normviz.frames import HEADER
from tests.unit.receipts import recorded

NO_LIMIT = 2**40
NOTICE = {"rule": "loss_not_finite", "values": {"lane": 0, "step": 3, "value": "nan"}}


def kept(attempt: int = 1, **changes) -> StoredRun:
    run = recorded()
    frames = tuple((seq, seq, data) for seq, data in enumerate(run.frames))
    whole = StoredRun(
        f"{run.config.key()}-abcdef-{attempt}",
        run.config,
        "finished",
        12,
        NOTICE,
        "a build",
        run.sent,
        frames,
    )
    return replace(whole, **changes)


def packed(run: StoredRun) -> bytes:
    return b"".join(runfile.write(run))


def size() -> int:
    return len(packed(kept()))


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def aged(folder: Path, run_id: str, seconds: float) -> None:
    """Let a run be used so long ago."""
    path = folder / f"{run_id}.run"
    then = path.stat().st_mtime - seconds
    os.utime(path, (then, then))


def test_what_was_saved_comes_back_in_another_process(tmp_path: Path):
    assert Store(tmp_path, NO_LIMIT).save(kept())
    asked = f"""
from pathlib import Path
from normviz.engine.store import Store
run = Store(Path({str(tmp_path)!r}), 10**9).load({kept().id!r})
print(run.id, run.status, run.step, run.notice["rule"], len(run.frames), "torch" in __import__("sys").modules)
"""
    said = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert said.stdout.split() == [kept().id, "finished", "12", "loss_not_finite", "13", "False"]
    assert Store(tmp_path, NO_LIMIT).load(kept().id) == kept()


def test_a_run_is_found_by_its_configuration_the_newest_that_did_not_fail(tmp_path: Path):
    kept_here = Store(tmp_path, NO_LIMIT)
    key = kept().config.key()
    assert kept_here.latest(key) is None
    kept_here.save(kept(1))
    kept_here.save(kept(2, status="running"))
    kept_here.save(kept(3, status="failed"))
    aged(tmp_path, kept(1).id, 50)
    aged(tmp_path, kept(2).id, 20)
    assert kept_here.latest(key) == kept(2, status="running")
    assert kept_here.latest("0" * 16) is None


def test_saving_again_replaces_and_leaves_nothing_else(tmp_path: Path):
    kept_here = Store(tmp_path, NO_LIMIT)
    kept_here.save(kept(status="running", frames=kept().frames[:3], step=2))
    kept_here.save(kept())
    assert kept_here.load(kept().id) == kept()
    assert names(tmp_path) == {f"{kept().id}.run"}
    assert (tmp_path / f"{kept().id}.run").stat().st_mode & 0o777 == 0o600
    assert kept_here.numbers.files == 1 and kept_here.numbers.nbytes == size()


def test_the_longest_unused_run_goes_when_the_limit_is_reached(tmp_path: Path):
    kept_here = Store(tmp_path, 3 * size() + 10)
    for attempt in (1, 2, 3):
        kept_here.save(kept(attempt))
        aged(tmp_path, kept(attempt).id, 100 - attempt)
    assert kept_here.load(kept(1).id)  # used: now the newest
    kept_here.save(kept(4))
    assert names(tmp_path) == {f"{kept(n).id}.run" for n in (1, 3, 4)}
    assert kept_here.numbers.evicted == 1
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) <= 3 * size() + 10
    assert not kept_here.save(kept(5, frames=kept().frames * 1, notice=None, build="x" * 10**7))
    smaller = Store(tmp_path, 2 * size() + 10)  # an operator has lowered the limit
    assert smaller.numbers.files == 2 and len(names(tmp_path)) == 2


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda data: data[:-1], "cut short"),
        (lambda data: data[:20], "less than its header"),
        (lambda data: b"", "less than its header"),
        (lambda data: b"PK\x03\x04" + data[4:], "does not begin"),
        (lambda data: data[:8] + struct.pack("<H", 2) + data[10:], "version 2"),
        (lambda data: data[:-1] + bytes([data[-1] ^ 1]), "checksum"),
        (lambda data: b"cos\nsystem\n(S'touch run'\ntR." + data, "does not begin"),
        (lambda data: packed(kept(2)), "it is run"),
    ],
)
def test_a_damaged_file_is_set_aside_with_its_name_and_the_reason(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, spoil, reason: str
):
    kept_here = Store(tmp_path, NO_LIMIT)
    name = f"{kept().id}.run"
    (tmp_path / name).write_bytes(spoil(packed(kept())))
    with caplog.at_level(logging.WARNING):
        assert kept_here.load(kept().id) is None
    (record,) = caplog.records
    fields = record.fields  # pyright: ignore[reportAttributeAccessIssue]
    assert record.getMessage() == "store damaged"
    assert fields["file"] == name and reason in fields["reason"]
    assert names(tmp_path) == {"damaged"} and names(tmp_path / "damaged") == {name}
    assert kept_here.load(kept().id) is None and kept_here.numbers.damaged == 1
    assert kept_here.save(kept()) and kept_here.load(kept().id) == kept()


def test_only_the_newest_damaged_files_stay(tmp_path: Path):
    kept_here = Store(tmp_path, NO_LIMIT)
    for attempt in range(store.MOST_ASIDE + 3):
        (tmp_path / f"{kept(attempt).id}.run").write_bytes(b"x")
        kept_here.load(kept(attempt).id)
    assert len(names(tmp_path / "damaged")) == store.MOST_ASIDE


def test_links_pipes_and_folders_are_not_followed(tmp_path: Path):
    folder = tmp_path / "store"
    kept_here = Store(folder, NO_LIMIT)
    (tmp_path / "secret").write_bytes(packed(kept()))
    path = folder / f"{kept().id}.run"
    path.symlink_to(tmp_path / "secret")
    assert kept_here.load(kept().id) is None
    os.mkfifo(path)
    assert kept_here.load(kept().id) is None  # and does not wait for somebody to write
    assert (tmp_path / "secret").exists()


@pytest.mark.parametrize("name", ["../secret", "x", "", "0" * 16 + "-1-1/../../x", "\x00"])
def test_what_is_no_id_is_no_file(tmp_path: Path, name: str):
    folder = tmp_path / "store"
    kept_here = Store(folder, NO_LIMIT)
    (tmp_path / "secret.run").write_bytes(packed(kept()))
    assert kept_here.load(name) is None
    assert (tmp_path / "secret.run").exists()


def test_files_of_others_stay_and_stale_parts_go(tmp_path: Path):
    (tmp_path / "thesis.tex").write_text("mine")
    (tmp_path / "marathon.run").write_text("mine too")
    old, new = tmp_path / ".a-1.part", tmp_path / ".b-1.part"
    for part in (old, new):
        part.write_bytes(b"half a run")
    os.utime(old, (0, 0))
    Store(tmp_path, 0)
    assert names(tmp_path) == {"thesis.tex", "marathon.run", ".b-1.part"}


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO, errno.EROFS])
@pytest.mark.parametrize("call", ["fsync", "replace", "open"])
def test_a_disk_that_takes_nothing_is_said_once_and_what_was_kept_stays(
    tmp_path: Path, monkeypatch, caplog: pytest.LogCaptureFixture, code: int, call: str
):
    kept_here = Store(tmp_path, NO_LIMIT)
    assert kept_here.save(kept(status="running", step=12))

    def fail(*_, **__):
        raise OSError(code, os.strerror(code))

    with monkeypatch.context() as patched, caplog.at_level(logging.WARNING):
        patched.setattr(os, call, fail)
        assert not kept_here.save(kept()) and not kept_here.save(kept(2))
    (record,) = caplog.records
    assert record.fields["reason"] == os.strerror(code)  # pyright: ignore[reportAttributeAccessIssue]
    assert kept_here.numbers.failed == 2
    assert kept_here.load(kept().id) == kept(status="running")
    assert names(tmp_path) == {f"{kept().id}.run"}
    assert kept_here.save(kept()) and kept_here.load(kept().id) == kept()


def test_a_disk_that_is_really_full(tmp_path: Path):
    """A file system of half a run's size, where this process may make one."""
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size() // 2}", "tmpfs", tmp_path],
        capture_output=True,
        check=False,
    )
    if made.returncode:
        pytest.skip("may not mount a file system")
    try:
        kept_here = Store(tmp_path, NO_LIMIT)
        assert not kept_here.save(kept())
        assert names(tmp_path) == set() and kept_here.numbers.failed == 1
        assert kept_here.save(kept(frames=kept().frames[:1]))
    finally:
        subprocess.run(["umount", tmp_path], check=True)


def test_a_folder_that_cannot_be_the_store_is_named(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(
        StoreError, match=r"NORMVIZ_STORE: .*/file is not possible .*allowed: a folder"
    ):
        Store(tmp_path / "file", NO_LIMIT)
    with pytest.raises(StoreError, match="Not a directory"):
        Store(tmp_path / "file" / "below", NO_LIMIT)
    with pytest.raises(StoreError, match="NORMVIZ_STORE: /proc/none"):
        Store(Path("/proc/none"), NO_LIMIT)


def test_a_reader_beside_a_writer_sees_one_run_or_the_other(tmp_path: Path):
    kept_here = Store(tmp_path, NO_LIMIT)
    short = kept(status="running", step=3, frames=kept().frames[:4])
    kept_here.save(short)
    done = threading.Event()

    def write() -> None:
        for _ in range(20):
            kept_here.save(kept())
            kept_here.save(short)
        done.set()

    writer = threading.Thread(target=write)
    writer.start()
    while not done.is_set():
        assert Store(tmp_path, NO_LIMIT).load(kept().id) in (short, kept())
    writer.join()
    assert kept_here.numbers.failed == 0 and not (tmp_path / "damaged").exists()


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_any_change_of_a_file_is_noticed(data: st.DataObject):
    whole = bytearray(packed(kept()))
    at = data.draw(st.integers(0, len(whole) - 1), label="at")
    match data.draw(st.sampled_from(["flip", "cut", "insert", "overwrite", "swap"])):
        case "flip":
            whole[at] ^= 1 << data.draw(st.integers(0, 7))
        case "cut":
            del whole[at : at + data.draw(st.integers(1, 10_000))]
        case "insert":
            whole[at:at] = data.draw(st.binary(min_size=1, max_size=50))
        case "overwrite":
            new = data.draw(st.binary(min_size=1, max_size=50))
            whole[at : at + len(new)] = new
        case _:
            whole = whole[at:] + whole[:at]
    if bytes(whole) == packed(kept()):
        assert runfile.read(bytes(whole)) == kept()
    else:
        with pytest.raises(RunFileError):
            runfile.read(bytes(whole))


@settings(deadline=None)
@given(st.binary(max_size=300), st.lists(st.integers(0, 2**32 - 1), min_size=3, max_size=3))
def test_bytes_of_anybody_are_refused(body: bytes, sizes: list[int]):
    for data in (body, runfile._HEAD.pack(runfile.MAGIC, 1, runfile.HEAD_BYTES, *sizes) + body):
        with pytest.raises(RunFileError):
            runfile.read(data)


def forged(facts=None, schema=None, frames: bytes | None = None, **changes) -> bytes:
    """A file with a right checksum and wrong contents, as only somebody on purpose makes it."""
    run = kept()
    head = {
        "run": run.id,
        "config": json.loads(run.config.canonical()),
        "status": run.status,
        "step": run.step,
        "notice": run.notice,
        "build": run.build,
        **changes,
    }
    texts = [
        each if isinstance(each, bytes) else json.dumps(each).encode()
        for each in (
            facts if facts is not None else head,
            schema if schema is not None else run.schema,
        )
    ]
    body = b"".join(data for _, _, data in run.frames) if frames is None else frames
    start = runfile._HEAD.pack(runfile.MAGIC, 1, runfile.HEAD_BYTES, *map(len, texts), len(body))
    return start + runfile._digest([start, *texts, body]) + b"".join(texts) + body


def _frame(seq: int, step: int) -> bytes:
    data = bytearray(kept().frames[0][2])
    data[8:16] = struct.pack("<II", seq, step)
    return bytes(data)


@pytest.mark.parametrize(
    ("file", "reason"),
    [
        (lambda: forged(facts=b"{"), "not JSON"),
        (lambda: forged(facts=b"[" * 100_000), "not JSON"),
        (lambda: forged(facts=[]), "no object"),
        (lambda: forged(config={"lane": {"depth": 10**9}}), "depth: 1000000000"),
        (lambda: forged(status="starting"), "status 'starting'"),
        (lambda: forged(status={}), "status"),
        (lambda: forged(step=13), "step 13 of 12"),
        (lambda: forged(step=True), "step True"),
        (lambda: forged(step=11), "beyond the last step"),
        (lambda: forged(notice={"rule": 1}), "notice"),
        (lambda: forged(notice={"rule": "x", "values": {"a": [1]}}), "neither a number"),
        (lambda: forged(build=None), "no text"),
        (lambda: forged(run=7), "no text"),
        (lambda: forged(schema={"version": 99}), "schema"),
        (lambda: forged(frames=b""), "no frame"),
        (lambda: forged(frames=b"NVZF"), "cut short"),
        (lambda: forged(frames=_frame(0, 0) + _frame(0, 1)), "do not follow"),
        (lambda: forged(frames=_frame(0, 5) + _frame(1, 4)), "do not follow"),
        (lambda: forged(frames=_frame(0, 0)[: -HEADER.size]), "the schema says"),
    ],
)
def test_a_forged_file_is_refused(file, reason: str):
    with pytest.raises(RunFileError, match=reason):
        runfile.read(file())


def test_the_forger_of_these_tests_can_make_a_good_one():
    assert runfile.read(forged()) == kept()
