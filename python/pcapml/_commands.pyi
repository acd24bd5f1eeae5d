# Written by scripts/python_stubs from the command line's definition.

import os
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple, TypeAlias

Path: TypeAlias = str | bytes | os.PathLike[str]
Value: TypeAlias = Path | int | float
Values: TypeAlias = Value | Iterable[Value] | Mapping[str, Value | Iterable[Value]]
Progress: TypeAlias = Callable[[int, int, int | None], object]

FUNCTIONS: dict[str, Callable[..., Done]]

class Faulty(UserWarning):
    """A command is done, but some of its input was bad; the text says what."""

class Done(NamedTuple):
    """What a command that is done leaves behind."""

    status: int
    output: bytes
    notes: list[str]
    @property
    def text(self) -> str: ...

__all__ = [
    "Done",
    "Faulty",
    "anonymize",
    "cat",
    "check",
    "compare",
    "convert",
    "diff",
    "dissect",
    "features",
    "flows",
    "label",
    "lint",
    "partition",
    "print",
    "relabel",
    "release",
    "report",
    "score",
    "select",
    "sort",
    "split",
    "streams",
    "strip",
    "summary",
    "talkers",
    "verify",
]

def label(
    input: Path,
    labels: Value | None = None,
    output: Value | None = None,
    *,
    flows: Value | None = None,
    format: Value | None = None,
    timezone: Value | None = None,
    tolerance: Value | None = None,
    time_format: Value | None = None,
    duration_unit: Value | None = None,
    label_column: Value | None = None,
    group_by: Value | None = None,
    label_by_name: Value | None = None,
    packet_labels: Value | None = None,
    by: Values | None = None,
    idle_timeout: Value | None = None,
    force: bool = False,
    match: Value | None = None,
    keep_unlabeled: bool = False,
    strict: bool = False,
    ids: Value | None = None,
    namespace: Value | None = None,
    compat: Value | None = None,
    per_linktype: bool = False,
    source: bool = False,
    stats: Value | bool | None = None,
    explain: Value | None = None,
    threads: Value | None = None,
    quiet: bool = False,
    progress: Progress | None = None,
) -> Done:
    """Label captures: by a table of files, by rules, flow records, hosts,
    interfaces, comments.

    It is `pcapml label`, of which `pcapml label --help` tells all.

    Parameters
    ----------
    input : path
        A directory, searched recursively, or one capture (`-` for standard
        input)
    labels : path, optional
        The labels file: rows of files with a header, or rules without one
    flows : path, optional
        Label by flow records: a packet belongs to the record with its
        addresses, protocol and ports, in either direction, that began last of
        those going on
    format : str, optional
        The format of the flow records: auto, a preset, or
        columns:src=…,dst=…,sport=…,dport=…,proto=…,start=…,
        end=…|duration=…,label=…
    timezone : str, optional
        Where the clock of the flow records stood: an IANA name
        (America/Halifax) or an offset (-03:00)
    tolerance : seconds or str, optional
        Widen every flow record at both ends: seconds, or a number with ms, s,
        m or h
    time_format : str, optional
        How the flow records write times: s, ms, us or ns since 1970, or a
        strptime format
    duration_unit : str, optional
        The unit of the flow records' durations: s, ms, us or ns
    label_column : str, optional
        The column of the flow records that holds the label
    group_by : {"record", "label", "window"}, optional
        What makes flow records one sample: each record unless told otherwise
    label_by_name : str, optional
        Label captures by their names: a regular expression with a group
        (?<label>…); other groups become fields
    packet_labels : path, optional
        Label single packets: a table
        packet,label[,time][,file][,field…][,hash_key]
    by : str, or a list of them, optional
        Label by `interface` (their names), `comment REGEX` (groups as in
        --label-by-name; comments of pcapml are not asked), `host FILE` (a
        table; of the outermost addresses the longest prefix wins, hardware
        addresses like whole ones), or `flow`: every conversation a sample,
        labelled by another option, or all with the label -
    idle_timeout : seconds or str, optional
        After how many seconds without a packet a flow of --by flow is over:
        120 unless told otherwise
    output : path, optional
        The output. A name that ends in .gz or .zst is packed
    force : bool, default False
        Replace what is there
    match : {"first", "all", "unique"}, optional
        Packets that several rules match: the first wins unless told otherwise
    keep_unlabeled : bool, default False
        Write packets that no rule matches too, without a comment
    strict : bool, default False
        Write nothing if an input is faulty, a rule matches nothing, or a
        capture is in no row
    ids : {"hash", "sequential"}, default "hash"
        How samples get their ids
    namespace : str, optional
        The dataset's name, which its ids depend on: datasets with different
        names can be joined
    compat : {"0.3", "go"}, optional
        Write what an older reader understands
    per_linktype : bool, default False
        One output for each link type, named FILE_linktype-N
    source : bool, default False
        Give each sample the field source=FILE; a directory labelled by flows
        or flow records always has it
    stats : {"table", "csv", "json"} or True, optional
        Print packets and bytes of each rule, which rules are shadowed, and
        whose windows seem to be of another time zone (--stats, --stats=csv or
        --stats=json)
    explain : str, optional
        Tell which rules match a packet and why the first wins, and write
        nothing: N, or FILE:N of a directory (with --labels or --label-by-name)
    threads : int, optional
        Threads that may work; the output is the same for any number [default:
        the number of processors]
    quiet : bool, default False
        Tell faults only: no notes, no progress
    progress : callable, optional
        Called now and then as progress(packets, bytes, total), where total is
        None if it is not known; what it raises stops the command

    Returns
    -------
    Done
        What it printed (`text`) and told (`notes`)

    Raises
    ------
    Error
        If it fails: `path`, `position` and `message` say where and why

    Warns
    -----
    Faulty
        If it is done, but some input was bad
    """

def relabel(
    file: Path,
    output: Value | None = None,
    *,
    map: Value | None = None,
    labels: Value | None = None,
    force: bool = False,
    strict: bool = False,
    threads: Value | None = None,
    quiet: bool = False,
    progress: Progress | None = None,
) -> Done:
    """Give the samples of a labelled capture other labels, and keep their ids.

    It is `pcapml relabel`, of which `pcapml relabel --help` tells all.

    Parameters
    ----------
    file : path
        A labelled capture
    map : path, optional
        A table old,new of labels
    labels : path, optional
        A table sampleID,label[,field…], such as the metadata.csv of split
    output : path
        The output. A name that ends in .gz or .zst is packed
    force : bool, default False
        Replace what is there
    strict : bool, default False
        Write nothing if the input is faulty
    threads : int, optional
        Threads that may work; the output is the same for any number [default:
        the number of processors]
    quiet : bool, default False
        Tell faults only: no notes, no progress
    progress : callable, optional
        Called now and then as progress(packets, bytes, total), where total is
        None if it is not known; what it raises stops the command

    Returns
    -------
    Done
        What it printed (`text`) and told (`notes`)

    Raises
    ------
    Error
        If it fails: `path`, `position` and `message` say where and why

    Warns
    -----
    Faulty
        If it is done, but some input was bad
    """

