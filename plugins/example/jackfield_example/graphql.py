"""What the guestbook adds to the API."""

from collections.abc import Mapping, Sequence

from jackfield_example.guestbook import Entry, Guestbook
from jackfield_example.models import Thanks
from jackfield_sdk import ProjectInfo
from jackfield_sdk.graphql import INHERITED, ConnectionPage, Deferred, Field, Info, Loader, String, Type, after_key, connection, extend, page_of


class ThanksOfEntry(Loader[tuple[int, str], str]):
    """What guests were answered, by project and entry: one statement for a page of entries."""

    def fetch(self, keys: Sequence[tuple[int, str]]) -> Mapping[tuple[int, str], str]:
        rows = Thanks.every_project.filter(project_id__in={project_id for project_id, _ in keys}, entry__in={entry for _, entry in keys})
        return {(row.project_id, str(row.entry)): row.text for row in rows}


class GuestbookEntry(Type):
    """What a guest wrote."""

    class Meta:
        permission = INHERITED

    uuid = Field(String, description="Id of the entry, and of its event.")
    signed_at = Field(String, description="When it was signed: ISO 8601, UTC.")
    guest_name = Field(String, description="Who signed.")
    message = Field(String, description="What they wrote.")
    pseudonym = Field(
        String, description="The same for all entries of a guest; empty without a key.", permission="example.pseudonym.view", required=False
    )
    thanks = Field(String, description="What the guest was answered.", required=False)

    @staticmethod
    def resolve_signed_at(entry: Entry, _info: Info) -> str:
        return f"{entry.signed_at.replace(' ', 'T')}Z"

    @staticmethod
    def resolve_thanks(entry: Entry, info: Info) -> Deferred[str]:
        return info.context.loader(ThanksOfEntry).load((entry.project_id, entry.uuid))


class ProjectFields:
    """What the guestbook adds to `Project`."""

    guestbook = connection(GuestbookEntry, description="Entries of the guestbook, the newest first.", permission="example.entry.view")
    guestbook_welcome = Field(String, description="What stands above the guestbook's form.", permission="example.entry.view")

    @staticmethod
    def resolve_guestbook(project: ProjectInfo, info: Info, first: int, after: str | None = None) -> ConnectionPage[Entry]:
        entries = info.context.require(Guestbook).entries(project.id, limit=first + 1, before=after_key(after))
        return page_of(entries, first, lambda entry: entry.place)

    @staticmethod
    def resolve_guestbook_welcome(project: ProjectInfo, info: Info) -> str:
        return info.context.require(Guestbook).welcome(project.id)


PARTS = (extend("Project", ProjectFields),)
