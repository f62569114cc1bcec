"""An event that kills the engine whenever it is met: it alone ends among the dead letters."""

import json
import uuid
from collections import Counter

from tests.faults.conftest import Install


def test_a_poisonous_event_costs_itself_alone(install: Install) -> None:
    # given four requests, of which one holds the event
    installation = install()
    installation.order("hold-engine")
    installation.kill("engine")
    neighbours: list[str] = []
    for number in range(4):
        events = [{"event": "sent", "distinct_id": "someone", "uuid": str(uuid.uuid4())} for _ in range(4)]
        neighbours += [str(event["uuid"]) for event in events]
        if number == 2:
            events.insert(3, {"event": "poison", "distinct_id": "someone", "uuid": str(uuid.uuid4())})
        assert installation.send(json.dumps(events).encode()).status == 200

    # when the engine meets it
    installation.withdraw("hold-engine")
    installation.wait_until_empty(seconds=90)

    # then
    assert Counter(installation.stored()) == Counter(neighbours)
    ((plugin, position, reason),) = installation.dead_letters()
    assert (plugin, position) == ("core", 3)
    assert "died" in reason

    # and what comes later is stored at once
    later = str(uuid.uuid4())
    installation.send(json.dumps({"event": "sent", "distinct_id": "someone", "uuid": later}).encode())
    installation.wait_until_empty()
    assert later in installation.stored()
