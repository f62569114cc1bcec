"""Parts that are missing: the engine is down, the log is at its limit, the disk is full. Senders are told to wait; nothing is lost."""

import json
import uuid
from collections import Counter

import pytest
from tests.faults.conftest import Install
from tests.faults.installation import Answer, Installation


def test_capture_goes_on_while_the_engine_is_down(install: Install) -> None:
    installation = install()
    installation.order("hold-engine")
    installation.kill("engine")

    kept = [uuid for _ in range(20) for uuid in _sent(installation, 50)[1]]

    assert len(kept) == 1000
    assert installation.is_ready("capture")
    assert not installation.is_ready("query")

    installation.withdraw("hold-engine")
    installation.wait_until(lambda: installation.is_ready("query"))
    installation.wait_until_empty()
    assert Counter(installation.stored()) == Counter(kept)


def test_a_full_log_asks_senders_to_wait_and_takes_events_again_when_the_engine_has_made_room(install: Install) -> None:
    installation = install(log_max_bytes=str(100_000))
    installation.order("hold-engine")
    installation.kill("engine")

    kept, answer = _fill(installation)

    _expect_to_wait(answer)

    installation.withdraw("hold-engine")
    installation.wait_until_empty()
    installation.wait_until(lambda: installation.is_ready("capture"))
    answer, uuids = _sent(installation, 50)
    assert answer.status == 200
    installation.wait_until_empty()
    assert Counter(installation.stored()) == Counter(kept + uuids)


def test_a_disk_that_is_nearly_full_is_left_to_the_engine(install: Install) -> None:
    installation = install()
    kept = _sent(installation, 50)[1]
    installation.order("fill-disk-of-web")

    _expect_to_wait(_sent(installation, 50)[0])

    assert not installation.is_ready("capture")
    assert installation.is_ready("query")
    installation.withdraw("fill-disk-of-web")
    installation.wait_until(lambda: installation.is_ready("capture"))
    kept += _sent(installation, 50)[1]
    installation.wait_until_empty()
    assert Counter(installation.stored()) == Counter(kept)


def test_a_log_that_cannot_be_written_asks_senders_to_wait(install: Install) -> None:
    installation = install()
    installation.order("hold-engine")
    installation.kill("engine")
    installation.limit_files("web", 300_000)

    kept, answer = _fill(installation)

    _expect_to_wait(answer)
    assert not installation.is_ready("capture")

    installation.limit_files("web", None)
    installation.wait_until(lambda: installation.is_ready("capture"))
    answer, uuids = _sent(installation, 50)
    assert answer.status == 200
    installation.withdraw("hold-engine")
    installation.wait_until_empty()
    assert Counter(installation.stored()) == Counter(kept + uuids)


@pytest.mark.parametrize("part", ["store", "log"])
def test_a_full_disk_of_the_engine_delays_events_and_costs_none(install: Install, part: str) -> None:
    installation = install()
    engine = installation.process("engine")
    if part == "store":
        installation.order("fill-disk-of-engine")
    else:
        installation.limit_files("engine", 0)

    kept = [uuid for _ in range(20) for uuid in _sent(installation, 100)[1]]
    assert len(kept) == 2000
    with pytest.raises(AssertionError, match="did not come true"):
        installation.wait_until_empty(seconds=3)
    assert installation.is_ready("capture")
    assert installation.is_ready("query")
    assert installation.process("engine") == engine, "the engine died: soon its plan would count as poison"

    installation.withdraw("fill-disk-of-engine")
    installation.limit_files("engine", None)
    installation.wait_until_empty()
    assert Counter(installation.stored()) == Counter(kept)
    assert installation.dead_letters() == []


def _sent(installation: Installation, count: int) -> tuple[Answer, list[str]]:
    """Send events in one request; returns the answer, and the uuids that were acknowledged."""
    uuids = [str(uuid.uuid4()) for _ in range(count)]
    events = [{"event": "sent", "distinct_id": "someone", "uuid": uuid, "properties": {"text": uuid * 10}} for uuid in uuids]
    answer = installation.send(json.dumps(events).encode())
    return answer, uuids if answer.status == 200 else []


def _fill(installation: Installation) -> tuple[list[str], Answer]:
    kept: list[str] = []
    for _ in range(200):
        answer, uuids = _sent(installation, 50)
        kept += uuids
        if answer.status != 200:
            return kept, answer
    raise AssertionError("the log takes everything")


def _expect_to_wait(answer: Answer) -> None:
    assert answer.status == 503
    assert int(answer.headers["retry-after"]) > 0
