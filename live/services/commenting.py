"""What is said in a room: saying it, answering, pinning, removing, muting."""

from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from accounts.models import Farmer, User
from accounts.services.showing import without_name
from common.errors import InvalidInput, NotAllowed
from common.transactions import needs_transaction, use_case
from live.errors import Muted, NotOnAir, SaidTooOften
from live.models import Broadcast, Comment, Mute
from marketplace.models import ForbiddenTerm
from marketplace.wording import find

MOST_LETTERS = 100
BETWEEN = timedelta(seconds=2)
MINUTE, MOST_A_MINUTE = timedelta(minutes=1), 10
#: Praise is a buyer's own affair; a seller is held to the advertising law in every word.
NOT_FOR_BUYERS = {ForbiddenTerm.Kind.MEDICAL, ForbiddenTerm.Kind.CONTACT, ForbiddenTerm.Kind.OTHER}


@use_case
def say(*, broadcast_id: int, author: User, text: str, now: datetime, answers_id: int | None = None) -> Comment:
    """Say something to everybody in the room, or as its farmer answer a comment of it.

    Raises NotAllowed for a room that watchers may not see (or an answer that is not the farmer's), NotOnAir, Muted,
    InvalidInput (field "text"), SaidTooOften.
    """
    broadcast = (
        Broadcast.objects.shown().select_related("farmer__county", "farmer__user").filter(pk=broadcast_id).first()
    )
    if broadcast is None:
        raise NotAllowed
    if broadcast.status != Broadcast.Status.LIVE:
        raise NotOnAir
    is_farmer = broadcast.farmer.user_id == author.pk
    if answers_id and not (is_farmer and broadcast.comments.shown().filter(pk=answers_id).exists()):
        raise NotAllowed
    if Mute.objects.filter(farmer_id=broadcast.farmer_id, person=author).exists():
        raise Muted
    text = " ".join(text.split())
    _check_words(text, is_farmer=is_farmer)
    User.objects.select_for_update(no_key=True).get(pk=author.pk)  # two at once are counted one after the other
    _check_pace(author, text, now)
    if is_farmer or author.is_moderator:  # what buyers say is theirs; a moderator may remove it
        text = without_name(text, broadcast.farmer)[:MOST_LETTERS]
    return Comment.objects.create(broadcast=broadcast, author=author, text=text, said_at=now, answers_id=answers_id)


def _check_words(text: str, *, is_farmer: bool) -> None:
    if not text:
        raise InvalidInput(_("Please write something."), field="text")
    if len(text) > MOST_LETTERS:
        raise InvalidInput(_("Please keep it under %(most)s characters."), field="text", most=MOST_LETTERS)
    for found in find(text, ForbiddenTerm.objects.filter(is_active=True)):
        if is_farmer or found.kind in NOT_FOR_BUYERS:
            words = text[found.start : found.end]
            raise InvalidInput(_("Please leave “%(words)s” out: %(why)s"), field="text", words=words, why=found.why)


def _check_pace(author: User, text: str, now: datetime) -> None:
    lately = list(Comment.objects.filter(author=author, said_at__gt=now - MINUTE).values_list("said_at", "text"))
    if len(lately) >= MOST_A_MINUTE or any(said_at > now - BETWEEN for said_at, _text in lately):
        raise SaidTooOften
    if any(said == text for _said_at, said in lately):
        raise InvalidInput(_("You have just said that."), field="text")


@use_case
def remove_comment(*, comment_id: int, remover: User, now: datetime) -> None:
    """Take it out of everybody's sight: one's own, or as the farmer anybody's in one's room. Doing it twice changes nothing.

    Raises NotAllowed.
    """
    comment = _locked(comment_id)
    if remover.pk not in {comment.author_id, comment.broadcast.farmer.user_id}:
        raise NotAllowed
    take_away(comment, remover, now)


@needs_transaction
def take_away(comment: Comment, remover: User, now: datetime) -> None:
    """A step: it is shown no more, and nobody has to decide about it any more."""
    if comment.removed_at is None:
        comment.removed_at, comment.removed_by, comment.pinned_at = now, remover, None
        comment.save(update_fields=["removed_at", "removed_by", "pinned_at"])
        comment.reports.filter(decided_at=None).update(decided_at=now)


@use_case
def pin_comment(*, comment_id: int, farmer: Farmer, pinned: bool, now: datetime) -> None:
    """Keep it above the others, in place of what was there; or let it go. Doing it twice changes nothing.

    Raises NotAllowed for another's room and for what was removed.
    """
    comment = _of_farmers(comment_id, farmer)
    if comment.removed_at is not None:
        raise NotAllowed
    if pinned:
        comment.broadcast.comments.filter(pinned_at__isnull=False).exclude(pk=comment.pk).update(pinned_at=None)
    if pinned != (comment.pinned_at is not None):
        comment.pinned_at = now if pinned else None
        comment.save(update_fields=["pinned_at"])


@use_case
def mute_author(*, comment_id: int, farmer: Farmer, now: datetime) -> None:
    """Whoever said this says nothing more in this farmer's rooms, and what they said here goes. Safe twice.

    Raises NotAllowed for another's room, and for one's own words.
    """
    comment = _of_farmers(comment_id, farmer)
    if comment.author_id == farmer.user_id:
        raise NotAllowed
    Mute.objects.get_or_create(farmer=farmer, person_id=comment.author_id, defaults={"muted_at": now})
    theirs = Comment.objects.shown().filter(broadcast_id=comment.broadcast_id, author_id=comment.author_id)
    for one in theirs.select_for_update(no_key=True, of=("self",)).order_by("pk"):
        take_away(one, farmer.user, now)


@use_case
def unmute(*, mute_id: int, farmer: Farmer) -> None:
    """Let them speak again. Doing it twice changes nothing, nor does it with another's."""
    Mute.objects.filter(pk=mute_id, farmer=farmer).delete()


def _of_farmers(comment_id: int, farmer: Farmer) -> Comment:
    """A comment in this farmer's room, which is locked: one thing is pinned, one person muted at a time."""
    rooms = Broadcast.objects.select_for_update(no_key=True, of=("self",)).filter(farmer=farmer, comments=comment_id)
    if rooms.first() is None:
        raise NotAllowed
    return Comment.objects.select_related("broadcast__farmer").get(pk=comment_id)


def _locked(comment_id: int) -> Comment:
    found = Comment.objects.select_for_update(no_key=True, of=("self",)).filter(pk=comment_id)
    comment = found.select_related("broadcast__farmer").first()
    if comment is None:
        raise NotAllowed
    return comment
