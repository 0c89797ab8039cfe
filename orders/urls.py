"""Addresses of orders."""

from django.urls import path, re_path

from orders.views import buying, carts, checkout, farmer_home, labels, late, packing, reviews, sharing

app_name = "orders"
urlpatterns = [
    path("cart/", carts.cart, name="cart"),
    path("cart/province/", carts.cart_province, name="cart_province"),
    path("cart/add/<int:pk>/", carts.cart_add, name="cart_add"),
    path("cart/lines/<int:pk>/", carts.cart_change, name="cart_change"),
    path("checkout/", checkout.checkout, name="checkout"),
    path("me/shares/", sharing.share_list, name="share_list"),
    path("orders/", buying.order_list, name="order_list"),
    path("orders/<slug:number>/", buying.order_detail, name="order_detail"),
    path("orders/<slug:number>/again/", carts.order_again, name="order_again"),
    path("parcels/<slug:number>/received/", buying.parcel_receive, name="parcel_receive"),
    path("parcels/<slug:number>/review/<int:pk>/", reviews.review_create, name="review_create"),
    path("sell/", farmer_home.farmer_home, name="farmer_home"),
    path("sell/picks/<int:pk>/seen/", packing.pick_list_see, name="pick_list_see"),
    path("sell/parcels/", packing.parcel_list, name="parcel_list"),
    path("sell/parcels/<slug:number>/", packing.parcel_detail, name="parcel_detail"),
    path("sell/parcels/<slug:number>/post/", packing.parcel_post, name="parcel_post"),
    re_path(r"^sell/labels-(?P<paper>a4|a6)\.pdf$", labels.label_sheet, name="label_sheet"),
    path("sell/packing.pdf", labels.packing_sheet, name="packing_sheet"),
    path("sell/late/", late.late_list, name="late_list"),
    path("moderation/reviews/", reviews.review_queue, name="review_queue"),
    path("moderation/reviews/<int:pk>/", reviews.review_decide, name="review_decide"),
]
