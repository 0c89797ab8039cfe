"""Public pages kept for some seconds, made once for everybody: what differs from person to person is put in afterwards.

A page is kept under everything it depends on: its address, the language, and a version that PostgreSQL moves in the
very transaction that takes something down, puts something up or changes a price or the stock. The version is read before
the page is made, so nothing that a moderator took away is ever shown again, whatever the cache does or doesn't. With the
cache down, every page is made anew.

What changes with every sale, the boxes left, is no part of that: the page is kept with blanks, which are filled each time
from what was read together with the version.
"""

import hashlib
import logging
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache, wraps
from typing import Any, Concatenate, ParamSpec

from django.conf import settings
from django.contrib.messages import get_messages
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.html import escape
from django.utils.module_loading import import_string
from django.utils.translation import get_language
from redis.exceptions import RedisError

from marketplace.queries.versions import window_version

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]
logger = logging.getLogger(__name__)

LONGEST_ADDRESS = 200  # what is longer nobody asks for twice
PAUSE = 5.0  # seconds without the cache once it has failed: one that hangs must not hang every page
FRAME = ("_masthead.html", "_messages.html", "_tabbar.html")
FRAMES_KEPT = 1000  # in each process; a few kB each
_closed_until = 0.0


@dataclass(frozen=True)
class State:
    """What a page depends on, read in one query before it is made. "" as version: it is not to be kept."""

    version: str
    blanks: dict[str, str] = field(default_factory=dict)  # by name, what belongs there now


def the_window(request: HttpRequest, *args: Any, **kwargs: Any) -> State:
    """For pages that show what the whole window shows."""
    return State(window_version())


def hole(name: str) -> str:
    """What stands in a kept page where `name` belongs. Nobody can type it: it hangs on the secret key."""
    return f"<!--{salted_hmac('marketplace.views.keeping', name).hexdigest()}-->"


def holes() -> dict[str, str]:
    """The context of a page made to be kept: base.html leaves its frame out, forms leave out their token."""
    masthead, messages, tabbar = map(hole, FRAME)
    return {"hole_masthead": masthead, "hole_messages": messages, "hole_tabbar": tabbar, "csrf_token": token_hole()}


def token_hole() -> str:
    return salted_hmac("marketplace.views.keeping", "token").hexdigest()


def blank(request: HttpRequest, name: str, text: str) -> str:
    """`text`, or, on a page that is being made to be kept, what stands in for it; it may stand in an attribute, too."""
    if not getattr(request, "leaves_holes", False):
        return text
    request.blanks[name] = text  # type: ignore[attr-defined]
    return _mark(name)


def _mark(name: str) -> str:
    return salted_hmac("marketplace.views.keeping.blank", name).hexdigest()


