"""E-mail over SMTP, with Django's own mail settings."""

import smtplib
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage

from notifications.channels.base import Message, Unsendable


class SmtpChannel:
    """Sends one letter. The Message-ID is the delivery's, so a letter that went out twice can be told apart as one."""

    def send(self, message: Message) -> str:
        message_id = f"<{message.key}@{urlsplit(settings.SITE_URL).hostname}>"
        letter = EmailMessage(
            subject=message.subject,
            body=message.body,
            to=[message.address],
            headers={"Message-ID": message_id, "Auto-Submitted": "auto-generated"},
        )
        try:
            letter.send()
        except smtplib.SMTPRecipientsRefused as refusal:
            codes = [code for code, _ in refusal.recipients.values()]
            if codes and all(500 <= code < 600 for code in codes):
                raise Unsendable("the mail server refuses the address") from None
            raise
        return message_id[:80]