def sort(
    file: Path,
    output: Value | None = None,
    *,
    force: bool = False,
    by: Value | None = None,
    memory: Value | None = None,
    temp_dir: Value | None = None,
    strict: bool = False,
    threads: Value | None = None,
    quiet: bool = False,
    progress: Progress | None = None,
) -> Done:
    """Sort a labelled capture by sample id and time.

    It is `pcapml sort`, of which `pcapml sort --help` tells all.

    Parameters
    ----------
    file : path
        A labelled capture
    output : path
        The output. A name that ends in .gz or .zst is packed
    force : bool, default False
        Replace what is there
    by : {"id", "time"}, default "id"
        The order
    memory : bytes or str, default 512M
        How much memory to use; larger captures are sorted through a temporary
        file
    temp_dir : path, optional
        Where the temporary file goes [default: beside the output]
    strict : bool, default False
        Write nothing if the input is faulty
    threads : int, optional
        Threads that may work; the output is the same for any number [default:
        the number of processors]
    quiet : bool, default False
        Tell faults only: no notes, no progress
    progress : callable, optional
        Called now and then as progress(packets, bytes, total), where total is
        None if it is not known; what it raises stops the command

    Returns
    -------
    Done
        What it printed (`text`) and told (`notes`)

    Raises
    ------
    Error
        If it fails: `path`, `position` and `message` say where and why

    Warns
    -----
    Faulty
        If it is done, but some input was bad
    """

def split(
    file: Path,
    output: Value | None = None,
    *,
    force: bool = False,
    by: Value | None = None,
    outer: bool = False,
    key: Values | None = None,
    idle_timeout: Value | None = None,
    active_timeout: Value | None = None,
    max_flows: Value | None = None,
    memory: Value | None = None,
    strict: bool = False,
    threads: Value | None = None,
    quiet: bool = False,
    progress: Progress | None = None,
) -> Done:
    """Write one pcap for each sample, or for each flow, and a metadata.csv.

    It is `pcapml split`, of which `pcapml split --help` tells all.

    Parameters
    ----------
    file : path
        A capture; a labelled one, unless it is split by flow
    output : path
        The output directory, which must be empty or absent
    force : bool, default False
        Write into a directory that is not empty
    by : {"sample", "flow"}, default "sample"
        What gets a file of its own
    outer : bool, default False
        By flow: flows of the outermost IP header, not of that inside tunnels
    key : {"vlan", "tunnel"}, or a list of them, optional
        By flow: what further tells flows apart
    idle_timeout : seconds or str, optional
        By flow: after how long without a packet a flow is over [default: 120]
    active_timeout : seconds or str, optional
        By flow: after how long a flow is cut in two [default: never]
    max_flows : int, optional
        By flow: how many flows may go on at once [default: 10000000]
    memory : bytes or str, default 512M
        How much memory to use for packets; further about 2K for each file
    strict : bool, default False
        Write nothing if the input is faulty
    threads : int, optional
        Threads that may work; the output is the same for any number [default:
        the number of processors]
    quiet : bool, default False
        Tell faults only: no notes, no progress
    progress : callable, optional
        Called now and then as progress(packets, bytes, total), where total is
        None if it is not known; what it raises stops the command

    Returns
    -------
    Done
        What it printed (`text`) and told (`notes`)

    Raises
    ------
    Error
        If it fails: `path`, `position` and `message` say where and why

    Warns
    -----
    Faulty
        If it is done, but some input was bad
    """

def strip(
    file: Path,
    output: Value | None = None,
    *,
    force: bool = False,
    to: Value | None = None,
    per_linktype: bool = False,
    strict: bool = False,
    threads: Value | None = None,
    quiet: bool = False,
    progress: Progress | None = None,
) -> Done:
    """Take the labels out of a capture.

    It is `pcapml strip`, of which `pcapml strip --help` tells all.

    Parameters
    ----------
    file : path
        A labelled capture
    output : path
        The output. A name that ends in .gz or .zst is packed
    force : bool, default False
        Replace what is there
    to : {"pcap", "pcapng"}, optional
        The output's format [default: by its name, otherwise pcapng]
    per_linktype : bool, default False
        One output for each link type, named FILE_linktype-N
    strict : bool, default False
        Write nothing if the input is faulty
    threads : int, optional
        Threads that may work; the output is the same for any number [default:
        the number of processors]
    quiet : bool, default False
        Tell faults only: no notes, no progress
    progress : callable, optional
        Called now and then as progress(packets, bytes, total), where total is
        None if it is not known; what it raises stops the command

    Returns
    -------
    Done
        What it printed (`text`) and told (`notes`)

    Raises
    ------
    Error
        If it fails: `path`, `position` and `message` say where and why

    Warns
    -----
    Faulty
        If it is done, but some input was bad
    """

def samples(
    file: Path,
    *,
    format: Value | None = None,
    threads: Value | None = None,
    quiet: bool = False,
    progress: Progress | None = None,
) -> Done:
    """List the samples of a labelled capture.

    It is `pcapml samples`, of which `pcapml samples --help` tells all.

    Parameters
    ----------
    file : path
        A labelled capture
    format : {"table", "csv", "json"}, default "table"
        How to print the table
    threads : int, optional
        Threads that may work; the output is the same for any number [default:
        the number of processors]
    quiet : bool, default False
        Tell faults only: no notes, no progress
    progress : callable, optional
        Called now and then as progress(packets, bytes, total), where total is
        None if it is not known; what it raises stops the command

    Returns
    -------
    Done
        What it printed (`text`) and told (`notes`)

    Raises
    ------
    Error
        If it fails: `path`, `position` and `message` say where and why

    Warns
    -----
    Faulty
        If it is done, but some input was bad
    """

def summary(
    file: Path,
    *,
    by: Value | None = None,
    format: Value | None = None,
    threads: Value | None = None,
    quiet: bool = False,
    progress: Progress | None = None,
) -> Done:
    """Sum up packets, bytes and samples of each label.

    It is `pcapml summary`, of which `pcapml summary --help` tells all.

    Parameters
    ----------
    file : path
        A labelled capture
    by : str, optional
        Group by this field instead of the label
    format : {"table", "csv", "json"}, default "table"
        How to print the table
    threads : int, optional
        Threads that may work; the output is the same for any number [default:
        the number of processors]
    quiet : bool, default False
        Tell faults only: no notes, no progress
    progress : callable, optional
        Called now and then as progress(packets, bytes, total), where total is
        None if it is not known; what it raises stops the command

    Returns
    -------
    Done
        What it printed (`text`) and told (`notes`)

    Raises
    ------
    Error
        If it fails: `path`, `position` and `message` say where and why

    Warns
    -----
    Faulty
        If it is done, but some input was bad
    """

