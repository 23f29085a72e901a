"""Addresses of content: previews and the template picker."""

from django.urls import path

from channels_app.content import views

app_name = "content"
urlpatterns = [
    path("templates/", views.picker, name="picker"),
    path("<int:pk>/preview/", views.content_preview, name="preview"),
]
