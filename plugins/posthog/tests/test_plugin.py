"""What the plugin hands over."""

import subprocess
import sys

from jackfield_posthog import plugin


def test_discovery_loads_nothing_but_the_sdk() -> None:
    code = (
        "import sys; import jackfield_posthog.plugin as p; p.plugin_meta(); p.register_promoted_properties();"
        "print(sorted(m for m in sys.modules if m.startswith('jackfield_posthog.') or m in ('numpy', 'django')))"
    )

    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

    assert found == "['jackfield_posthog.plugin']\n"


def test_a_web_worker_needs_no_numpy() -> None:
    code = "import sys; import jackfield_posthog.plugin as p; p.register_capture_endpoints(); p.register_hot_routes();print('numpy' in sys.modules)"

    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

    assert found == "False\n"


def test_the_wire_paths_are_owned() -> None:
    endpoints = {endpoint.name: list(endpoint.paths) for endpoint in plugin.register_capture_endpoints()}
    routes = {route.name: list(route.paths) for route in plugin.register_hot_routes()}

    assert endpoints == {"posthog.capture": ["/e", "/i/v0/e", "/capture", "/track", "/batch", "/engage"]}
    assert routes == {
        "posthog.flags": ["/flags", "/decide"],
        "posthog.remote_config": ["/array/*"],
        "posthog.replay": ["/s"],
        "posthog.static_files": ["/static/*"],
    }


def test_the_first_columns_are_named() -> None:
    promoted = {(item.name, item.kind) for item in plugin.register_promoted_properties()}

    assert promoted == {
        ("$browser", "low_cardinality"),
        ("$os", "low_cardinality"),
        ("$device_type", "low_cardinality"),
        ("$geoip_country_code", "low_cardinality"),
        ("$pathname", "low_cardinality"),
        ("$referring_domain", "low_cardinality"),
        ("$current_url", "text"),
    }
