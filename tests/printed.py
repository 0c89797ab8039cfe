"""Reading back what we print."""

from pypdfium2 import PdfDocument


def read_pdf(file: bytes) -> list[str]:
    """The text of each page, without the spaces and lines that are the reader's own."""
    with PdfDocument(file) as document:
        return ["".join(page.get_textpage().get_text_range().split()) for page in document]
