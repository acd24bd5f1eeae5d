"""Threads, worker processes and PyTorch's loaders: each sample exactly once, and nothing that hangs."""

import concurrent.futures
import gzip
import json
import os
import pickle
import signal
import threading

import pcapml
import pytest
import support


def fingerprint(dataset):
    return [
        (sample.sid, sample.label, support.md5(sample.bytes.tobytes()), sample.timestamps.tolist())
        for sample in dataset
    ]


@pytest.mark.parametrize("order", ["apps", "apps_by_time"])
@pytest.mark.parametrize("shared", [True, False], ids=["one dataset", "a dataset each"])
def test_eight_readers_at_once(request, order, shared):
    path = request.getfixturevalue(order)
    wanted, dataset = fingerprint(pcapml.open(path)), pcapml.open(path)
    together = threading.Barrier(8)

    def read(_):
        mine = dataset if shared else pcapml.open(path)
        together.wait()
        return fingerprint(mine)

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        assert all(found == wanted for found in pool.map(read, range(8)))


def test_threads_that_share_an_iterator_get_each_sample_once(apps):
    iterator, lock, found = iter(pcapml.open(apps)), threading.Lock(), []

    def read(_):
        while True:
            with lock:
                sample = next(iterator, None)
            if sample is None:
                return
            found.append(sample.sid)

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(read, range(8)))
    assert sorted(found) == sorted(sample.sid for sample in pcapml.open(apps))


def test_ids_looked_up_by_eight_threads(apps_by_time):
    dataset = pcapml.open(apps_by_time)
    wanted = {sample.sid: len(sample) for sample in dataset}
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda sid: len(dataset[sid]), list(wanted) * 5))
    assert found == list(wanted.values()) * 5


def test_a_dataset_in_a_worker_process(apps):
    """Both kinds of workers: those that take a copy of the process, and new ones that are sent the dataset."""
    dataset = pcapml.open(apps, labels=["dns"])
    wanted = [len(sample) for sample in dataset]
    assert [len(sample) for sample in pickle.loads(pickle.dumps(dataset))] == wanted
    script = """
import multiprocessing, sys, pcapml

def lengths(dataset):
    return [len(sample) for sample in dataset]

if __name__ == "__main__":
    dataset = pcapml.open(sys.argv[1], labels=["dns"])
    lengths(dataset)
    with multiprocessing.get_context("fork").Pool(2) as pool:
        print(pool.map(lengths, [dataset, dataset]))
"""
    assert json.loads(support.run_ok(script, apps)) == [wanted, wanted]


@pytest.mark.parametrize("given", ["a file object", "a packed file"])
def test_a_forked_child_leaves_its_parents_temporary_files(apps_by_time, tmp_path, given):
    """It has the owners of the files too, and lets go of them when it ends."""
    packed = tmp_path / "by-time.pcapng.gz"
    packed.write_bytes(gzip.compress(apps_by_time.read_bytes()))
    script = """
import os, sys, pcapml
source = open(sys.argv[1], "rb") if sys.argv[2] == "a file object" else sys.argv[1]
dataset, untouched = pcapml.open(source), pcapml.open(source if isinstance(source, str) else source.name)
flows = dataset.flows()
assert len(dataset) == 90
child = os.fork()
if child == 0:
    # What the child itself makes is its own to remove.
    assert len(untouched) == 90
    del dataset, flows, untouched
    sys.exit(0)
assert os.waitpid(child, 0)[1] == 0
print(len(dataset), flows.to_arrow().num_rows, sum(1 for _ in dataset))
del dataset, flows, untouched
"""
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    assert support.run_ok(script, packed, given, env=environment).split() == ["90", "127", "90"]
    assert list(tmp_path.iterdir()) == [packed]


def test_a_signal_is_heard_where_no_sample_comes_for_long(write):
    """Nor is the sample lost that was being looked for."""
    many = [support.Block(b"x" * 60, ["1,a"])] * 400_000
    dataset = pcapml.open(write([*many, support.Block(b"y", ["2,b"])], order="id"), labels="b")

    def heard(*_):
        raise InterruptedError

    before = signal.signal(signal.SIGALRM, heard)
    try:
        samples = iter(dataset._native)
        signal.setitimer(signal.ITIMER_REAL, 0.005)
        with pytest.raises(InterruptedError):
            next(samples)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert next(samples).id == 2


def test_a_killed_reader_leaves_nothing(apps, tmp_path):
    """A process killed while it reads and writes: no output, and the capture is as it was."""
    before = support.digest(apps)
    script = """
import os, signal, sys, pcapml
writer = pcapml.Writer(sys.argv[2])
for sample in pcapml.open(sys.argv[1]):
    for packet in sample.packets:
        writer.write(packet.ts_ns, packet.view, sample.sid, sample.label)
os.kill(os.getpid(), signal.SIGKILL)
"""
    assert support.python(script, apps, tmp_path / "out.pcapng").returncode == -9
    assert not (tmp_path / "out.pcapng").exists()
    assert support.digest(apps) == before


# PyTorch, in a Python that has it

HEAD = """
import collections, json, os, pickle, signal, sys
import torch, pcapml, pcapml.torch
from torch.utils.data import DataLoader
path = sys.argv[1]

def sid(sample):
    return sample.sample_id

def first(batch):
    return batch[0] if len(batch) == 1 else batch
"""


