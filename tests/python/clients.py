"""What a client in Python makes of a published site, as JSON.

Usage: clients.py CLIENT URL
"""

import contextlib
import importlib
import io
import json
import sys
import types
from urllib.request import urlopen


def feedparser(url):
    import feedparser

    def seen(name):
        feed = feedparser.parse(f"{url}/{name}")
        return {
            "bozo": int(feed.bozo),
            "version": feed.version,
            "status": feed.status,
            "id": feed.feed.get("id"),
            "title": feed.feed.title,
            "language": feed.feed.language,
            "updated": feed.feed.updated_parsed,
            "links": {link.rel: link.href for link in feed.feed.links},
            "entries": [
                {
                    "id": entry.id,
                    "title": entry.title,
                    "link": entry.link,
                    "published": entry.published_parsed,
                    # RSS knows one time only.
                    "updated": entry.get("updated_parsed"),
                    # As a reader shows it, after its own sanitiser.
                    "html": entry.content[0].value if "content" in entry else entry.summary,
                }
                for entry in feed.entries
            ],
        }

    names = ["feed.atom", "feed.rss", "updates.atom", "components/search-v2/feed.atom"]
    return {name: seen(name) for name in names}


def icalendar(url):
    import icalendar

    with urlopen(f"{url}/maintenance.ics") as answer:
        text = answer.read()
    calendar = icalendar.Calendar.from_ical(text)
    again = icalendar.Calendar.from_ical(calendar.to_ical())
    return {
        "errors": [str(error) for part in calendar.walk() for error in part.errors],
        "same": again == calendar,
        "name": str(calendar["X-WR-CALNAME"]),
        "refresh": str(calendar["REFRESH-INTERVAL"].dt),
        "events": [
            {
                "uid": str(event["UID"]),
                "sequence": event["SEQUENCE"],
                "status": str(event["STATUS"]),
                "start": event.start.isoformat(),
                "end": event.end.isoformat(),
                "stamp": event["DTSTAMP"].dt.isoformat(),
                "summary": str(event["SUMMARY"]),
                "description": str(event["DESCRIPTION"]),
                "url": str(event["URL"]),
            }
            for event in calendar.events
        ],
    }


def statuscheck(url):
    from statuscheck.services.bases._statuspageio import BaseStatusPageAPI

    class Ours(BaseStatusPageAPI):
        name = "Ours"
        status_url = url

        def _get_base_url(self):
            return f"{url}/api/v2/"

    ours = Ours()
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        ours._print_summary(verbose=True)
    return {"summary": ours.summary.as_dict(), "printed": printed.getvalue()}


def discordstatus(url):
    """Runs the tests that the package brings along, against this site.

    They call their fixtures as functions, which pytest has refused since its version 4; as they
    use nothing else of it, a decorator that does nothing stands in for it.
    """
    from discordstatus.discordstatus import DiscordStatus

    begin = DiscordStatus.__init__

    def begin_here(self):
        begin(self)
        self.base_target = f"{url}/api/v2"

    DiscordStatus.__init__ = begin_here
    sys.modules["pytest"] = types.SimpleNamespace(fixture=lambda function: function)
    tests = importlib.import_module("tests.test_discordstatus")
    passed = []
    for name, test in vars(tests).items():
        if name.startswith("test_"):
            test()
            passed.append(name)
    return passed


CLIENTS = {
    "feedparser": feedparser,
    "icalendar": icalendar,
    "statuscheck": statuscheck,
    "discordstatus": discordstatus,
}
client, address = sys.argv[1:]
json.dump(CLIENTS[client](address), sys.stdout)
