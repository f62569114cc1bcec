"""The snapshot of the schema, and what breaks clients."""

from pathlib import Path

import pytest

from jackfield.cli.assembly import build_host
from jackfield.host.configuration import read_configuration
from jackfield_sdk import GraphQLPart

SNAPSHOT = Path(__file__).parents[3] / "docs" / "schema.graphql"


@pytest.fixture
def main(django):
    from jackfield.graphql.snapshot import main

    return main


def test_the_snapshot_is_the_schema(main, tmp_path):
    configuration = read_configuration({"JACKFIELD_DATA_DIR": str(tmp_path)})

    assert main(build_host(configuration, environment={}).registry, ["--check"], path=SNAPSHOT) == 0


def counting(**options):
    def build():
        from jackfield_sdk.graphql import SIGNED_IN, Field, Int, extend

        return [extend("Query", type("Fields", (), {"count": Field(Int, description="A number.", permission=SIGNED_IN, **options)}))]

    return {"register_graphql": [GraphQLPart(name="counting", build=build)]}


def test_additions_are_written_and_breaking_changes_are_not(main, host_of, tmp_path, capsys):
    path = tmp_path / "schema.graphql"
    plain, added, weaker = host_of(), host_of(counting=counting()), host_of(counting=counting(required=False))

    assert main(plain.registry, ["--check"], path=path) == 1
    assert main(plain.registry, ["--write"], path=path) == 0
    assert main(plain.registry, ["--check"], path=path) == 0
    assert main(added.registry, ["--check"], path=path) == 1
    assert main(added.registry, ["--write"], path=path) == 0
    capsys.readouterr()

    assert main(weaker.registry, ["--write"], path=path) == 1
    assert "Query.count changed type from Int! to Int" in capsys.readouterr().err
    assert main(plain.registry, ["--write"], path=path) == 1
    assert "Query.count was removed" in capsys.readouterr().err
    assert main(plain.registry, ["--write", "--breaking"], path=path) == 0


@pytest.mark.parametrize("order", [("alpha", "beta"), ("beta", "alpha")])
def test_the_schema_does_not_depend_on_names_of_plugins(main, host_of, tmp_path, order):
    def adding(name):
        def build():
            from jackfield_sdk.graphql import SIGNED_IN, Field, Int, extend

            return [extend("Query", type("Fields", (), {name: Field(Int, description="A number.", permission=SIGNED_IN)}))]

        return {"register_graphql": [GraphQLPart(name=name, build=build)]}

    path = tmp_path / "schema.graphql"
    main(host_of(alpha=adding("first"), beta=adding("second")).registry, ["--write"], path=path)

    first, second = order
    assert main(host_of(**{first: adding("second"), second: adding("first")}).registry, ["--check"], path=path) == 0
