"""People, projects and a client for the API's tests."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from jackfield.host.host import Host


@dataclass
class Client:
    """Asks the API as one key."""

    environment: dict[str, Any]
    key: str | None = None
    headers: dict[str, str] = field(default_factory=dict)

    def post(self, body: object, **headers: str) -> Any:
        from django.test import Client as DjangoClient

        if self.key is not None:
            headers = {"Authorization": f"Bearer {self.key}", **headers}
        content = body if isinstance(body, bytes) else json.dumps(body)
        return DjangoClient(**self.environment).post("/graphql", content, content_type="application/json", headers=headers)

    def ask(self, query: str, **variables: object) -> Any:
        return self.post({"query": query, "variables": variables}).json()

    def data(self, query: str, **variables: object) -> Any:
        answer = self.ask(query, **variables)
        assert "errors" not in answer, answer
        return answer["data"]


@pytest.fixture
def member(metadata: None) -> Callable[..., str]:
    """Make a user with roles in projects, named by their roles, and return the user's key."""

    def make(email: str, *, scopes: list[str] | None = None, admin: bool = False, **roles: str) -> str:
        from jackfield.projects.keys import store_key
        from jackfield.projects.models import Membership, Project, User

        user = User.objects.create(email=email, is_instance_admin=admin)
        for name, role in roles.items():
            project, _ = Project.objects.get_or_create(name=name, token=f"token of {name}")
            Membership.objects.create(user=user, project=project, role=role)
        key = f"key of {email}"
        store_key(user, key, label="test", scopes=scopes or ["*"])
        return key

    return make


@pytest.fixture
def client_of() -> Callable[..., Client]:
    def make(host: Host, key: str | None = None) -> Client:
        from jackfield.web.django_application import django_environment

        return Client(django_environment(host), key)

    return make


@pytest.fixture
def number_of(metadata: None) -> Callable[[str], int]:
    def find(name: str) -> int:
        from jackfield.projects.models import Project

        return Project.objects.get(name=name).id

    return find