def select(
    file: Path,
    output: Value | None = None,
    labels: Value | None = None,
    *,
    ids: Value | None = None,
    splits: Value | None = None,
    split: Values | None = None,
    fold: Values | None = None,
    label: Values | None = None,
    where: Values | None = None,
    mask: Values | None = None,
    mask_from: Value | None = None,
    allow_missing: bool = False,
    force: bool = False,
    strict: bool = False,
    threads: Value | None = None,
    quiet: bool = False,
    progress: Progress | None = None,
) -> Done:
    """Take some samples out of a labelled capture.

    It is `pcapml select`, of which `pcapml select --help` tells all.

    Parameters
    ----------
    file : path
        A labelled capture
    ids : path, optional
        A list of sample ids, one on a line (`-` for standard input)
    splits : path, optional
        A table sample_id,split (see pcapml partition), of which --split and
        --fold choose
    split : str, or a list of them, optional
        Samples of this split; may be repeated
    fold : int, or a list of them, optional
        Samples of this fold; may be repeated
    label : str, or a list of them, optional
        Samples with this label; may be repeated
    where : dict or str, or a list of them, optional
        Samples with this field; may be repeated
    labels : {"keep", "none"}, default "keep"
        What becomes of labels
    mask : str, or a list of them, optional
        Zero these fields in all packets, and the checksums that would tell
        them
    mask_from : path, optional
        Zero the fields that the `disallow` of a manifest (dataset.toml) names
    allow_missing : bool, default False
        Go on if the capture lacks an id of the list
    output : path
        The output. A name that ends in .gz or .zst is packed
    force : bool, default False
        Replace what is there
    strict : bool, default False
        Write nothing if the input is faulty
    threads : int, optional
        Threads that may work; the output is the same for any number [default:
        the number of processors]
    quiet : bool, default False
        Tell faults only: no notes, no progress
    progress : callable, optional
        Called now and then as progress(packets, bytes, total), where total is
        None if it is not known; what it raises stops the command

    Returns
    -------
    Done
        What it printed (`text`) and told (`notes`)

    Raises
    ------
    Error
        If it fails: `path`, `position` and `message` say where and why

    Warns
    -----
    Faulty
        If it is done, but some input was bad
    """

def partition(
    file: Path,
    output: Value | None = None,
    *,
    ratio: Value | None = None,
    by: Value | None = None,
    folds: Value | None = None,
    stratify: Value | None = None,
    seed: Value | None = None,
    challenge: Value | None = None,
    gap: Value | None = None,
    idle_timeout: Value | None = None,
    dataset: Value | None = None,
    dataset_version: Value | None = None,
    format: Value | None = None,
    strict: bool = False,
    threads: Value | None = None,
    quiet: bool = False,
    progress: Progress | None = None,
) -> Done:
    """Say which samples are for training, validation and testing, as lists.

    It is `pcapml partition`, of which `pcapml partition --help` tells all.

    Parameters
    ----------
    file : path
        A labelled capture
    output : path
        The directory of the lists, which must be empty or absent
    ratio : str, default "train=70,validation=10,test=20"
        The splits and their shares, of any sum
    by : str
        What stays together: sample, flow, host, capture, field:NAME; or time
    folds : int, optional
        Deal what is outside test and challenge into so many folds, for
        cross-validation
    stratify : str, optional
        What each split is to have its share of: label, or field:NAME
    seed : int, optional
        Another one gives other splits [default: 1]
    challenge : str, optional
        Carve out so many percent of the groups, whose labels are kept back
    gap : seconds or str, optional
        By time: how far apart splits are at least [default: 0]
    idle_timeout : seconds or str, optional
        By flow: after how long without a packet a flow is over [default: 120]
    dataset : str, optional
        The dataset's name in the lists [default: what the capture says]
    dataset_version : str, optional
        The dataset's version in the lists [default: what the capture says]
    format : {"table", "csv", "json"}, default "table"
        How to print the table
    strict : bool, default False
        Write nothing if the input is faulty
    threads : int, optional
        Threads that may work; the output is the same for any number [default:
        the number of processors]
    quiet : bool, default False
        Tell faults only: no notes, no progress
    progress : callable, optional
        Called now and then as progress(packets, bytes, total), where total is
        None if it is not known; what it raises stops the command

    Returns
    -------
    Done
        What it printed (`text`) and told (`notes`)

    Raises
    ------
    Error
        If it fails: `path`, `position` and `message` say where and why

    Warns
    -----
    Faulty
        If it is done, but some input was bad
    """

def check(
    file: Path,
    *,
    splits: Value | None = None,
    samples: Value | None = None,
    ids: Values | None = None,
    split: Values | None = None,
    allow_unlabeled: bool = False,
    format: Value | None = None,
    threads: Value | None = None,
    quiet: bool = False,
    progress: Progress | None = None,
) -> Done:
    """See whether a labelled capture is sound, and still what its lists say.

    It is `pcapml check`, of which `pcapml check --help` tells all.

    Parameters
    ----------
    file : path
        A labelled capture
    splits : path, optional
        A table sample_id,split, as pcapml partition writes it
    samples : path, optional
        The sample table: sample_id,label,sha256 [default: contents.csv beside
        --splits, if it is there]
    ids : path, or a list of them, optional
        A list of ids, of the split that it says, or else that its name is; may
        be repeated
    split : str, or a list of them, optional
        The capture is to hold this split only; may be repeated
    allow_unlabeled : bool, default False
        Packets of no sample are no fault
    format : {"table", "csv", "json"}, default "table"
        How to print the table
    threads : int, optional
        Threads that may work; the output is the same for any number [default:
        the number of processors]
    quiet : bool, default False
        Tell faults only: no notes, no progress
    progress : callable, optional
        Called now and then as progress(packets, bytes, total), where total is
        None if it is not known; what it raises stops the command

    Returns
    -------
    Done
        What it printed (`text`) and told (`notes`)

    Raises
    ------
    Error
        If it fails: `path`, `position` and `message` say where and why

    Warns
    -----
    Faulty
        If it is done, but some input was bad
    """

def diff(
    old: Path,
    new: Path,
    *,
    list: bool = False,
    format: Value | None = None,
    threads: Value | None = None,
    quiet: bool = False,
    progress: Progress | None = None,
) -> Done:
    """Tell what changed between two versions of a dataset.

    It is `pcapml diff`, of which `pcapml diff --help` tells all.

    Parameters
    ----------
    old : path
        The old version: a labelled capture, or a table of samples
    new : path
        The new version
    list : bool, default False
        A row for each change of a sample, instead of their sums
    format : {"table", "csv", "json"}, default "table"
        How to print the table
    threads : int, optional
        Threads that may work; the output is the same for any number [default:
        the number of processors]
    quiet : bool, default False
        Tell faults only: no notes, no progress
    progress : callable, optional
        Called now and then as progress(packets, bytes, total), where total is
        None if it is not known; what it raises stops the command

    Returns
    -------
    Done
        What it printed (`text`) and told (`notes`)

    Raises
    ------
    Error
        If it fails: `path`, `position` and `message` say where and why

    Warns
    -----
    Faulty
        If it is done, but some input was bad
    """

