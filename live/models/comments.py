"""What people say in a room, who may say nothing more in a farmer's rooms, and what was reported to the moderators."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Farmer
from live.models.broadcasts import Broadcast


class CommentQuerySet(models.QuerySet["Comment"]):
    def shown(self) -> "CommentQuerySet":
        """What everybody in the room reads."""
        return self.filter(removed_at=None)

    def reported(self) -> "CommentQuerySet":
        """Shown, and reported by somebody to whom no moderator has answered yet."""
        waiting = CommentReport.objects.filter(comment=OuterRef("pk"), decided_at=None)
        return self.shown().filter(Exists(waiting))

    def too_old(self, now: datetime) -> "CommentQuerySet":
        return self.filter(said_at__lte=now - settings.LIVE_KEEP_COMMENTS)


class Comment(models.Model):
    """One thing said while a broadcast was on. Words never change; removing takes it out of everybody's sight.

    `answers` is set by the farmer alone: whose question this is the answer to.
    """

    broadcast = models.ForeignKey(Broadcast, models.CASCADE, related_name="comments")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="broadcast_comments")
    text = models.CharField(max_length=100)
    said_at = models.DateTimeField()
    answers = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="answered_by")
    pinned_at = models.DateTimeField(null=True, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True)
    removed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="removed_comments"
    )

    objects = CommentQuerySet.as_manager()

    class Meta:
        ordering = ["said_at", "pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="comment_has_text"),
            models.CheckConstraint(condition=Q(pinned_at=None) | Q(removed_at=None), name="comment_pinned_is_shown"),
            models.UniqueConstraint("broadcast", condition=Q(pinned_at__isnull=False), name="comment_one_pinned"),
        ]
        indexes = [
            models.Index(fields=["broadcast", "-said_at"], name="comment_by_broadcast"),
            models.Index(fields=["author", "-said_at"], name="comment_by_author"),
            models.Index(fields=["said_at"], name="comment_by_age"),
        ]

    def __str__(self) -> str:
        return f"comment {self.pk}"

    @property
    def is_farmers(self) -> bool:
        return self.author_id == self.broadcast.farmer.user_id


class Mute(models.Model):
    """This person says nothing more in this farmer's rooms, until the farmer lets them again."""

    farmer = models.ForeignKey(Farmer, models.CASCADE, related_name="mutes")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="mutes")
    muted_at = models.DateTimeField()

    class Meta:
        ordering = ["-muted_at", "-pk"]
        constraints = [models.UniqueConstraint("farmer", "person", name="mute_once")]

    def __str__(self) -> str:
        return f"user {self.person_id} in the rooms of farmer {self.farmer_id}"


class CommentReport(models.Model):
    """Somebody thinks that this should not stand there. Who it was is shown to nobody."""

    class Why(models.TextChoices):
        INSULT = "INSULT", _("It insults or threatens somebody.")
        ADVERT = "ADVERT", _("It leads buyers away or advertises.")
        UNTRUE = "UNTRUE", _("It says what is not true.")
        PRIVATE = "PRIVATE", _("It tells what is private of somebody.")
        OTHER = "OTHER", _("It does not belong here.")

    comment = models.ForeignKey(Comment, models.CASCADE, related_name="reports")
    reporter = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="comment_reports")
    why = models.CharField(max_length=8, choices=Why.choices)
    reported_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["reported_at", "pk"]
        constraints = [models.UniqueConstraint("comment", "reporter", name="comment_report_once")]
        indexes = [models.Index(fields=["comment"], condition=Q(decided_at=None), name="comment_report_waiting")]

    def __str__(self) -> str:
        return f"report of comment {self.comment_id}"
