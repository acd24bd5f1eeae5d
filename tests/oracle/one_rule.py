"""Shortcuts of a labelled capture, recomputed from tshark's fields: the shares that `pcapml lint` must tell.

    one_rule.py CAPTURE

One line for each field and end: field, end, samples with it, right at random, right by group, of how many.
Written from the documentation of the rules: value of the first packet of that end that has the field, among the first 32
packets of the sample; parts at random by SplitMix64 of the id; groups are values of the field `source`, dealt so that a
label of several groups is in several parts.
"""

import re
import subprocess
import sys
from collections import Counter, defaultdict

import pandas as pd

LOOKED, FOLDS, SMALL = 32, 5, 6
MASK = (1 << 64) - 1
FIELDS = """frame.comment frame.protocols frame.cap_len ip.src ip.dst ipv6.src ipv6.dst ip.ttl ipv6.hlim ip.id tcp.srcport udp.srcport
    tcp.flags.syn tcp.flags.ack tcp.window_size_value tcp.options.timestamp.tsval tcp.options.mss_val""".split()
# Field of lint, fields of tshark, whether it is a number.
ASKED = [
    ("ttl", {"ip": "ip.ttl", "ipv6": "ipv6.hlim"}, True),
    ("ip-id", {"ip": "ip.id"}, True),
    ("window", {"tcp": "tcp.window_size_value"}, True),
    ("timestamp", {"tcp": "tcp.options.timestamp.tsval"}, True),
    ("mss", {"tcp": "tcp.options.mss_val"}, True),
    ("address", {}, False),
    ("captured-length", {}, True),
]
# The outermost IP header, and what it carries.
OUTERMOST = re.compile(r"(?:^|:)(ip|ipv6)(?::ipv6\.\w+)*(?::(tcp))?(?=:|$)")


def mixed(number):
    number = (number + 0x9E3779B97F4A7C15) & MASK
    number = ((number ^ number >> 30) * 0xBF58476D1CE4E5B9) & MASK
    number = ((number ^ number >> 27) * 0x94D049BB133111EB) & MASK
    return number ^ number >> 31


def packets(path):
    arguments = ["tshark", "-n", "-r", path, "-o", "tcp.relative_sequence_numbers:FALSE", "-T", "fields"]
    arguments += ["-E", "occurrence=a", "-E", "aggregator=\x1f"] + [part for name in FIELDS for part in ("-e", name)]
    text = subprocess.run(arguments, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, errors="replace").stdout
    for line in text.splitlines():
        cells = dict(zip(FIELDS, line.split("\t")))
        comment = next((part for part in cells["frame.comment"].split("\x1f") if re.match(r"\d+,", part)), None)
        if comment:
            first = {name: cell.split("\x1f")[0] for name, cell in cells.items()}
            yield comment.split(","), first


def number(text):
    return int(text, 16) if text.startswith("0x") else int(text)


def samples(path):
    """One row for each sample: id, label, source, and the first value of each field of each end."""
    rows, looked, ends = {}, Counter(), {}
    for (id_, label, *fields), cells in packets(path):
        row = rows.setdefault(id_, {"id": int(id_), "label": label, "source": dict(f.split("=", 1) for f in fields)["source"]})
        looked[id_] += 1
        if looked[id_] > LOOKED:
            continue
        row.setdefault(("captured-length", 0), int(cells["frame.cap_len"]))
        outermost = OUTERMOST.search(cells["frame.protocols"])
        if not outermost:
            continue
        source, destination = (cells[f"{outermost[1]}.{end}"] for end in ("src", "dst"))
        accepts = outermost[2] and all(cells[f"tcp.flags.{flag}"] in ("1", "True") for flag in ("syn", "ack"))
        between = ends.setdefault(id_, (destination, source) if accepts else (source, destination))
        row.setdefault(("address", 0), between[0])
        row.setdefault(("address", 1), between[1])
        if source not in between:
            continue
        end = between.index(source)
        for name, columns, is_number in ASKED:
            value = next((cells[columns[layer]] for layer in outermost.groups() if layer in columns), "")
            if value:
                row.setdefault((name, end), number(value) if is_number else value)
    return pd.DataFrame(rows.values())


def majority(labels):
    counts = Counter(labels)
    return min(counts, key=lambda label: (-counts[label], label.encode())) if counts else None


def learn(train, is_number):
    """A function from values to labels."""
    others = majority(train["label"])
    by_value = {value: list(labels) for value, labels in train.groupby("value")["label"]}
    if not is_number:
        rules = {value: majority(labels) for value, labels in by_value.items()}
        return lambda value: rules.get(value, others)
    intervals = []
    for value in sorted(by_value):
        labels = by_value[value]
        if intervals:
            start, inside = intervals[-1]
            most = majority(inside)
            if inside.count(most) < SMALL or most == majority(labels):
                inside.extend(labels)
                continue
        intervals.append((value, list(labels)))
    rules = [(start, majority(inside)) for start, inside in intervals]
    def predict(value):
        told = [label for start, label in rules if start <= value]
        return told[-1] if told else rules[0][1] if rules else others
    return predict


def right(cases, parts, is_number):
    count = 0
    for part in parts.unique():
        test = cases[parts == part]
        predict = learn(cases[parts != part], is_number)
        told = {value: predict(value) for value in test["value"].unique()}
        count += sum(told[value] == label for value, label in zip(test["value"], test["label"]))
    return count


def dealt(cases):
    """The part of each source: the largest first, to where least of its labels is, then to the emptiest.

    Not to a part that is the only one with one of its labels; if all are that, to one more.
    """
    of = {name: Counter(labels) for name, labels in cases.groupby("source")["label"]}
    filled, parts = [Counter() for _ in range(min(FOLDS, len(of)))], {}
    for name in sorted(of, key=lambda name: (-of[name].total(), name.encode())):
        where = [[part for part, labels in enumerate(filled) if labels[label]] for label in of[name]]
        lone = {has[0] for has in where if len(has) == 1}
        free = [part for part in range(len(filled)) if part not in lone]
        rank = lambda part: (sum(filled[part][label] for label in of[name]), filled[part].total(), part)
        parts[name] = min(free, key=rank) if free else len(filled)
        if not free:
            filled.append(Counter())
        filled[parts[name]] += of[name]
    return parts


def main(path):
    all_ = samples(path)
    for name, _, is_number in ASKED:
        for end in (0, 1):
            if (name, end) not in all_:
                continue
            cases = all_.assign(value=all_[(name, end)])[["id", "label", "source", "value"]].dropna()
            at_random = cases["id"].map(lambda id_: mixed(id_) % FOLDS)
            groups = cases["source"].map(dealt(cases))
            several = defaultdict(set)
            for label, part in zip(cases["label"], groups):
                several[label].add(part)
            learnable = cases["label"].map(lambda label: len(several[label]) > 1)
            grouped = right(cases[learnable], groups[learnable], is_number)
            print(name, end, len(cases), right(cases, at_random, is_number), grouped, learnable.sum(), sep="\t")


if __name__ == "__main__":
    main(sys.argv[1])
