"""Who is on call when, worked out from a roster file with zoneinfo and dateutil alone.

Usage: rotas.py FILE FROM UNTIL

FROM and UNTIL are seconds since 1970. The answer is JSON: for every roster and level a list of
[from, until, names] that covers the period, names sorted, neighbours different.

Nothing is asked moment by moment, as the program does it: every turn and every window of the whole
period is listed, cut with each other, and swept over once.
"""

import json
import sys
import tomllib
from collections import defaultdict
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta
from dateutil.rrule import DAILY, rrule
from dateutil.tz import datetime_exists

DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
# More than any turn of the test's files and any jump of a clock.
MARGIN = timedelta(days=60)


def moment(civil, zone):
    """When the zone's clocks show it first; where they skip it, when they jump."""
    local = civil.replace(tzinfo=zone)
    if datetime_exists(local):
        return int(local.timestamp())
    low, high = sorted(int(local.replace(fold=fold).timestamp()) for fold in (0, 1))
    offset = datetime.fromtimestamp(high, zone).utcoffset()
    while high - low > 1:
        middle = (low + high) // 2
        if datetime.fromtimestamp(middle, zone).utcoffset() == offset:
            high = middle
        else:
            low = middle
    return high


def turns(layer, zone, start, end):
    """(from, until, names) of every turn that touches the period."""
    count, unit = layer["turn"].split()
    count, unit = int(count), unit.rstrip("s") + "s"
    anchor, members = layer["anchor"], layer["members"]
    if unit == "hours":
        first, step = moment(anchor, zone), count * 3600
        low = (start - first) // step - 1
        edges = [first + number * step for number in range(low, (end - first) // step + 3)]
    else:
        days = count * (7 if unit == "weeks" else 1)
        civil_start = datetime.fromtimestamp(start, UTC).replace(tzinfo=None) - MARGIN
        low = (civil_start - anchor).days // days
        first = anchor + relativedelta(days=low * days)
        last = datetime.fromtimestamp(end, UTC).replace(tzinfo=None) + MARGIN
        edges = [moment(edge, zone) for edge in rrule(DAILY, interval=days, dtstart=first, until=last)]
    for place, (begins, ends) in enumerate(zip(edges, edges[1:])):
        names = members[(low + place) % len(members)]
        yield begins, ends, [names] if isinstance(names, str) else names


def windows(layer, zone, start, end):
    """(from, until) of every window that touches the period."""
    window = layer.get("window")
    if window is None:
        yield start, end
        return
    opens, closes = window.get("from", time(0)), window.get("to", time(0))
    days = [DAYS.index(day) for day in window.get("days", DAYS)]
    first = datetime.fromtimestamp(start, UTC).replace(tzinfo=None) - timedelta(days=3)
    first = datetime.combine(first.date(), opens)
    last = datetime.fromtimestamp(end, UTC).replace(tzinfo=None) + timedelta(days=3)
    for begin in rrule(DAILY, dtstart=first, until=last, byweekday=days):
        until = datetime.combine(begin.date(), closes)
        if closes <= opens:
            until += timedelta(days=1)
        yield moment(begin, zone), moment(until, zone)


def cut(some, others):
    """What two lists in the order of time have in common."""
    some, others = list(some), list(others)
    one = other = 0
    while one < len(some) and other < len(others):
        (a, b, names), (c, d) = some[one], others[other]
        if max(a, c) < min(b, d):
            yield max(a, c), min(b, d), names
        if b <= d:
            one += 1
        else:
            other += 1


def pieces(layer, start, end):
    zone = ZoneInfo(layer["zone"])
    if "from" in layer:
        start = max(start, moment(layer["from"], zone))
    if "until" in layer:
        end = min(end, moment(layer["until"], zone))
    if start < end:
        for a, b, names in cut(turns(layer, zone, start, end), windows(layer, zone, start, end)):
            if max(a, start) < min(b, end):
                yield max(a, start), min(b, end), names


def rota(layers, overrides, start, end):
    events = defaultdict(lambda: ([], []))
    for layer in layers:
        for a, b, names in pieces(layer, start, end):
            piece = ("layer", layer.get("order", 0), names)
            events[a][1].append(piece)
            events[b][0].append(piece)
    for place, over in enumerate(overrides):
        zone = ZoneInfo(over["zone"])
        piece = ("override", place, over.get("remove"), over.get("add"), over.get("only"))
        events[max(start, moment(over["start"], zone))][1].append(piece)
        events[moment(over["end"], zone)][0].append(piece)
    active, found = [], []
    edges = sorted({start, end} | {at for at in events if start <= at < end})
    for at, until in zip(edges, edges[1:]):
        ended, begun = events[at] if at in events else ([], [])
        active += begun
        for piece in ended:
            active.remove(piece)
        names = people(active)
        if found and found[-1][2] == names:
            found[-1][1] = until
        else:
            found.append([at, until, names])
    return found


def people(active):
    orders = [piece[1] for piece in active if piece[0] == "layer"]
    names = {
        name
        for piece in active
        if piece[0] == "layer" and piece[1] == max(orders)
        for name in piece[2]
    }
    changed = set(names)
    # Each on top of those before it in the file.
    for _, _, remove, add, only in sorted(
        (piece for piece in active if piece[0] == "override"), key=lambda piece: piece[1]
    ):
        if only:
            changed = {only}
        elif add and (remove is None or remove in changed):
            changed.add(add)
        changed.discard(remove)
    return sorted(changed)


def main():
    with open(sys.argv[1], "rb") as file:
        rosters = tomllib.load(file)
    start, end = int(sys.argv[2]), int(sys.argv[3])
    answer = {}
    for roster in rosters["rosters"]:
        levels = defaultdict(list)
        for layer in roster["layers"]:
            levels[layer["level"]].append(layer)
        for level, layers in levels.items():
            overrides = [
                over
                for over in rosters.get("overrides", [])
                if over["roster"] == roster["name"]
                and over["level"] == level
                and moment(over["end"], ZoneInfo(over["zone"])) > start
                and moment(over["start"], ZoneInfo(over["zone"])) < end
            ]
            answer[f"{roster['name']} {level}"] = rota(layers, overrides, start, end)
    json.dump(answer, sys.stdout)


main()