def kept(
    state_of: Callable[Concatenate[HttpRequest, P], State],
    *,
    query: Callable[[HttpRequest], str] = lambda request: "",
    seen: Callable[[HttpRequest, str], None] = lambda request, note: None,
) -> Callable[[View[P]], View[P]]:
    """Keep what the view answers for settings.PAGES_KEPT_SECONDS under the version that `state_of` says.

    For pages whose <main> is the same for everybody with that version. Fragments and errors are not kept.
    `query` is what the frame's search field shows of the address. `seen` is called each time the page is shown, kept or
    made, with the note that the view left on it (`note`).
    """

    def decorator(view: View[P]) -> View[P]:
        @wraps(view)
        def wrapped(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if not _may_be_kept(request) or not (state := state_of(request, *args, **kwargs)).version:
                response = view(request, *args, **kwargs)
                seen(request, noted(response))
                return response
            is_guest = _is_guest(request)
            key = _key(request, state.version)
            if (found := _get(f"{key}:{'guest' if is_guest else 'all'}")) is not None:
                text, page = found
                seen(request, text)
                page = page if is_guest else _framed(request, page, query(request))
                return HttpResponse(_with_token(request, _filled(page, state.blanks)))
            request.leaves_holes = True  # type: ignore[attr-defined]  # read by config.context
            request.blanks = {}  # type: ignore[attr-defined]
            response = view(request, *args, **kwargs)
            request.leaves_holes = False  # type: ignore[attr-defined]
            text = noted(response)
            seen(request, text)
            if response.streaming or "text/html" not in response.get("Content-Type", ""):
                return response
            page = response.content.decode()
            framed = _framed(request, page, query(request))
            if response.status_code == 200 and not response.cookies:
                _set(f"{key}:all", text, page)
                if is_guest:
                    _set(f"{key}:guest", text, framed)
            response.content = _with_token(request, _filled(framed, request.blanks)).encode()  # type: ignore[attr-defined]
            return response

        return wrapped

    return decorator


def note(response: HttpResponse, text: str) -> HttpResponse:
    """Leave one line on a page for `seen`."""
    response.kept_note = text  # type: ignore[attr-defined]
    return response


def noted(response: HttpResponse) -> str:
    """What was left on it."""
    return str(getattr(response, "kept_note", ""))


def _may_be_kept(request: HttpRequest) -> bool:
    """Whole pages, asked for plainly. Moderators see buttons of their own in the middle of a page."""
    if not settings.PAGES_KEPT_SECONDS or "HX-Request" in request.headers or time.monotonic() < _closed_until:
        return False
    if len(request.get_full_path()) > LONGEST_ADDRESS:
        return False
    return _is_guest(request) or not getattr(request.user, "is_moderator", False)


def _is_guest(request: HttpRequest) -> bool:
    """Somebody about whom we know nothing, and to whom we have nothing to say."""
    return settings.SESSION_COOKIE_NAME not in request.COOKIES and "messages" not in request.COOKIES


def _key(request: HttpRequest, state: str) -> str:
    today = timezone.localdate().isoformat()  # what is picked, new or expected hangs on it
    parts = [state, today, str(request.scheme), request.get_host(), request.get_full_path(), get_language() or ""]
    return "page:" + hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _framed(request: HttpRequest, page: str, query: str) -> str:
    """The page with its frame as this person sees it."""
    view_name = request.resolver_match.view_name if request.resolver_match else ""
    cart_count, unread_count = import_string(settings.FRAME_COUNTS)(request)
    masthead, tabbar = _frame(
        get_language() or "",
        request.get_full_path(),
        view_name,
        query,
        request.user.is_authenticated,
        cart_count,
        unread_count,
    )
    messages = render_to_string("_messages.html", {"messages": get_messages(request)})
    for name, part in zip(FRAME, (masthead, messages, tabbar), strict=True):
        page = page.replace(hole(name), part, 1)
    return page


@lru_cache(maxsize=FRAMES_KEPT)
def _frame(
    language: str, address: str, view_name: str, query: str, is_signed_in: bool, cart_count: int, unread_count: int
) -> tuple[str, str]:
    """The masthead and the bar of tabs: for the same page the same for all who have as much in their carts and unread."""
    context = {
        "LANGUAGE_CODE": language,
        "request": {"get_full_path": address, "resolver_match": {"view_name": view_name}},
        "user": {"is_authenticated": is_signed_in},
        "query": query,
        "cart_count": cart_count,
        "unread_count": unread_count,
    }
    return render_to_string("_masthead.html", context), render_to_string("_tabbar.html", context)


def _filled(page: str, blanks: dict[str, str]) -> str:
    """The page with its blanks filled; what stands there is text, never markup."""
    for name, text in blanks.items():
        page = page.replace(_mark(name), escape(text))
    return page


def _with_token(request: HttpRequest, page: str) -> str:
    mark = token_hole()
    return page.replace(mark, get_token(request)) if mark in page else page


def _get(key: str) -> tuple[str, str] | None:
    """The note and the page."""
    packed = _ask(lambda: cache.get(key))
    if not packed:
        return None
    text, _line, page = zlib.decompress(packed).decode().partition("\n")
    return text, page


def _set(key: str, text: str, page: str) -> None:
    packed = zlib.compress(f"{text}\n{page}".encode(), 1)
    _ask(lambda: cache.set(key, packed, settings.PAGES_KEPT_SECONDS))


def _ask(call: Callable[[], bytes | None]) -> bytes | None:
    """Ask the cache; while it is down or hangs, do without it."""
    global _closed_until
    if time.monotonic() < _closed_until:
        return None
    try:
        return call()
    except (RedisError, OSError) as error:
        _closed_until = time.monotonic() + PAUSE
        logger.warning("pages are made anew for %s s: %s", PAUSE, type(error).__name__)
        return None
