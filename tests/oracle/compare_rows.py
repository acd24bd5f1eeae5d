"""Compares a CSV of features with the oracle's, row by row and column by column.

    python3 compare_rows.py OURS.csv THEIRS.csv [--tolerance 1e-9]

Rows pair by (sample_id, first_packet), in the order of the files where these columns are missing; of columns, those that both have.
Numbers are equal within the relative tolerance (or 1e-12: a skewness of nothing), text exactly, and an empty cell only with an empty cell. Exit status 1 if anything differs.
"""

import argparse
import collections
import csv
import math
import sys

KEY = ("sample_id", "first_packet")
OWN = ("flow_id", "id", "Flow ID")  # numbering is each program's own; Flow ID repeats its parts


def read(path):
    """Columns and rows."""
    with open(path, newline="") as file:
        reader = csv.DictReader(file)
        return reader.fieldnames or [], list(reader)


def by_key(rows, names):
    """Rows by these columns; rows of one key are told apart by their order."""
    keyed, seen = {}, collections.Counter()
    for row in rows:
        key = tuple(row[name] for name in names)
        seen[key] += 1
        keyed[key + (seen[key],)] = row
    return keyed


def equal(first, second, tolerance):
    if first == second:
        return True
    try:
        return math.isclose(float(first), float(second), rel_tol=tolerance, abs_tol=1e-12)
    except ValueError:
        return False


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("ours")
    parser.add_argument("theirs")
    parser.add_argument("--tolerance", type=float, default=1e-9)
    asked = parser.parse_args()
    (our_columns, ours), (their_columns, theirs) = read(asked.ours), read(asked.theirs)
    shared = [name for name in KEY if name in our_columns and name in their_columns]
    ours, theirs = by_key(ours, shared), by_key(theirs, shared)
    columns = [name for name in our_columns if name in their_columns and name not in OWN]
    print("only ours:", [name for name in our_columns if name not in their_columns])
    print("only theirs:", [name for name in their_columns if name not in our_columns])
    print(f"rows: {len(ours)} and {len(theirs)}, {len(ours.keys() & theirs.keys())} in both; {len(columns)} columns compared")
    wrong, example = collections.Counter(), {}
    for key in ours.keys() & theirs.keys():
        for name in columns:
            if not equal(ours[key][name], theirs[key][name], asked.tolerance):
                wrong[name] += 1
                example[name] = (key, ours[key][name], theirs[key][name])
    for name, times in wrong.most_common():
        print(f"{times:8} {name}: {example[name]}")
    sys.exit(bool(wrong) or ours.keys() != theirs.keys())


if __name__ == "__main__":
    main()
