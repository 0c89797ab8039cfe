"""Answers that are files."""

from rest_framework.renderers import JSONRenderer


class FileRenderer(JSONRenderer):
    """For a view that answers with a file, whatever kind was asked for: only its refusals are rendered, as JSON."""

    media_type = "*/*"
    format = "file"
