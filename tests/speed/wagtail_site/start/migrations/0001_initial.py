from django.conf import settings
from django.db import migrations, models


def page(name, *fields):
    of_page = models.OneToOneField(settings.WAGTAIL_PAGE_MODEL, models.CASCADE, auto_created=True, parent_link=True, primary_key=True, serialize=False)
    return migrations.CreateModel(name, [("page_ptr", of_page), *fields], bases=("wagtailcore.page",))


class Migration(migrations.Migration):
    initial = True
    dependencies = [("wagtailcore", "0098_apitoken")]
    operations = [
        page("Entry", ("kind", models.CharField(max_length=20)), ("short", models.CharField(max_length=250))),
        page("StartPage", ("intro", models.CharField(max_length=250))),
    ]
