"""The administration's forms, each change on record."""

from typing import Any

from django.db.models import Model
from django.http import HttpRequest
from django.utils import timezone
from unfold.admin import ModelAdmin

from accounts.http import signed_in
from accounts.services.acts import record_act

SECRET = frozenset({"password"})


def snapshot(thing: Model | None) -> dict[str, Any]:
    """What a row holds, by field: its columns, and the ids of what it is joined to."""
    if thing is None:
        return {}
    values = {field.attname: getattr(thing, field.attname) for field in thing._meta.concrete_fields}
    for many in thing._meta.many_to_many:
        values[many.name] = sorted(getattr(thing, many.name).values_list("pk", flat=True))
    return {name: value for name, value in values.items() if name not in SECRET}


class Recorded(ModelAdmin):
    """A form of the administration that may change things: whatever it saves or deletes is kept in StaffAct.

    Django runs its forms in one transaction, so that there is no change without its record.
    """

    def save_model(self, request: HttpRequest, obj: Model, form: Any, change: bool) -> None:
        before = type(obj)._default_manager.filter(pk=obj.pk).first() if change else None
        request._before_the_form = snapshot(before)  # type: ignore[attr-defined]
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        old: dict[str, Any] = request._before_the_form  # type: ignore[attr-defined]
        new = snapshot(type(form.instance)._default_manager.get(pk=form.instance.pk))
        changed = [name for name in new if name not in old or old[name] != new[name]]
        self._record(
            request,
            "change" if change else "add",
            form.instance,
            old={name: old[name] for name in changed if name in old},
            new={name: new[name] for name in changed},
        )

    def delete_model(self, request: HttpRequest, obj: Model) -> None:
        self._record(request, "delete", obj, old=snapshot(obj))
        super().delete_model(request, obj)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Deleting is done one by one: Django's action for many runs outside a transaction."""
        return {name: action for name, action in super().get_actions(request).items() if name != "delete_selected"}

    def _record(self, request: HttpRequest, what: str, obj: Model, **changes: Any) -> None:
        name = obj._meta.model_name
        record_act(
            actor=signed_in(request), kind=f"{name}_{what}", about=f"{name}:{obj.pk}", now=timezone.now(), **changes
        )
