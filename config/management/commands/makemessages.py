"""Gathering words for translation, in an order that is the same on every machine."""

from django.core.management.commands import makemessages


class Command(makemessages.Command):
    # Django writes words as it comes across the files, which every file system lists in its own order.
    msgmerge_options = [*makemessages.Command.msgmerge_options, "--sort-output"]
