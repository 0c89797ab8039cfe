"""{{ number|phone }}: a telephone number the way people read it out."""

from django import template

from accounts.contacts import show_phone

register = template.Library()
register.filter("phone", show_phone)
