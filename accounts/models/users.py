"""Users: anybody who signs in, by phone or e-mail."""

from typing import Any, ClassVar

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from accounts.contacts import mask_phone


class UserManager(BaseUserManager["User"]):
    """Makes users. A user needs a phone or an e-mail address; a password is optional."""

    def create_user(self, *, phone: str | None = None, email: str | None = None, **fields: Any) -> "User":
        password = fields.pop("password", None)
        user = self.model(phone=phone, email=email.lower() if email else None, **fields)
        if password:
            user.set_password(password)
        else:
            user.set_unusable_password()
        user.save(using=self._db)
        return user

    def create_superuser(self, *, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email=email, password=password, is_staff=True, is_superuser=True, **fields)

    def nobody_yet(self) -> "models.QuerySet[User]":
        """Those who only ever asked for a sign-in code: never came in, hold no role, and nobody made them on purpose."""
        return self.filter(
            last_login=None,
            phone_verified=False,
            password__startswith=UNUSABLE_PASSWORD_PREFIX,
            name="",
            is_staff=False,
            is_superuser=False,
            is_moderator=False,
            is_demo=False,
            farmer=None,
            postings=None,
        )


class User(AbstractBaseUser, PermissionsMixin):
    """A person. `phone` is E.164 (+8613800000000). A user who never signed in is nobody yet, and is forgotten.

    Being a buyer needs nothing more; a farmer has a `Farmer` record, a specialist a `Posting`, a moderator the flag.
    """

    NAME_LENGTH = 60

    phone = models.CharField(_("phone"), max_length=20, unique=True, null=True, blank=True)
    phone_verified = models.BooleanField(default=False)
    email = models.EmailField(_("e-mail"), unique=True, null=True, blank=True)
    name = models.CharField(_("name"), max_length=NAME_LENGTH, blank=True)
    language = models.CharField(max_length=10, default="zh-hans")
    is_staff = models.BooleanField(default=False)
    is_moderator = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    is_demo = models.BooleanField(default=False)
    joined_at = models.DateTimeField(default=timezone.now)
    sign_outs = models.PositiveIntegerField(
        default=0, db_default=0, help_text="How often all their sessions were ended; a session is good for one number."
    )

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        constraints = [
            models.CheckConstraint(
                condition=Q(phone__isnull=False) | Q(email__isnull=False), name="user_has_phone_or_email"
            ),
            models.CheckConstraint(condition=~Q(phone="") & ~Q(email=""), name="user_contact_not_empty"),
        ]

    def __str__(self) -> str:
        return self.name or f"user {self.pk}"

    def get_username(self) -> str:
        """The address they sign in with; never None, which the admin's pages cannot show."""
        return self.email or self.phone or ""

    def clean(self) -> None:
        """Leaves both addresses alone: Django's own would write what they sign in with, a phone too, into `email`."""

    def _get_session_auth_hash(self, secret: str | bytes | None = None) -> str:
        """What a session is good for: as long as the password stays, until they sign out everywhere."""
        if not self.sign_outs:  # as Django has it: nobody is signed out by our counting
            return super()._get_session_auth_hash(secret=secret)  # type: ignore[misc]
        what = f"{self.sign_outs}:{self.password}"
        return salted_hmac("accounts.models.users.session", what, secret=secret, algorithm="sha256").hexdigest()

    @property
    def masked_phone(self) -> str:
        """ "138****0000": enough to recognise one's own number, not enough to call it."""
        return mask_phone(self.phone or "")
