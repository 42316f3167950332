"""A start page that shows the pages below it, as town sites do."""
from django.db import models
from wagtail.models import Page


class Entry(Page):
    """Something the start page leads to."""
    kind = models.CharField(max_length=20)
    short = models.CharField(max_length=250)


class StartPage(Page):
    intro = models.CharField(max_length=250)

    def get_context(self, request, *args, **kwargs):
        entries = Entry.objects.child_of(self).live().order_by("path")
        kinds = ("tile", "category", "situation", "service", "legal")
        return super().get_context(request, *args, **kwargs) | {kind: [entry for entry in entries if entry.kind == kind] for kind in kinds}
