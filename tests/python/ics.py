"""What a calendar file says to the package icalendar, as JSON.

Usage: ics.py FILE
"""

import json
import sys

import icalendar

with open(sys.argv[1], "rb") as file:
    calendar = icalendar.Calendar.from_ical(file.read())
again = icalendar.Calendar.from_ical(calendar.to_ical())
answer = {
    "errors": [str(error) for part in calendar.walk() for error in part.errors],
    "same": again == calendar,
    "name": str(calendar["X-WR-CALNAME"]),
    "events": [
        {
            "uid": str(event["UID"]),
            "start": int(event["DTSTART"].dt.timestamp()),
            "end": int(event["DTEND"].dt.timestamp()),
            "status": str(event["STATUS"]),
            "summary": str(event["SUMMARY"]),
            "description": str(event["DESCRIPTION"]),
        }
        for event in calendar.walk("VEVENT")
    ],
}
json.dump(answer, sys.stdout)