def anonymize(
    file: Path,
    output: Value | None = None,
    *,
    key_file: Value | None = None,
    force: bool = False,
    payload: Value | None = None,
    ports: Value | None = None,
    mac: Value | None = None,
    ids: Value | None = None,
    shift_times: Value | bool | None = None,
    strict: bool = False,
    threads: Value | None = None,
    quiet: bool = False,
    progress: Progress | None = None,
) -> Done:
    """Replace addresses and names, and drop payloads, before a capture is
    published.

    It is `pcapml anonymize`, of which `pcapml anonymize --help` tells all.

    Parameters
    ----------
    file : path
        A capture, labelled or not
    key_file : path
        The key: 32 bytes, or 64 hex digits
    output : path
        The output. A name that ends in .gz or .zst is packed
    force : bool, default False
        Replace what is there
    payload : str, default "drop"
        What stays of payloads: drop, keep, or so many bytes
    ports : {"keep", "keyed"}, default "keep"
        What becomes of ports
    mac : {"keyed", "vendor"}, default "keyed"
        What becomes of hardware addresses
    ids : {"keep", "rekey"}, default "keep"
        What becomes of sample ids
    shift_times : str or True, optional
        Move times, those of each group by as much: sample, field:NAME, or all
        [default group: sample]
    strict : bool, default False
        Write nothing if the input is faulty
    threads : int, optional
        Threads that may work; the output is the same for any number [default:
        the number of processors]
    quiet : bool, default False
        Tell faults only: no notes, no progress
    progress : callable, optional
        Called now and then as progress(packets, bytes, total), where total is
        None if it is not known; what it raises stops the command

    Returns
    -------
    Done
        What it printed (`text`) and told (`notes`)

    Raises
    ------
    Error
        If it fails: `path`, `position` and `message` say where and why

    Warns
    -----
    Faulty
        If it is done, but some input was bad
    """

def cat(
    files: Values,
    output: Value | None = None,
    *,
    force: bool = False,
    merge_samples: bool = False,
    per_linktype: bool = False,
    strict: bool = False,
    threads: Value | None = None,
    quiet: bool = False,
    progress: Progress | None = None,
) -> Done:
    """Join labelled captures.

    It is `pcapml cat`, of which `pcapml cat --help` tells all.

    Parameters
    ----------
    files : path, or a list of them
        Labelled captures, in this order
    output : path
        The output. A name that ends in .gz or .zst is packed
    force : bool, default False
        Replace what is there
    merge_samples : bool, default False
        Make one sample of packets with one id in several captures
    per_linktype : bool, default False
        One output for each link type, named FILE_linktype-N
    strict : bool, default False
        Write nothing if the input is faulty
    threads : int, optional
        Threads that may work; the output is the same for any number [default:
        the number of processors]
    quiet : bool, default False
        Tell faults only: no notes, no progress
    progress : callable, optional
        Called now and then as progress(packets, bytes, total), where total is
        None if it is not known; what it raises stops the command

    Returns
    -------
    Done
        What it printed (`text`) and told (`notes`)

    Raises
    ------
    Error
        If it fails: `path`, `position` and `message` say where and why

    Warns
    -----
    Faulty
        If it is done, but some input was bad
    """

def convert(
    file: Path,
    out_file: Path | None = None,
    output: Value | None = None,
    *,
    force: bool = False,
    to: Value | None = None,
    packets: Value | None = None,
    size: Value | None = None,
    per_linktype: bool = False,
    strict: bool = False,
    threads: Value | None = None,
    quiet: bool = False,
    progress: Progress | None = None,
) -> Done:
    """Convert between pcap and pcapng, repair times, cut into chunks.

    It is `pcapml convert`, of which `pcapml convert --help` tells all.

    Parameters
    ----------
    file : path
        A capture
    out_file : path, optional
        The output. A name that ends in .gz or .zst is packed
    output : path, optional
        The output, as in the other commands
    force : bool, default False
        Replace what is there
    to : {"pcap", "pcapng"}, optional
        The output's format [default: by its name]
    packets : int, optional
        Cut after so many packets; files are named OUT_00001 and so on
    size : bytes or str, optional
        Cut before a file's packets exceed this size
    per_linktype : bool, default False
        One output for each link type, named OUT_linktype-N
    strict : bool, default False
        Write nothing if the input is faulty
    threads : int, optional
        Threads that may work; the output is the same for any number [default:
        the number of processors]
    quiet : bool, default False
        Tell faults only: no notes, no progress
    progress : callable, optional
        Called now and then as progress(packets, bytes, total), where total is
        None if it is not known; what it raises stops the command

    Returns
    -------
    Done
        What it printed (`text`) and told (`notes`)

    Raises
    ------
    Error
        If it fails: `path`, `position` and `message` say where and why

    Warns
    -----
    Faulty
        If it is done, but some input was bad
    """

def flows(
    files: Values | None = None,
    output: Value | None = None,
    *,
    force: bool = False,
    to: Value | None = None,
    outer: bool = False,
    key: Values | None = None,
    idle_timeout: Value | None = None,
    active_timeout: Value | None = None,
    max_flows: Value | None = None,
    memory: Value | None = None,
    undefined: Value | None = None,
    explain: Value | bool | None = None,
    order: Value | None = None,
    columns: Values | None = None,
    bare: bool = False,
    list: Value | bool | None = None,
    rows: Value | None = None,
    first: Value | None = None,
    dedup: bool = False,
    label_from: Values | None = None,
    splits: Value | None = None,
    packets: Value | None = None,
    partition: Value | None = None,
    mask: Values | None = None,
    allow_disallowed: bool = False,
    strict: bool = False,
    threads: Value | None = None,
    quiet: bool = False,
    progress: Progress | None = None,
) -> Done:
    """A row for each flow: ends, times, packets, bytes, flags.

    It is `pcapml flows`, of which `pcapml flows --help` tells all.

    Parameters
    ----------
    files : path, or a list of them, optional
        Captures, labelled or not, or directories of captures; `-` for standard
        input
    output : path, optional
        The output. Its name says the format: .csv, .jsonl, .parquet, .arrow,
        .sqlite, .npy, .npz
    force : bool, default False
        Replace what is there
    to : {"csv", "jsonl", "parquet", "arrow", "npy", "npz", "sqlite", "nprint", "table", "json", "md"}, optional
        The output's format [default: by its name], or that of --list
    outer : bool, default False
        Flows of the outermost IP header, not of that inside tunnels
    key : {"vlan", "tunnel"}, or a list of them, optional
        What further tells flows apart
    idle_timeout : seconds or str, default 120
        After how long without a packet a flow is over
    active_timeout : seconds or str, optional
        After how long a flow is cut in two [default: never]
    max_flows : int, default 10000000
        How many flows may go on at once, in 64 shards with a share each; where
        there are more, the one without a packet for longest ends
    memory : bytes or str, default 16M
        How much memory rows that wait for their order may take; more go
        through a temporary file
    undefined : {"empty", "0", "nan"}, default "empty"
        What is written where nothing is defined: a rate without duration, a
        deviation of one value
    explain : {"text", "json"} or True, optional
        Tell what became of the packets, a reason a line (--explain, or
        --explain=json)
    order : {"start", "end"}, default "start"
        The order of rows
    columns : str, or a list of them, optional
        Only the columns of these names, in this order
    bare : bool, default False
        Nothing but the set's own columns: no sample, label, ids before them
    list : {"csv", "jsonl", "parquet", "arrow", "npy", "npz", "sqlite", "nprint", "table", "json", "md"} or True, optional
        List all features: set, name, kind, unit, meaning, source (--list,
        --list=csv, --list --format md)
    rows : {"packet", "flow", "sample"}, optional
        What a row is about. Every sample has exactly one row of its own, also
        one without IP [default: by the set]
    first : int, optional
        Only the first N packets of each sample (of a capture without labels:
        of the capture)
    dedup : bool, default False
        Leave out packets with the bytes of one of the four before, in the same
        sample, as `editcap -d` does
    label_from : str, or a list of them, optional
        Label captures that have no labels: by `filename` (the name without its
        end), by `directory` (that which holds the capture), by `regex REGEX`
        (of the name, with groups as in label --label-by-name), or by `csv
        FILE` (a labels file)
    splits : path, optional
        Add the column `split`, from a table sample_id,split
    packets : path, optional
        Also write which flow of which sample each packet is in, or why it is
        in none (flow_id; first_packet where that would tell what is masked)
    partition : str, optional
        Write a directory with a file for each value of a column that stands
        before the set: label, split, file, a field
    mask : str, or a list of them, optional
        Let nothing rest on these fields of packets, nor on those that the
        input disallows
    allow_disallowed : bool, default False
        Let features rest on fields that the input disallows (the `disallow` of
        its header)
    strict : bool, default False
        Write nothing if the input is faulty
    threads : int, optional
        Threads that may work; the output is the same for any number [default:
        the number of processors]
    quiet : bool, default False
        Tell faults only: no notes, no progress
    progress : callable, optional
        Called now and then as progress(packets, bytes, total), where total is
        None if it is not known; what it raises stops the command

    Returns
    -------
    Done
        What it printed (`text`) and told (`notes`)

    Raises
    ------
    Error
        If it fails: `path`, `position` and `message` say where and why

    Warns
    -----
    Faulty
        If it is done, but some input was bad
    """

