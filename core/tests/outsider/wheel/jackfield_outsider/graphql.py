"""What the outsider adds to the API."""

from jackfield_sdk import ProjectInfo
from jackfield_sdk.graphql import Field, Info, String, extend


class ProjectFields:
    """Of `Project`."""

    bird_watchers = Field(String, description="What the project's bird watchers are called.", permission="outsider.species.view")

    @staticmethod
    def resolve_bird_watchers(project: ProjectInfo, _info: Info) -> str:
        return f"Birders of {project.name}"


PARTS = (extend("Project", ProjectFields),)
