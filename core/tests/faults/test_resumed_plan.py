"""The engine dies with a plan in hand that holds events sent before: the plan is resumed, and every event is there once."""

import json
import uuid
from collections import Counter

import pytest
from tests.faults.conftest import Install


@pytest.mark.parametrize("place", ["before-insert", "after-insert"])
def test_a_resumed_plan_that_holds_repeated_events_stores_each_once(install: Install, place: str) -> None:
    # given events that are stored
    installation = install()
    first = _uuids(400)
    assert installation.send(_body(first)).status == 200
    installation.wait_until_empty()

    # when some of them are sent again, together with others, of which one stands twice in the request and all come twice in all
    second = _uuids(400)
    installation.order(f"die-{place}")
    installation.order("hold-engine")
    again = _body([*first[100:300], *second, second[0]])
    installation.kill("engine")
    assert installation.send(again).status == 200
    assert installation.send(again).status == 200
    installation.withdraw("hold-engine")
    installation.wait_until(lambda: len(installation.deaths(place)) == 1)

    # then
    installation.wait_until_empty()
    assert Counter(installation.stored()) == Counter([*first, *second])
    assert installation.dead_letters() == []


def test_the_filter_of_a_new_engine_knows_the_events_of_the_last(install: Install) -> None:
    installation = install()
    uuids = _uuids(500)
    assert installation.send(_body(uuids)).status == 200
    installation.wait_until_empty()

    installation.kill("engine")
    assert installation.send(_body(uuids)).status == 200

    installation.wait_until_empty()
    assert Counter(installation.stored()) == Counter(uuids)


def _uuids(count: int) -> list[str]:
    return [str(uuid.uuid4()) for _ in range(count)]


def _body(uuids: list[str]) -> bytes:
    return json.dumps([{"event": "sent", "distinct_id": "someone", "uuid": uuid} for uuid in uuids]).encode()