def features(
    files: Values | None = None,
    output: Value | None = None,
    *,
    force: bool = False,
    to: Value | None = None,
    outer: bool = False,
    key: Values | None = None,
    idle_timeout: Value | None = None,
    active_timeout: Value | None = None,
    max_flows: Value | None = None,
    memory: Value | None = None,
    undefined: Value | None = None,
    explain: Value | bool | None = None,
    order: Value | None = None,
    columns: Values | None = None,
    bare: bool = False,
    list: Value | bool | None = None,
    rows: Value | None = None,
    first: Value | None = None,
    dedup: bool = False,
    label_from: Values | None = None,
    splits: Value | None = None,
    packets: Value | None = None,
    partition: Value | None = None,
    mask: Values | None = None,
    allow_disallowed: bool = False,
    strict: bool = False,
    set: Values | None = None,
    names: Value | None = None,
    legacy: Values | None = None,
    activity: Value | None = None,
    recursive: bool = False,
    session: bool = False,
    map: bool = False,
    name: Value | None = None,
    compat: bool = False,
    check_interval: Value | None = None,
    check_limit: Value | None = None,
    fill: Value | None = None,
    threads: Value | None = None,
    quiet: bool = False,
    progress: Progress | None = None,
) -> Done:
    """Features of every flow, in named sets.

    It is `pcapml features`, of which `pcapml features --help` tells all.

    Parameters
    ----------
    files : path, or a list of them, optional
        Captures, labelled or not, or directories of captures; `-` for standard
        input
    output : path, optional
        The output. Its name says the format: .csv, .jsonl, .parquet, .arrow,
        .sqlite, .npy, .npz
    force : bool, default False
        Replace what is there
    to : {"csv", "jsonl", "parquet", "arrow", "npy", "npz", "sqlite", "nprint", "table", "json", "md"}, optional
        The output's format [default: by its name], or that of --list
    outer : bool, default False
        Flows of the outermost IP header, not of that inside tunnels
    key : {"vlan", "tunnel"}, or a list of them, optional
        What further tells flows apart
    idle_timeout : seconds or str, default 120
        After how long without a packet a flow is over
    active_timeout : seconds or str, optional
        After how long a flow is cut in two [default: never]
    max_flows : int, default 10000000
        How many flows may go on at once, in 64 shards with a share each; where
        there are more, the one without a packet for longest ends
    memory : bytes or str, default 16M
        How much memory rows that wait for their order may take; more go
        through a temporary file
    undefined : {"empty", "0", "nan"}, default "empty"
        What is written where nothing is defined: a rate without duration, a
        deviation of one value
    explain : {"text", "json"} or True, optional
        Tell what became of the packets, a reason a line (--explain, or
        --explain=json)
    order : {"start", "end"}, default "start"
        The order of rows
    columns : str, or a list of them, optional
        Only the columns of these names, in this order
    bare : bool, default False
        Nothing but the set's own columns: no sample, label, ids before them
    list : {"csv", "jsonl", "parquet", "arrow", "npy", "npz", "sqlite", "nprint", "table", "json", "md"} or True, optional
        List all features: set, name, kind, unit, meaning, source (--list,
        --list=csv, --list --format md)
    rows : {"packet", "flow", "sample"}, optional
        What a row is about. Every sample has exactly one row of its own, also
        one without IP [default: by the set]
    first : int, optional
        Only the first N packets of each sample (of a capture without labels:
        of the capture)
    dedup : bool, default False
        Leave out packets with the bytes of one of the four before, in the same
        sample, as `editcap -d` does
    label_from : str, or a list of them, optional
        Label captures that have no labels: by `filename` (the name without its
        end), by `directory` (that which holds the capture), by `regex REGEX`
        (of the name, with groups as in label --label-by-name), or by `csv
        FILE` (a labels file)
    splits : path, optional
        Add the column `split`, from a table sample_id,split
    packets : path, optional
        Also write which flow of which sample each packet is in, or why it is
        in none (flow_id; first_packet where that would tell what is masked)
    partition : str, optional
        Write a directory with a file for each value of a column that stands
        before the set: label, split, file, a field
    mask : str, or a list of them, optional
        Let nothing rest on these fields of packets, nor on those that the
        input disallows
    allow_disallowed : bool, default False
        Let features rest on fields that the input disallows (the `disallow` of
        its header)
    strict : bool, default False
        Write nothing if the input is faulty
    set : str, or a list of them, optional
        The sets of columns, or files that list names of columns, one a line
    names : {"cic", "cic2017", "cic2018"}, default "cic"
        How cic spells its columns
    legacy : str, or a list of them, optional
        Which errors of CICFlowMeter cic-legacy makes [default: all]
    activity : seconds or str, default 5
        Gaps of more than this are idle
    recursive : bool, default False
        Each capture of a directory by itself: <name>_flow.csv of each in the
        directory that is the output
    session : bool, default False
        Of pkt_analyser: both directions are one flow
    map : bool, default False
        Of pkt_analyser: the fields of headers instead of whole IP packets
    name : str, optional
        Of pkt_analyser: how outputs are named: NAME0.json, NAME1.json and so
        on [default: class]
    compat : bool, default False
        Of pkt_analyser: flows and retransmissions as in the original
    check_interval : str, optional
        Accepted for scripts of PyFlowMeter: it said how often to look for
        flows that are over
    check_limit : str, optional
        Accepted for scripts of PyFlowMeter: it said how many flows to look at
        each time
    fill : str, optional
        With nprint: what stands where a header is absent, from -128 to 127
        [default: -1]
    threads : int, optional
        Threads that may work; the output is the same for any number [default:
        the number of processors]
    quiet : bool, default False
        Tell faults only: no notes, no progress
    progress : callable, optional
        Called now and then as progress(packets, bytes, total), where total is
        None if it is not known; what it raises stops the command

    Returns
    -------
    Done
        What it printed (`text`) and told (`notes`)

    Raises
    ------
    Error
        If it fails: `path`, `position` and `message` say where and why

    Warns
    -----
    Faulty
        If it is done, but some input was bad
    """

