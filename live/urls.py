"""Addresses of broadcasts."""

from django.urls import path

from live.views import ingest, media, moderating, streaming, studio, talking, watching

app_name = "live"
urlpatterns = [
    path("live/", watching.broadcast_list, name="broadcast_list"),
    path("live/<int:pk>/", watching.broadcast_detail, name="broadcast_detail"),
    path("live/<int:pk>/table/", watching.broadcast_table, name="broadcast_table"),
    path("live/<int:pk>/remind/", watching.reminder, name="broadcast_remind"),
    path("live/<int:pk>/buy/<int:item_pk>/", watching.item_buy, name="item_buy"),
    path("live/<int:pk>/comments/", talking.comment_list, name="comment_list"),
    path("live/<int:pk>/say/", talking.say, name="comment_say"),
    path("live/comments/<int:pk>/", talking.comment_detail, name="comment_detail"),
    path("live/hooks/media/<str:token>/", streaming.media_server, name="media_server_hook"),
    path("live/media/<slug:key>/<str:name>", media.media, name="media"),
    path("moderation/live/", moderating.desk_list, name="broadcast_desk_list"),
    path("moderation/live/comments/<int:pk>/", moderating.decide_comment, name="comment_decide"),
    path("moderation/live/<int:pk>/", moderating.desk, name="broadcast_desk"),
    path("moderation/live/<int:pk>/media/<str:name>", media.desk_media, name="broadcast_desk_media"),
    path("sell/live/", studio.own_list, name="broadcast_own_list"),
    path("sell/live/new/", studio.plan, name="broadcast_plan"),
    path("sell/live/muted/<int:pk>/", talking.unmute, name="mute_end"),
    path("sell/live/<int:pk>/", studio.manage, name="broadcast_manage"),
    path("sell/live/<int:pk>/standing/", studio.standing, name="broadcast_standing"),
    path("sell/live/<int:pk>/talk/", studio.talk, name="broadcast_talk"),
    path("sell/live/<int:pk>/start/", ingest.start, name="broadcast_start"),
    path("sell/live/<int:pk>/stream/", streaming.stream_key, name="broadcast_stream_key"),
    path("sell/live/<int:pk>/stream/start/", streaming.start, name="broadcast_stream_start"),
    path("sell/live/<int:pk>/line/", ingest.line, name="broadcast_line"),
    path("sell/live/<int:pk>/recorder/", ingest.recorder, name="broadcast_recorder"),
    path("sell/live/<int:pk>/pin/<int:item_pk>/", studio.pin, name="item_pin"),
    path("sell/live/<int:pk>/end/", studio.end, name="broadcast_end"),
    path("sell/live/<int:pk>/call-off/", studio.call_off, name="broadcast_call_off"),
    path("sell/live/pieces/<uuid:key>/<int:sequence>/", ingest.piece, name="piece"),
]
