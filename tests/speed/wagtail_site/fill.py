"""Writes the tables and one town's start page with what it leads to."""
import django

django.setup()

from django.core.management import call_command  # noqa: E402 (Django has to be set up first)
from start.models import Entry, StartPage  # noqa: E402
from wagtail.models import Page, Site  # noqa: E402

# together as many links as the portal has on its start page
KINDS = {"tile": 12, "category": 16, "situation": 10, "service": 30, "legal": 10}

call_command("migrate", verbosity=0)
start = StartPage(title="Serviceportal der Stadt", slug="start", intro="Hier erledigen Sie Ihre Anliegen bei der Stadt: von zu Hause, wann es Ihnen passt.")
Page.get_first_root_node().add_child(instance=start)
for kind, count in KINDS.items():
    for number in range(count):
        start.add_child(instance=Entry(
            title=f"Anliegen {kind} {number + 1}", slug=f"{kind}-{number + 1}", kind=kind,
            short="Welche Unterlagen Sie brauchen, was es kostet und wo Sie damit hingehen können."))
Site.objects.all().delete()
Site.objects.create(hostname="localhost", root_page=start, is_default_site=True)