def dissect(
    files: Values | None = None,
    output: Value | None = None,
    *,
    force: bool = False,
    format: Value | None = None,
    only: Values | None = None,
    names: Value | None = None,
    dns: Value | None = None,
    shape: Value | None = None,
    times: Value | None = None,
    secrets: bool = False,
    body: Value | None = None,
    local_net: Values | None = None,
    outer: bool = False,
    key: Values | None = None,
    idle_timeout: Value | None = None,
    max_flows: Value | None = None,
    overlap: Value | None = None,
    memory: Value | None = None,
    explain: Value | bool | None = None,
    list: Value | bool | None = None,
    strict: bool = False,
    threads: Value | None = None,
    quiet: bool = False,
    progress: Progress | None = None,
) -> Done:
    """What was said: conversations, messages, exchanges, logins.

    It is `pcapml dissect`, of which `pcapml dissect --help` tells all.

    Parameters
    ----------
    files : path, or a list of them, optional
        Captures, labelled or not, or directories of captures; `-` for standard
        input
    output : path, default -
        The output: a file, a directory for tables of several types
    force : bool, default False
        Replace what is there
    format : {"jsonl", "csv", "parquet"}, optional
        How records are written [default: by the output's name]
    only : str, or a list of them, optional
        Only records of these types, or of these protocols
    names : {"zeek", "ecs"}, default "zeek"
        Whose names fields have
    dns : {"exchange", "message"}, default "exchange"
        What a record of the DNS is about
    shape : {"own", "seed"}, default "own"
        In whose form records of the DNS are: `seed` tells each message as
        packet_analysis does, in JSON Lines
    times : {"epoch", "rfc3339"}, default "epoch"
        How times are written in JSON
    secrets : bool, default False
        Tell passwords and what stands for them
    body : bytes or str, default 64K
        How much of a body to keep
    local_net : str, or a list of them, optional
        A network that is local, for local_orig and local_resp; may be given
        several times
    outer : bool, default False
        Conversations of the outermost IP header, not of that inside tunnels
    key : {"vlan", "tunnel"}, or a list of them, optional
        What further tells conversations apart
    idle_timeout : seconds or str, default 3600
        After how long without a packet a conversation is over
    max_flows : int, default 1000000
        How many conversations may go on at once; where there are more, the one
        without a packet for longest ends
    overlap : {"first", "last"}, default "first"
        Which bytes count where two segments of TCP hold the same place
    memory : bytes or str, default 512M
        How much memory may be taken by what waits: bytes of streams, messages
        that are not whole, fragments, and records for their order; a body of
        each side has room in any case
    explain : {"text", "json"} or True, optional
        Tell what became of the packets, a reason a line (--explain, or
        --explain=json)
    list : {"table", "csv", "json", "md"} or True, optional
        List all types of records and their fields (--list, --list=csv,
        --list=md)
    strict : bool, default False
        Write nothing if the input is faulty
    threads : int, optional
        Threads that may work; the output is the same for any number [default:
        the number of processors]
    quiet : bool, default False
        Tell faults only: no notes, no progress
    progress : callable, optional
        Called now and then as progress(packets, bytes, total), where total is
        None if it is not known; what it raises stops the command

    Returns
    -------
    Done
        What it printed (`text`) and told (`notes`)

    Raises
    ------
    Error
        If it fails: `path`, `position` and `message` say where and why

    Warns
    -----
    Faulty
        If it is done, but some input was bad
    """

def streams(
    files: Values,
    output: Value | None = None,
    *,
    force: bool = False,
    format: Value | None = None,
    mode: Value | None = None,
    bpf: Value | None = None,
    outer: bool = False,
    key: Values | None = None,
    idle_timeout: Value | None = None,
    max_flows: Value | None = None,
    overlap: Value | None = None,
    memory: Value | None = None,
    strict: bool = False,
    threads: Value | None = None,
    quiet: bool = False,
    progress: Progress | None = None,
) -> Done:
    """What both sides of every conversation sent, as bytes.

    It is `pcapml streams`, of which `pcapml streams --help` tells all.

    Parameters
    ----------
    files : path, or a list of them
        Captures, labelled or not, or directories of captures; `-` for standard
        input
    output : path, default -
        The output: a directory, or a file of JSON Lines
    force : bool, default False
        Replace what is there
    format : {"files", "jsonl"}, optional
        How streams are written [default: by the output's name]
    mode : {"session", "chunk", "exchange"}, optional
        Of JSON Lines: what an object is about [default: session]
    bpf : str, optional
        Only packets that pass this filter of pcap-filter(7); ports are only in
        the first fragment of a datagram
    outer : bool, default False
        Conversations of the outermost IP header, not of that inside tunnels
    key : {"vlan", "tunnel"}, or a list of them, optional
        What further tells conversations apart
    idle_timeout : seconds or str, default 3600
        After how long without a packet a conversation is over
    max_flows : int, default 1000000
        How many conversations may go on at once; where there are more, the one
        without a packet for longest ends
    overlap : {"first", "last"}, default "first"
        Which bytes count where two segments of TCP hold the same place
    memory : bytes or str, default 512M
        How much memory bytes that wait may take; conversations larger than
        that come in parts
    strict : bool, default False
        Write nothing if the input is faulty
    threads : int, optional
        Threads that may work; the output is the same for any number [default:
        the number of processors]
    quiet : bool, default False
        Tell faults only: no notes, no progress
    progress : callable, optional
        Called now and then as progress(packets, bytes, total), where total is
        None if it is not known; what it raises stops the command

    Returns
    -------
    Done
        What it printed (`text`) and told (`notes`)

    Raises
    ------
    Error
        If it fails: `path`, `position` and `message` say where and why

    Warns
    -----
    Faulty
        If it is done, but some input was bad
    """

def print(
    files: Values,
    output: Value | None = None,
    *,
    force: bool = False,
    format: Value | None = None,
    asset_ip: Values | None = None,
    asset_port: Values | None = None,
    bpf: Value | None = None,
    snap: Value | None = None,
    payload: Value | None = None,
    timezone: Value | None = None,
    outer: bool = False,
    line_buffered: bool = False,
    strict: bool = False,
    threads: Value | None = None,
    quiet: bool = False,
    progress: Progress | None = None,
) -> Done:
    """Print one line for each packet.

    It is `pcapml print`, of which `pcapml print --help` tells all.

    Parameters
    ----------
    files : path, or a list of them
        Captures, labelled or not, or directories of captures; `-` for standard
        input
    output : path, default -
        The output. A name that ends in .gz or .zst is packed
    force : bool, default False
        Replace what is there
    format : {"text", "jsonl"}, default "text"
        How a packet is written
    asset_ip : str, or a list of them, optional
        Only packets from or to one of these addresses or networks, or ICMP
        errors about such
    asset_port : int, or a list of them, optional
        Only packets from or to one of these ports, or ICMP errors about such
    bpf : str, optional
        Only packets that pass this filter of pcap-filter(7)
    snap : int, optional
        Print at most so many bytes of each payload; 0 prints none [default:
        all]
    payload : {"text", "hex", "base64"}, optional
        How payloads are written [default: of TCP as text and in hex, of others
        in hex; in JSON as text]
    timezone : str, optional
        Where the clock is by which dates of lines of text are shown: an IANA
        name (Europe/Prague) or a distance from UTC (+02:00) [default: UTC]
    outer : bool, default False
        The outermost IP header, not that inside tunnels
    line_buffered : bool, default False
        Write each line at once, for packets that are being captured
    strict : bool, default False
        Write nothing if the input is faulty
    threads : int, optional
        Threads that may work; the output is the same for any number [default:
        the number of processors]
    quiet : bool, default False
        Tell faults only: no notes, no progress
    progress : callable, optional
        Called now and then as progress(packets, bytes, total), where total is
        None if it is not known; what it raises stops the command

    Returns
    -------
    Done
        What it printed (`text`) and told (`notes`)

    Raises
    ------
    Error
        If it fails: `path`, `position` and `message` say where and why

    Warns
    -----
    Faulty
        If it is done, but some input was bad
    """

