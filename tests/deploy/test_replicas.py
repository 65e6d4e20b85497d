"""Two replicas behind a real proxy: everybody stays with one replica, and is back when it dies."""

import asyncio
import logging
import re
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.browser.serving import Server
from tests.deploy.proxies import HAPROXY, KINDS, NGINX, Course, Kind, course
from tests.deploy.visitors import Visitor, answered, trusting

TOKEN = "for-the-test"
LOG = logging.getLogger(__name__)


def viewers(replica: Server) -> int:
    """Ask a replica itself how many watch a run there."""
    request = urllib.request.Request(
        f"{replica.url}/nv/metrics", headers={"Authorization": f"Bearer {TOKEN}"}
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        (found,) = re.findall(r"^normviz_viewers (\d+)", answer.read().decode(), re.MULTILINE)
    return int(found)


async def outlive(at: Course, count: int) -> tuple[list[int], float]:
    """Let so many visitors come, kill the first replica; return who was where, and after how long all were back."""
    visitors, context = [Visitor(at) for _ in range(count)], trusting(at)
    staying = [asyncio.create_task(visitor.visit(context)) for visitor in visitors]
    try:
        await answered(visitors, 1, 40)
        spread = [viewers(replica) for replica in at.replicas]
        assert sum(visitor.lost for visitor in visitors) == 0
        at.kill(0)
        start = time.monotonic()
        async with asyncio.timeout(10):
            while sum(visitor.lost > 0 for visitor in visitors) < spread[0]:
                await asyncio.sleep(0.02)
        homeless = [visitor for visitor in visitors if visitor.lost]
        await answered(homeless, 2, 40)
        took = time.monotonic() - start
        # who was on the other replica has noticed nothing
        assert len(homeless) == spread[0] and viewers(at.replicas[1]) == count
        return spread, took
    finally:
        for task in staying:
            task.cancel()
        failures = await asyncio.gather(*staying, return_exceptions=True)
        assert all(isinstance(failure, asyncio.CancelledError) for failure in failures), failures


@pytest.mark.parametrize(("kind", "count"), [(NGINX, 40), (HAPROXY, 8)], ids=["nginx", "haproxy"])
def test_visitors_stay_with_their_replica_and_are_back_when_it_dies(
    kind: Kind, count: int, tmp_path: Path
):
    with course(kind, tmp_path, NORMVIZ_METRICS_TOKEN=TOKEN) as at:
        spread, took = asyncio.run(outlive(at, count))
        LOG.info("%s: %s visitors; all back after %.1f s", kind.name, spread, took)
        assert sum(spread) == count and min(spread) >= count // 8
        if kind is NGINX:
            # a visitor of the dead replica has been at both, everybody else at one
            assert sorted(map(len, at.homes().values())) == [1] * spread[1] + [2] * spread[0]


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_numbers_are_not_passed_on_and_a_name_is_taken_away(kind: Kind, tmp_path: Path):
    settings = {
        "NORMVIZ_SIGN_IN": "proxy",
        "NORMVIZ_PROXIES": "127.0.0.1",
        "NORMVIZ_METRICS_TOKEN": TOKEN,
        "FORWARDED_ALLOW_IPS": "",
    }
    with course(kind, tmp_path, **settings) as at:
        context = trusting(at)

        def status(path: str, **headers: str) -> int:
            request = urllib.request.Request(at.url + path, headers=headers)
            try:
                with urllib.request.urlopen(request, timeout=10, context=context) as answer:
                    assert "max-age" in answer.headers["strict-transport-security"]
                    return answer.status
            except urllib.error.HTTPError as error:
                with error:
                    return error.code

        assert status("/healthz") == 200
        for path in ("/nv/metrics", "/_stcore/metrics"):
            assert status(path, Authorization=f"Bearer {TOKEN}") == 404
        # nobody has signed in at the proxy, whatever the visitor says
        assert status("/", **{"X-Remote-User": "admin"}) == 403
