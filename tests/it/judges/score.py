"""Makes truths and predictions, has pcapml score them, and compares every figure with scikit-learn's and NumPy's."""

import csv
import json
import subprocess
import sys
import warnings

import numpy as np
import pandas as pd
from sklearn import metrics

COMMAND = sys.argv[1]
CLASSES = ["dns", "web, secure", "mail", "p_odd", "quic", "ssh", "voip", "games", "tor", "rare", "never", "ü"]
RESAMPLES, BINS = 20, 10


def make(seed, rows, classes, told):
    """A truth, its splits, and predictions with probabilities of which some labels are not the most probable class."""
    random = np.random.default_rng(seed)
    ids = [str(number) for number in random.integers(2**64, size=rows, dtype=np.uint64)]
    weights = random.dirichlet(np.linspace(0.2, 3, len(classes)))
    truth = random.choice(classes, rows, p=weights)
    truth[:len(classes)] = classes
    group = random.integers(0, max(rows // 40, 2), rows)
    split = np.where(random.random(rows) < 0.7, "test", "train")
    hot = np.array([[label == name for name in classes] for label in truth])
    chances = random.dirichlet([0.4] * len(classes), rows) * 0.6 + hot * 0.4 * random.random((rows, 1))
    chances[:, classes.index("never")] = 0
    chances /= chances.sum(axis=1, keepdims=True)
    labels = np.array(classes, dtype=object)[chances.argmax(axis=1)]
    labels[random.random(rows) < 0.02] = told
    table = pd.DataFrame({"sample_id": ids, "label": truth, "split": split, "group": group, "given": labels})
    return table, pd.DataFrame(chances, columns=classes, index=table.index)


def write(name, header, rows):
    with open(name, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)


def score(*arguments):
    run = subprocess.run([COMMAND, "score", *arguments], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    return run.stdout, run.stderr


def near(one, other, what, distance=1e-9):
    assert abs(one - other) <= distance, (what, one, other)


def figures(truth, given):
    """Of missing predictions, which are empty, only the truth counts."""
    labels = sorted(set(truth) | set(given) - {""})
    labels = [label for label in labels if label]
    f1 = {kind: metrics.f1_score(truth, given, labels=labels, average=kind, zero_division=0)
          for kind in ["macro", "micro", "weighted"]}
    recalls = metrics.recall_score(truth, given, labels=sorted(set(truth)), average=None, zero_division=0)
    return {"macro_f1": f1["macro"], "accuracy": metrics.accuracy_score(truth, given),
            "balanced_accuracy": np.mean(recalls), "micro_f1": f1["micro"], "weighted_f1": f1["weighted"]}


def splitmix(state):
    mask = 2**64 - 1
    while True:
        state = state + 0x9E3779B97F4A7C15 & mask
        mixed = (state ^ state >> 30) * 0xBF58476D1CE4E5B9 & mask
        mixed = (mixed ^ mixed >> 27) * 0x94D049BB133111EB & mask
        yield mixed ^ mixed >> 31


def intervals(table, column, seed):
    """Groups by name as text, samples in any order within."""
    groups = [rows for _, rows in sorted(table.groupby(column), key=lambda pair: pair[0])]
    draws = splitmix(seed)
    drawn = []
    for _ in range(RESAMPLES):
        sample = pd.concat([groups[next(draws) * len(groups) >> 64] for _ in groups])
        drawn.append(figures(sample["label"], sample["given"]))
    drawn = pd.DataFrame(drawn)
    return drawn.quantile(0.025), drawn.quantile(0.975)


def check_labels(said, truth, given):
    """Everything that follows from labels alone; those of missing predictions are empty."""
    for name, value in figures(truth, given).items():
        near(said["figures"][name]["value"], value, name)
    labels = sorted(set(truth) | set(given) - {""})
    labels = [label for label in labels if label]
    if "" not in set(given):
        # As everybody would call it.
        near(said["figures"]["macro_f1"]["value"], metrics.f1_score(truth, given, average="macro", zero_division=0), "F1")
        near(said["figures"]["micro_f1"]["value"], metrics.accuracy_score(truth, given), "micro F1 is accuracy")
        near(said["figures"]["balanced_accuracy"]["value"], metrics.balanced_accuracy_score(truth, given), "balanced")
    scores = metrics.precision_recall_fscore_support(truth, given, labels=labels, zero_division=0)
    assert [row["label"] for row in said["classes"]] == labels
    for at, column in enumerate(["precision", "recall", "f1", "support"]):
        for row, value in zip(said["classes"], scores[at]):
            near(row[column], value, (row["label"], column))
    for kind in ["micro", "macro", "weighted"]:
        scores = metrics.precision_recall_fscore_support(truth, given, labels=labels, average=kind, zero_division=0)
        for column, value in zip(["precision", "recall", "f1"], scores):
            near(said["averages"][kind][column], value, (kind, column))
    shown = given.mask(given == "", "(none)")
    names = labels + ["(none)"]
    matrix = metrics.confusion_matrix(truth, shown, labels=names)
    cells = {(cell["truth"], cell["answer"]): cell["samples"] for cell in said["confusion"]}
    assert cells == {(names[i], names[j]): matrix[i, j] for i, j in np.argwhere(matrix)}


def check_chances(said, truth, given, chances):
    columns = list(chances.columns)
    chances = chances.to_numpy()
    chances = chances / chances.sum(axis=1, keepdims=True)
    hot = np.array([[label == name for name in columns] for label in truth], dtype=float)
    at = np.arange(len(truth))
    of_truth = chances[at, hot.argmax(axis=1)] * hot.any(axis=1)
    eps = np.finfo(float).eps
    near(said["log_loss"], -np.mean(np.log(np.clip(of_truth, eps, 1 - eps))), "log loss")
    # A class without a column has the probability 0, and is 1 away from the truth.
    near(said["brier"], np.mean(((chances - hot) ** 2).sum(axis=1) + 1 - hot.sum(axis=1)), "Brier")
    if hot.any(axis=1).all():
        # scikit-learn takes classes in the order of their names.
        order = np.argsort(columns)
        names = [columns[place] for place in order]
        near(said["log_loss"], metrics.log_loss(truth, chances[:, order], labels=names), "log loss of scikit-learn")
        brier = metrics.brier_score_loss(truth, chances[:, order], labels=names, scale_by_half=False)
        near(said["brier"], brier, "Brier score of scikit-learn")
    place = [columns.index(label) if label in columns else -1 for label in given]
    confidence = np.where(np.array(place) < 0, 0, chances[at, place])
    right = (truth == given).to_numpy()
    error = 0
    assert len(said["bins"]) == BINS
    for number, bin in enumerate(said["bins"]):
        low, high = number / BINS, (number + 1) / BINS
        inside = (confidence > low) & (confidence <= high) | (number == 0) & (confidence == 0)
        assert bin["samples"] == inside.sum(), bin
        if inside.any():
            near(bin["confidence"], confidence[inside].mean(), bin)
            near(bin["accuracy"], right[inside].mean(), bin)
            error += inside.mean() * abs(confidence[inside].mean() - right[inside].mean())
    near(said["ece"], error, "ECE")
    assert said["disagreeing"] == (confidence < chances.max(axis=1)).sum()


def wide(name, table, chances, prefix):
    header = ["sample_id", "label"] + [prefix + column for column in chances.columns]
    rows = ([row.sample_id, row.given, *map(repr, map(float, of))] for row, of in zip(table.itertuples(), chances.to_numpy()))
    write(name, header, rows)


def large():
    """2,000 rows: probabilities, splits, groups, labels that no sample has, a class that nobody predicts."""
    table, chances = make(1, 2_000, CLASSES, "unknown label")
    write("truth.csv", ["sample_id", "label"], table[["sample_id", "label"]].to_numpy())
    write("splits.csv", ["sample_id", "split", "fold", "group"],
          ([row.sample_id, row.split, "", row.group] for row in table.itertuples()))
    table["group"] = table["group"].astype(str)
    shuffled = table.sample(frac=1, random_state=2)
    wide("wide.csv", shuffled, chances.loc[shuffled.index], "p_")
    test = table[table["split"] == "test"]
    options = ["--truth", "truth.csv", "--splits", "splits.csv", "--format", "json", "--bins", str(BINS),
               "--bootstrap", str(RESAMPLES), "--seed", "7"]
    out, told = score(*options, "--predictions", "wide.csv")
    said = json.loads(out)["scores"][0]
    assert said["samples"] == len(test) and said["elsewhere"] == len(table) - len(test) and said["missing"] == 0
    assert "with a label that no sample here has" in told and "unknown label (" in told
    check_labels(said, test["label"], test["given"])
    check_chances(said["calibration"], test["label"], test["given"], chances.loc[test.index])
    low, high = intervals(test, "group", 7)
    for name, figure in said["figures"].items():
        near(figure["low"], low[name], name)
        near(figure["high"], high[name], name)
    assert said["groups"] == test["group"].nunique()
    drawn_otherwise(test, "group", options)
    # The same by rows of one class each, of which the label is the most probable.
    write("long.csv", ["probability", "class", "sample_id"],
          ([repr(float(of)), column, table.loc[at, "sample_id"]] for column in reversed(chances.columns)
           for at, of in chances[column].items()))
    best = pd.Series(chances.loc[test.index].idxmax(axis=1), index=test.index)
    said = json.loads(score(*options, "--predictions", "long.csv")[0])["scores"][0]
    check_labels(said, test["label"], best)
    check_chances(said["calibration"], test["label"], best, chances.loc[test.index])
    assert said["calibration"]["disagreeing"] == 0
    # By sample instead of by group, and of another split.
    train = table[table["split"] == "train"].copy()
    train["number"] = train["sample_id"].astype(np.uint64)
    said = json.loads(score(*options, "--resample", "sample", "--split", "train", "--predictions", "wide.csv")[0])
    low, high = intervals(train, "number", 7)
    for name, figure in said["scores"][0]["figures"].items():
        near(figure["low"], low[name], name)
        near(figure["high"], high[name], name)


def drawn_otherwise(table, column, options):
    """The recipe of intervals, and not our copy of it: with many resamples another generator comes to the same ends."""
    options = [*options[:options.index("--bootstrap")], "--bootstrap", "5000", "--predictions", "wide.csv"]
    figure = json.loads(score(*options)[0])["scores"][0]["figures"]["accuracy"]
    groups = (table["label"] == table["given"]).groupby(table[column]).agg(["sum", "size"]).to_numpy()
    drawn = groups[np.random.default_rng(11).integers(0, len(groups), (5_000, len(groups)))].sum(axis=1)
    low, high = np.quantile(drawn[:, 0] / drawn[:, 1], [0.025, 0.975])
    near(figure["low"], low, "low, drawn otherwise", (high - low) / 20)
    near(figure["high"], high, "high, drawn otherwise", (high - low) / 20)


def missing():
    """Predictions that are not there: wrong, or left out."""
    table, chances = make(3, 400, CLASSES[:5] + ["never"], "mail")
    write("t.csv", ["label", "sample_id", "packets"], ([row.label, row.sample_id, 3] for row in table.itertuples()))
    kept = table.sample(frac=0.8, random_state=1).index
    write("m.csv", ["sample_id", "label"], table.loc[kept, ["sample_id", "given"]].to_numpy())
    wide("mp.csv", table.loc[kept], chances.loc[kept], "")
    given = table["given"].where(table.index.isin(kept), "")
    options = ["--truth", "t.csv", "--format", "json", "--bootstrap", "0", "--predictions"]
    out, told = score(*options, "mp.csv")
    said = json.loads(out)["scores"][0]
    assert said["missing"] == 80 and said["calibration"] is None and "low" not in said["figures"]["accuracy"]
    assert "80 samples without a prediction: counted as wrong" in told and "probabilities are not scored" in told
    check_labels(said, table["label"], given)
    part = table.loc[sorted(kept)]
    said = json.loads(score(*options, "mp.csv", "--missing", "ignore", "--bins", str(BINS))[0])["scores"][0]
    check_labels(said, part["label"], part["given"])
    check_chances(said["calibration"], part["label"], part["given"], chances.loc[part.index])
    # A class without a column has no probability.
    few = chances.loc[kept].drop(columns="quic")
    few = few.div(few.sum(axis=1), axis=0)
    wide("few.csv", table.loc[kept], few, "p_")
    said = json.loads(score(*options, "few.csv", "--missing", "ignore", "--bins", str(BINS))[0])["scores"][0]
    check_chances(said["calibration"], part["label"], part["given"], few.loc[part.index])


def edges():
    """Small tables in which ratios of nothing occur everywhere."""
    random = np.random.default_rng(5)
    names = np.array(["a", "b", "c", "d"])
    for number in range(12):
        rows = int(random.integers(1, 9))
        truth, given = names[random.integers(0, 3, rows)], names[random.integers(0, 4, rows)]
        write("e.csv", ["sample_id", "label"], enumerate(truth))
        write("g.csv", ["sample_id", "label"], enumerate(given))
        out, _ = score("--truth", "e.csv", "--predictions", "g.csv", "--format", "json", "--bootstrap", "3")
        check_labels(json.loads(out)["scores"][0], pd.Series(truth), pd.Series(given))


np.seterr(all="raise")
warnings.filterwarnings("ignore", message="y_pred contains classes not in y_true")
large()
missing()
edges()
print("agreed")
