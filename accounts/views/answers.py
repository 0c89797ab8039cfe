"""How a page with a form answers when something in it is wrong."""

from typing import Any

from django.http import HttpResponse
from django.views.generic.edit import FormView


class SayWhatIsWrong(FormView):
    """Errors come with status 422, so that htmx and programs see them as such."""

    def form_invalid(self, form: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)
