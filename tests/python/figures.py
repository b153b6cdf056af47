"""Median and the ninetieth of a hundred by Python's own means.

Reads JSON lines, a list of numbers each; prints for each the median and the p90.
"""

import json
import statistics
import sys

for line in sys.stdin:
    values = sorted(json.loads(line))
    if not values:
        print(json.dumps([None, None]))
        continue
    # The smallest value that at least nine tenths do not exceed, looked for and not computed.
    p90 = next(v for v in values if sum(w <= v for w in values) * 10 >= 9 * len(values))
    print(json.dumps([statistics.median(values), p90]))
