"""Writes a row through Django's ORM and reads it through `Database`, and the other way round. Run by `test_database.py` in a process of its own."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

import django
from django.conf import settings
from django.db import connection, models

from jackfield.host.configuration import read_configuration
from jackfield.projects.django_settings import django_settings
from jackfield.storage.database import open_database

configuration = read_configuration()
settings.configure(
    DATABASES=django_settings(configuration, [])["DATABASES"], INSTALLED_APPS=["jackfield.storage.records.apps.RecordsConfig"], USE_TZ=True
)
django.setup()


class Specimen(models.Model):
    id = models.UUIDField(primary_key=True)
    moment = models.DateTimeField()
    round_moment = models.DateTimeField()
    flag = models.BooleanField()
    document = models.JSONField()
    members = models.JSONField()
    blob = models.BinaryField()
    number = models.BigIntegerField()
    fraction = models.FloatField()
    text = models.TextField()
    missing = models.DateTimeField(null=True)

    class Meta:
        app_label = "core_records"
        db_table = "specimen"


TYPES = (UUID, datetime, datetime, bool, dict, list, bytes, int, float, str, datetime)


def values() -> dict[str, object]:
    return {
        "id": uuid4(),
        "moment": datetime(2026, 3, 29, 1, 59, 59, 123456, tzinfo=UTC),
        "round_moment": datetime(2026, 3, 29, tzinfo=UTC),
        "flag": True,
        "document": {"name": "Žofie 🦊", "nested": {"list": [1, 2.5, None, False]}, "empty": {}},
        "members": [1, "two", None],
        "blob": b"\x00\xff\x80",
        "number": -(2**63),
        "fraction": 0.1,
        "text": "Žofie 🦊 'quoted' 100% ?",
        "missing": None,
    }


with connection.schema_editor() as editor:
    editor.create_model(Specimen)
database = open_database(configuration)
names = [field.attname for field in Specimen._meta.fields]

# ORM -> Database
written = values()
Specimen.objects.create(**written)
[row] = database.fetch(f"SELECT {', '.join(names)} FROM specimen WHERE id = ?", (written["id"],), types=TYPES)
assert dict(zip(names, row, strict=True)) == written, (row, written)
for name in ("moment", "round_moment", "flag", "number", "text"):
    assert database.fetch(f"SELECT id FROM specimen WHERE {name} = ?", (written[name],), types=(UUID,)) == [(written["id"],)], name

# Database -> ORM
for way in ("execute", "upsert_many"):
    written = values()
    if way == "execute":
        database.execute(f"INSERT INTO specimen ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})", [written[name] for name in names])
    else:
        database.upsert_many("specimen", names, [[written[name] for name in names]], key=["id"], update=[])
    read = Specimen.objects.filter(pk=written["id"]).values().get()
    assert read | {"blob": bytes(read["blob"])} == written, (read, written)
    again = Specimen.objects.filter(pk=written["id"])
    for name in ("moment", "round_moment", "flag", "document", "members", "number", "text"):
        assert again.filter(**{name: written[name]}).exists(), name
    assert again.filter(document__nested__list__0=1).exists()

# what one writes over the other's row
Specimen.objects.filter(pk=written["id"]).update(document={"by": "orm"}, moment=written["round_moment"])
assert database.fetch("SELECT document, moment FROM specimen WHERE id = ?", (written["id"],), types=(dict, datetime)) == [
    ({"by": "orm"}, written["round_moment"])
]
connection.close()
database.close()
