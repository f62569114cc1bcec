"""Personal API keys: kept as hashes, found by them."""

import hashlib
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from django.db.models import Q
from django.utils import timezone

from jackfield.projects.models import PersonalApiKey, User

SHOWN_CHARACTERS: Final = 8
NOTE_USE_EVERY: Final = timedelta(minutes=1)


def store_key(user: User, key: str, *, label: str, scopes: Sequence[str]) -> PersonalApiKey:
    """Keep a key's hash; the key itself cannot be read again.

    Keys are long and random, so a fast hash is enough: there is nothing to guess.
    """
    return PersonalApiKey.objects.create(user=user, label=label, prefix=key[:SHOWN_CHARACTERS], sha256=_hash(key), scopes=list(scopes))


def find_key(key: str) -> PersonalApiKey | None:
    """Return a key with its user, None if there is none or its user is locked; note the use, at most once a minute."""
    found = PersonalApiKey.objects.select_related("user").filter(sha256=_hash(key), user__is_active=True).first()
    if found is not None:
        now = timezone.now()
        if found.last_used_at is None or found.last_used_at < now - NOTE_USE_EVERY:
            unnoted = Q(last_used_at__isnull=True) | Q(last_used_at__lt=now - NOTE_USE_EVERY)
            PersonalApiKey.objects.filter(unnoted, id=found.id).update(last_used_at=now)
    return found


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