def talkers(
    files: Values,
    output: Value | None = None,
    *,
    force: bool = False,
    format: Value | None = None,
    per: Value | None = None,
    interval: Value | None = None,
    local_net: Values | None = None,
    geoip: Value | None = None,
    asn: Value | None = None,
    max_pairs: Value | None = None,
    outer: bool = False,
    strict: bool = False,
    threads: Value | None = None,
    quiet: bool = False,
    progress: Progress | None = None,
) -> Done:
    """Who sent how much to whom: a row for each pair of ends and interval, or
    each packet.

    It is `pcapml talkers`, of which `pcapml talkers --help` tells all.

    Parameters
    ----------
    files : path, or a list of them
        Captures, labelled or not, or directories of captures; `-` for standard
        input
    output : path, default -
        The output. Its name says the format: .csv, .jsonl, .parquet, .arrow,
        .sqlite
    force : bool, default False
        Replace what is there
    format : {"csv", "jsonl", "parquet", "arrow", "sqlite"}, optional
        The output's format [default: by its name]
    per : {"interval", "packet"}, default "interval"
        What a row is about
    interval : seconds or str, optional
        How long an interval is; each begins at a multiple of that since 1970
        [default: 1s]
    local_net : str, or a list of them, optional
        A network that is local, by which directions are seen; may be given
        several times
    geoip : path, optional
        A MaxMind database of countries or cities
    asn : path, optional
        A MaxMind database of autonomous systems
    max_pairs : int, optional
        How many pairs may wait in memory, at some 200 bytes each; where there
        are more, the earliest interval is written [default: 1000000]
    outer : bool, default False
        The outermost IP header, not that inside tunnels
    strict : bool, default False
        Write nothing if the input is faulty
    threads : int, optional
        Threads that may work; the output is the same for any number [default:
        the number of processors]
    quiet : bool, default False
        Tell faults only: no notes, no progress
    progress : callable, optional
        Called now and then as progress(packets, bytes, total), where total is
        None if it is not known; what it raises stops the command

    Returns
    -------
    Done
        What it printed (`text`) and told (`notes`)

    Raises
    ------
    Error
        If it fails: `path`, `position` and `message` say where and why

    Warns
    -----
    Faulty
        If it is done, but some input was bad
    """

def lint(
    file: Path | None = None,
    output: Value | None = None,
    *,
    splits: Value | None = None,
    deny: Values | None = None,
    allow: Values | None = None,
    threshold: Value | None = None,
    format: Value | None = None,
    force: bool = False,
    rules: Value | bool | None = None,
    threads: Value | None = None,
    quiet: bool = False,
    progress: Progress | None = None,
) -> Done:
    """What a reviewer would find: leaks, shortcuts, noise, secrets.

    It is `pcapml lint`, of which `pcapml lint --help` tells all.

    Parameters
    ----------
    file : path, optional
        A labelled capture
    splits : path, optional
        A table sample_id,split, as partition writes it: finds what splits
        share
    deny : str, or a list of them, optional
        Findings of this rule or group are errors; may be repeated
    allow : str, or a list of them, optional
        This rule or group is not asked; may be repeated
    threshold : str, default "0.3"
        Tell a shortcut if one field alone predicts labels so much better than
        guessing, from 0 (guessing) to 1 (always right)
    format : {"text", "json", "sarif"}, default "text"
        How findings are told
    output : path, default -
        The output
    force : bool, default False
        Replace what is there
    rules : {"table", "csv", "json"} or True, optional
        List the rules
    threads : int, optional
        Threads that may work; the output is the same for any number [default:
        the number of processors]
    quiet : bool, default False
        Tell faults only: no notes, no progress
    progress : callable, optional
        Called now and then as progress(packets, bytes, total), where total is
        None if it is not known; what it raises stops the command

    Returns
    -------
    Done
        What it printed (`text`) and told (`notes`)

    Raises
    ------
    Error
        If it fails: `path`, `position` and `message` say where and why

    Warns
    -----
    Faulty
        If it is done, but some input was bad
    """

def release(
    file: Path,
    output: Value | None = None,
    labels: Value | None = None,
    *,
    splits: Value | None = None,
    manifest: Value | None = None,
    sources: Value | None = None,
    deny: Values | None = None,
    allow: Values | None = None,
    threads: Value | None = None,
    quiet: bool = False,
    progress: Progress | None = None,
) -> Done:
    """Make a directory that others can check, cite and train on.

    It is `pcapml release`, of which `pcapml release --help` tells all.

    Parameters
    ----------
    file : path
        A labelled capture
    splits : path
        The table of splits, as partition writes it
    manifest : path
        What the authors say: name, version, license and so on
    output : path
        The directory; it may not exist, or must be empty
    sources : path, optional
        Where the captures lie that samples come from: their names and digests
        go into the table
    labels : path, optional
        The labels file that made the samples: its rules go into the table
    deny : str, or a list of them, optional
        Findings of this rule or group of lint end the release; may be repeated
    allow : str, or a list of them, optional
        Findings of this rule or group do not; may be repeated
    threads : int, optional
        Threads that may work; the output is the same for any number [default:
        the number of processors]
    quiet : bool, default False
        Tell faults only: no notes, no progress
    progress : callable, optional
        Called now and then as progress(packets, bytes, total), where total is
        None if it is not known; what it raises stops the command

    Returns
    -------
    Done
        What it printed (`text`) and told (`notes`)

    Raises
    ------
    Error
        If it fails: `path`, `position` and `message` say where and why

    Warns
    -----
    Faulty
        If it is done, but some input was bad
    """

def verify(
    directory: Path,
    *,
    threads: Value | None = None,
    quiet: bool = False,
    progress: Progress | None = None,
) -> Done:
    """Check a release: digests, captures, lists and tables against each other.

    It is `pcapml verify`, of which `pcapml verify --help` tells all.

    Parameters
    ----------
    directory : path
        A release
    threads : int, optional
        Threads that may work; the output is the same for any number [default:
        the number of processors]
    quiet : bool, default False
        Tell faults only: no notes, no progress
    progress : callable, optional
        Called now and then as progress(packets, bytes, total), where total is
        None if it is not known; what it raises stops the command

    Returns
    -------
    Done
        What it printed (`text`) and told (`notes`)

    Raises
    ------
    Error
        If it fails: `path`, `position` and `message` say where and why

    Warns
    -----
    Faulty
        If it is done, but some input was bad
    """

