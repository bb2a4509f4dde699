"""Every address of the pages. Pages of a shop stand under /s/<shop>/; each module lists its own."""

from django.urls import URLPattern, URLResolver, include, path

from fahuo.web import (
    after_sales,
    batches,
    buyer,
    imports,
    ledger,
    live,
    metrics,
    notices,
    orders,
    packing,
    people,
    platform,
    playground,
    reports,
    session,
    shipments,
    shop,
    start,
    subscription,
    tasks,
    ui,
)

SHOP: list[URLPattern | URLResolver] = [
    *start.urlpatterns,
    *orders.urlpatterns,
    *imports.urlpatterns,
    *shipments.urlpatterns,
    *batches.urlpatterns,
    *tasks.urlpatterns,
    *after_sales.urlpatterns,
    *ledger.urlpatterns,
    *reports.urlpatterns,
    *packing.urlpatterns,
    *metrics.urlpatterns,
    *people.urlpatterns,
    *live.urlpatterns,
    *notices.urlpatterns,
    *subscription.urlpatterns,
    *shop.urlpatterns,
    path("preferences/", session.keep_preferences, name="preferences"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("", start.home, name="home"),
    path("login/", session.sign_in, name="login"),
    path("logout/", session.sign_out, name="logout"),
    path("language/", session.set_language, name="language"),
    path("theme/", session.set_theme, name="theme"),
    path("password/", session.change_password, name="password"),
    path("ui/", ui.gallery, name="ui"),
    *platform.urlpatterns,
    *playground.urlpatterns,
    *buyer.urlpatterns,
    path("s/<slug:shop>/", include(SHOP)),
]