def with_torch(torch_python, script, *arguments):
    return json.loads(support.run_ok(HEAD + script, *arguments, timeout=100, **torch_python).splitlines()[-1])


def all_ids(samples_csv):
    return sorted(samples_csv)


MAP_STYLE = """
samples = pcapml.torch.Samples(path, transform=sid)
assert len(samples) == 90
pickle.loads(pickle.dumps(samples))[0]
found = []
for workers in (0, 2):
    loader = DataLoader(samples, batch_size=7, shuffle=True, num_workers=workers, collate_fn=list)
    found.append(sorted(sid for batch in loader for sid in batch))
print(json.dumps(found))
"""


@pytest.mark.parametrize("order", ["apps", "apps_by_time"])
def test_map_style_loader_yields_every_sample_once(torch_python, request, samples_csv, order):
    path = request.getfixturevalue(order)
    assert with_torch(torch_python, MAP_STYLE, path) == [all_ids(samples_csv)] * 2


STREAM = """
found = []
for workers in (0, 2):
    stream = pcapml.torch.Stream(path, transform=sid, shuffle=16, seed=3)
    for epoch in (0, 0, 1):
        stream.set_epoch(epoch)
        loader = DataLoader(stream, batch_size=None, num_workers=workers)
        found.append([int(sid) for sid in loader])
print(json.dumps(found))
"""


@pytest.mark.parametrize("order", ["apps", "apps_by_time"])
def test_stream_yields_every_sample_once_in_an_order_of_the_epoch(torch_python, request, samples_csv, order):
    epochs = with_torch(torch_python, STREAM, request.getfixturevalue(order))
    assert all(sorted(epoch) == all_ids(samples_csv) for epoch in epochs)
    for one, again, other in (epochs[:3], epochs[3:]):
        assert one == again
        assert one != other


STAYING = """
stream = pcapml.torch.Stream(path, transform=sid, shuffle=16)
loader = DataLoader(stream, batch_size=None, num_workers=2, persistent_workers=True)
found = []
for epoch in (0, 1, 0):
    stream.set_epoch(epoch)
    found.append([int(sid) for sid in loader])
print(json.dumps(found))
"""


def test_workers_that_stay_hear_of_the_next_epoch(torch_python, apps, samples_csv):
    first, other, again = with_torch(torch_python, STAYING, apps)
    assert sorted(first) == sorted(other) == all_ids(samples_csv)
    assert first == again
    assert first != other


RANKS = """
found = []
for rank in range(3):
    stream = pcapml.torch.Stream(path, transform=sid, rank=rank, world_size=3)
    found.append([int(sid) for sid in DataLoader(stream, batch_size=None, num_workers=2)])
print(json.dumps(found))
"""


def test_ranks_share_the_samples(torch_python, apps, samples_csv):
    ranks = with_torch(torch_python, RANKS, apps)
    assert sorted(sid for rank in ranks for sid in rank) == all_ids(samples_csv)
    assert all(20 <= len(rank) <= 40 for rank in ranks)


COLLATE = """
samples = pcapml.torch.Samples(path)
chosen = [samples[at] for at in range(5)]
batch = pcapml.torch.collate(chosen)
def plain(value):
    return value.tolist() if hasattr(value, "tolist") else value
print(json.dumps({name: plain(value) for name, value in batch.items()}))
"""


def test_collate_pads_and_masks(torch_python, apps):
    batch = with_torch(torch_python, COLLATE, apps)
    lengths, mask = batch["lengths"], batch["mask"]
    assert len(lengths) == len(mask) == 5
    # True where there is something.
    assert [row.count(True) for row in mask] == lengths
    assert all(row == sorted(row, reverse=True) for row in mask)
    assert max(lengths) == len(mask[0])


WEIGHTS = """
samples = pcapml.torch.Samples(path)
print(json.dumps(dict(zip(samples.classes, pcapml.torch.class_weights(samples).tolist()))))
"""


def test_class_weights_balance(torch_python, apps, samples_csv):
    weights = with_torch(torch_python, WEIGHTS, apps)
    labels = [row["label"] for row in samples_csv.values()]
    products = {round(weights[label] * labels.count(label), 3) for label in set(labels)}
    assert len(products) == 1, "a class weighs the less the more samples it has"


KILLED = """
def dies(sample):
    if os.getpid() != int(os.environ["PARENT"]):
        os.kill(os.getpid(), signal.SIGKILL)
    return sample.sample_id

os.environ["PARENT"] = str(os.getpid())
samples = pcapml.torch.Samples(path, transform=dies)
try:
    list(DataLoader(samples, batch_size=4, num_workers=2, collate_fn=list))
    told = "nothing"
except RuntimeError as error:
    told = str(error)
print(json.dumps([told, len([samples[at] for at in range(len(samples))])]))
"""


def test_a_killed_worker(torch_python, apps):
    """The loader says so, instead of waiting for ever, and the dataset can be read on."""
    told, read = with_torch(torch_python, KILLED, apps)
    assert "worker" in told
    assert "killed" in told.lower() or "exited unexpectedly" in told
    assert read == 90