def compare(
    truth: Path,
    test: Path,
    output: Value | None = None,
    *,
    matched_only: bool = False,
    force: bool = False,
    format: Value | None = None,
    confusion: Value | None = None,
    threads: Value | None = None,
    quiet: bool = False,
    progress: Progress | None = None,
) -> Done:
    """Compare two labellings of the same traffic, packet by packet.

    It is `pcapml compare`, of which `pcapml compare --help` tells all.

    Parameters
    ----------
    truth : path
        The labelled capture that is right
    test : path
        The labelled capture that is judged
    matched_only : bool, default False
        Leave packets out that are in one of the captures only
    output : path, default -
        Where the figures go
    force : bool, default False
        Replace what is there
    format : {"table", "csv", "json"}, optional
        How they are written [default: by the output's name, otherwise table]
    confusion : path, optional
        Write a CSV of what is taken for what: rows of the truth, columns of
        the test
    threads : int, optional
        Threads that may work; the output is the same for any number [default:
        the number of processors]
    quiet : bool, default False
        Tell faults only: no notes, no progress
    progress : callable, optional
        Called now and then as progress(packets, bytes, total), where total is
        None if it is not known; what it raises stops the command

    Returns
    -------
    Done
        What it printed (`text`) and told (`notes`)

    Raises
    ------
    Error
        If it fails: `path`, `position` and `message` say where and why

    Warns
    -----
    Faulty
        If it is done, but some input was bad
    """

def score(
    output: Value | None = None,
    *,
    truth: Value | None = None,
    predictions: Values | None = None,
    splits: Value | None = None,
    split: Values | None = None,
    missing: Value | None = None,
    bootstrap: Value | None = None,
    seed: Value | None = None,
    resample: Value | None = None,
    bins: Value | None = None,
    force: bool = False,
    format: Value | None = None,
    classes: Value | None = None,
    confusion: Value | None = None,
    threads: Value | None = None,
    quiet: bool = False,
    progress: Progress | None = None,
) -> Done:
    """Score predictions against the truth.

    It is `pcapml score`, of which `pcapml score --help` tells all.

    Parameters
    ----------
    truth : path
        A labelled capture, or a table sample_id,label
    predictions : path, or a list of them
        Tables of predictions, one for each competitor
    splits : path, optional
        A table sample_id,split,group: which samples are scored, and what
        belongs together
    split : str, or a list of them, optional
        The split to score; may be repeated [default: test, if there are
        splits, otherwise all samples]
    missing : {"wrong", "ignore"}, default "wrong"
        What samples without a prediction are
    bootstrap : int, optional
        How many resamples intervals are made of; 0 for no intervals [default:
        1000]
    seed : int, optional
        What resamples are drawn by: the same seed gives the same intervals
        [default: 1]
    resample : {"group", "sample"}, optional
        What is drawn [default: group, if groups are known]
    bins : int, optional
        How many bins the calibration error has [default: 15]
    output : path, default -
        Where the figures go
    force : bool, default False
        Replace what is there
    format : {"table", "csv", "json", "markdown"}, optional
        How they are written [default: by the output's name, otherwise table]
    classes : path, optional
        Write a CSV of precision, recall, F1 and support of each class
    confusion : path, optional
        Write a CSV of what is taken for what: rows of the truth, columns of
        the predictions
    threads : int, optional
        Threads that may work; the output is the same for any number [default:
        the number of processors]
    quiet : bool, default False
        Tell faults only: no notes, no progress
    progress : callable, optional
        Called now and then as progress(packets, bytes, total), where total is
        None if it is not known; what it raises stops the command

    Returns
    -------
    Done
        What it printed (`text`) and told (`notes`)

    Raises
    ------
    Error
        If it fails: `path`, `position` and `message` say where and why

    Warns
    -----
    Faulty
        If it is done, but some input was bad
    """

def report(
    file: Path,
    output: Value | None = None,
    *,
    force: bool = False,
    splits: Value | None = None,
    title: Value | None = None,
    strict: bool = False,
    threads: Value | None = None,
    quiet: bool = False,
    progress: Progress | None = None,
) -> Done:
    """Show a labelled capture on one page: labels, lengths, times, bytes,
    talkers, splits.

    It is `pcapml report`, of which `pcapml report --help` tells all.

    Parameters
    ----------
    file : path
        A labelled capture; `-` for standard input
    output : path
        The output. A name that ends in .gz or .zst is packed
    force : bool, default False
        Replace what is there
    splits : path, optional
        The splits of its samples: a table sample_id,split
    title : str, optional
        What the page is called [default: the dataset's name, or the file's]
    strict : bool, default False
        Write nothing if the input is faulty
    threads : int, optional
        Threads that may work; the output is the same for any number [default:
        the number of processors]
    quiet : bool, default False
        Tell faults only: no notes, no progress
    progress : callable, optional
        Called now and then as progress(packets, bytes, total), where total is
        None if it is not known; what it raises stops the command

    Returns
    -------
    Done
        What it printed (`text`) and told (`notes`)

    Raises
    ------
    Error
        If it fails: `path`, `position` and `message` say where and why

    Warns
    -----
    Faulty
        If it is done, but some input was bad
    """

def export_huggingface(
    files: Values,
    output: Value | None = None,
    *,
    splits: Value | None = None,
    set: Values | None = None,
    columns: Values | None = None,
    rows: Value | None = None,
    first: Value | None = None,
    shard: Value | None = None,
    mask: Values | None = None,
    allow_disallowed: bool = False,
    strict: bool = False,
    threads: Value | None = None,
    quiet: bool = False,
    progress: Progress | None = None,
) -> Done:
    """A directory that `datasets` of Hugging Face loads: Parquet files by split,
    and a README.md.

    It is `pcapml export huggingface`, of which `pcapml export huggingface --help` tells all.

    Parameters
    ----------
    files : path, or a list of them
        Labelled captures
    output : path
        The directory to write, which must be empty or absent
    splits : path, optional
        A table sample_id,split; samples in no split are left out [default: all
        are in the split train]
    set : str, or a list of them, default "stats"
        The sets of columns, or files that list names of columns, one a line
    columns : str, or a list of them, optional
        Only the columns of these names, in this order
    rows : {"packet", "flow", "sample"}, optional
        What a row is about [default: by the set]
    first : int, optional
        Only the first N packets of each sample
    shard : str, default "10000"
        At most so many samples in one Parquet file
    mask : str, or a list of them, optional
        Let nothing rest on these fields of packets, nor on those that the
        input disallows
    allow_disallowed : bool, default False
        Let features rest on fields that the input disallows (the `disallow` of
        its header)
    strict : bool, default False
        Write nothing if the input is faulty
    threads : int, optional
        Threads that may work; the output is the same for any number [default:
        the number of processors]
    quiet : bool, default False
        Tell faults only: no notes, no progress
    progress : callable, optional
        Called now and then as progress(packets, bytes, total), where total is
        None if it is not known; what it raises stops the command

    Returns
    -------
    Done
        What it printed (`text`) and told (`notes`)

    Raises
    ------
    Error
        If it fails: `path`, `position` and `message` say where and why

    Warns
    -----
    Faulty
        If it is done, but some input was bad
    """
