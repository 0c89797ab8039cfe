"""The form of a farmer's own receiving code; the service says whether the upload is a picture."""

from django import forms
from django.utils.translation import gettext_lazy as _

from payments.models import ReceivingCode


class ReceivingCodeForm(forms.Form):
    """Which app it is of, and its picture."""

    kind = forms.ChoiceField(
        label=_("Whose code is it?"),
        choices=ReceivingCode.Kind.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Please choose one."), "invalid_choice": _("Please choose one.")},
    )
    photos = forms.FileField(
        label=_("Picture of your receiving code"),
        help_text=_("In WeChat or Alipay: Receive money, Save the picture. Without an amount."),
        widget=forms.ClearableFileInput(attrs={"accept": "image/*"}),
        error_messages={
            "required": _("Please choose the picture."),
            "empty": _("Please choose the picture."),
            "invalid": _("Please choose the picture."),
        },
    )
