"""Addresses of campaigns."""

from django.urls import path

from campaigns.views import commands, composer, listing, live, review

app_name = "campaigns"
urlpatterns = [
    path("", listing.campaign_list, name="list"),
    path("new", listing.campaign_create, name="create"),
    path("<int:campaign_id>/", live.campaign_live, name="live"),
    path("<int:campaign_id>/proof", live.campaign_proof, name="proof"),
    path("<int:campaign_id>/edit", composer.campaign_edit, name="edit"),
    path("<int:campaign_id>/count", composer.campaign_count, name="count"),
    path("<int:campaign_id>/people", review.campaign_people, name="people"),
    path("<int:campaign_id>/review", review.campaign_review, name="review"),
    path("<int:campaign_id>/activate", review.campaign_activate, name="activate"),
    path("<int:campaign_id>/pause", commands.pause, name="pause"),
    path("<int:campaign_id>/resume", commands.resume, name="resume"),
    path("<int:campaign_id>/stop", commands.stop, name="stop"),
    path("<int:campaign_id>/release-template", commands.release_template, name="release_template"),
    path("<int:campaign_id>/unschedule", commands.unschedule, name="unschedule"),
    path("<int:campaign_id>/duplicate", commands.duplicate, name="duplicate"),
    path("<int:campaign_id>/archive", commands.archive, name="archive"),
]
