"""Addresses of the setup doctor."""

from django.urls import path

from channels_app.doctor import views

app_name = "doctor"
urlpatterns = [
    path("", views.page, name="page"),
    path("run/", views.run, name="run"),
    path("<int:pk>/", views.examination, name="examination"),
    path("<int:pk>/export/", views.export, name="export"),
]
