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
    "cat",
    "convert",
    "features",
    "flows",
    "label",
    "relabel",
    "select",
    "sort",
    "split",
    "strip",
    "summary",
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
    """The command `pcapml label`; see `pcapml label --help`.

    Parameters
    ----------
    input
        A directory, searched recursively, or one capture (`-` for standard input)
    labels
        The labels file: rows of files with a header, or rules without one
    flows
        Label by flow records: a packet belongs to the record with its addresses, protocol and ports, in either direction, that began last of those going on
    format
        The format of the flow records: auto, a preset, or columns:src=…,dst=…,sport=…,dport=…,proto=…,start=…, end=…|duration=…,label=…
    timezone
        Where the clock of the flow records stood: an IANA name (America/Halifax) or an offset (-03:00)
    tolerance
        Widen every flow record at both ends: seconds, or a number with ms, s, m or h
    time_format
        How the flow records write times: s, ms, us or ns since 1970, or a strptime format
    duration_unit
        The unit of the flow records' durations: s, ms, us or ns
    label_column
        The column of the flow records that holds the label
    group_by
        What makes flow records one sample: each record unless told otherwise
    label_by_name
        Label captures by their names: a regular expression with a group (?<label>…); other groups become fields
    packet_labels
        Label single packets: a table packet,label[,time][,file][,field…][,hash_key]
    by
        Label by `interface` (their names), `comment REGEX` (groups as in --label-by-name; comments of pcapml are not asked), `host FILE` (a table; of the outermost addresses the longest prefix wins, hardware addresses like whole ones), or `flow`: every conversation a sample, labelled by another option, or all with the label -
    idle_timeout
        After how many seconds without a packet a flow of --by flow is over: 120 unless told otherwise
    output
        The output; `-` for standard output. A name that ends in .gz or .zst is packed
    force
        Replace what is there
    match
        Packets that several rules match: the first wins unless told otherwise
    keep_unlabeled
        Write packets that no rule matches too, without a comment
    strict
        Write nothing if an input is faulty, a rule matches nothing, or a capture is in no row
    ids
        How samples get their ids
    namespace
        The dataset's name, which its ids depend on: datasets with different names can be joined
    compat
        Write what an older reader understands
    per_linktype
        One output for each link type, named FILE_linktype-N
    source
        Give each sample the field source=FILE; a directory labelled by flows or flow records always has it
    stats
        Print packets and bytes of each rule, which rules are shadowed, and whose windows seem to be of another time zone (--stats, --stats=csv or --stats=json)
    explain
        Tell which rules match a packet and why the first wins, and write nothing: N, or FILE:N of a directory (with --labels or --label-by-name)
    threads
        Threads that may work; the output is the same for any number [default: the number of processors]
    quiet
        Tell faults only: no notes, no progress
    progress
        Called as progress(packets, bytes, total); may raise to stop.

    Returns a :class:`pcapml.Done`; raises :class:`pcapml.Error`.
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
    """The command `pcapml relabel`; see `pcapml relabel --help`.

    Parameters
    ----------
    file
        A labelled capture
    map
        A table old,new of labels
    labels
        A table sampleID,label[,field…], such as the metadata.csv of split
    output
        The output; `-` for standard output. A name that ends in .gz or .zst is packed
    force
        Replace what is there
    strict
        Write nothing if the input is faulty
    threads
        Threads that may work; the output is the same for any number [default: the number of processors]
    quiet
        Tell faults only: no notes, no progress
    progress
        Called as progress(packets, bytes, total); may raise to stop.

    Returns a :class:`pcapml.Done`; raises :class:`pcapml.Error`.
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
    """The command `pcapml sort`; see `pcapml sort --help`.

    Parameters
    ----------
    file
        A labelled capture
    output
        The output; `-` for standard output. A name that ends in .gz or .zst is packed
    force
        Replace what is there
    by
        The order
    memory
        How much memory to use; larger captures are sorted through a temporary file
    temp_dir
        Where the temporary file goes [default: beside the output]
    strict
        Write nothing if the input is faulty
    threads
        Threads that may work; the output is the same for any number [default: the number of processors]
    quiet
        Tell faults only: no notes, no progress
    progress
        Called as progress(packets, bytes, total); may raise to stop.

    Returns a :class:`pcapml.Done`; raises :class:`pcapml.Error`.
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
    """The command `pcapml split`; see `pcapml split --help`.

    Parameters
    ----------
    file
        A capture; a labelled one, unless it is split by flow
    output
        The output directory, which must be empty or absent
    force
        Write into a directory that is not empty
    by
        What gets a file of its own
    outer
        By flow: flows of the outermost IP header, not of that inside tunnels
    key
        By flow: what further tells flows apart
    idle_timeout
        By flow: after how long without a packet a flow is over [default: 120]
    active_timeout
        By flow: after how long a flow is cut in two [default: never]
    max_flows
        By flow: how many flows may go on at once [default: 10000000]
    memory
        How much memory to use for packets; further about 2K for each file
    strict
        Write nothing if the input is faulty
    threads
        Threads that may work; the output is the same for any number [default: the number of processors]
    quiet
        Tell faults only: no notes, no progress
    progress
        Called as progress(packets, bytes, total); may raise to stop.

    Returns a :class:`pcapml.Done`; raises :class:`pcapml.Error`.
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
    """The command `pcapml strip`; see `pcapml strip --help`.

    Parameters
    ----------
    file
        A labelled capture
    output
        The output; `-` for standard output. A name that ends in .gz or .zst is packed
    force
        Replace what is there
    to
        The output's format [default: by its name, otherwise pcapng]
    per_linktype
        One output for each link type, named FILE_linktype-N
    strict
        Write nothing if the input is faulty
    threads
        Threads that may work; the output is the same for any number [default: the number of processors]
    quiet
        Tell faults only: no notes, no progress
    progress
        Called as progress(packets, bytes, total); may raise to stop.

    Returns a :class:`pcapml.Done`; raises :class:`pcapml.Error`.
    """

def samples(
    file: Path,
    *,
    format: Value | None = None,
    threads: Value | None = None,
    quiet: bool = False,
    progress: Progress | None = None,
) -> Done:
    """The command `pcapml samples`; see `pcapml samples --help`.

    Parameters
    ----------
    file
        A labelled capture
    format
        How to print the table
    threads
        Threads that may work; the output is the same for any number [default: the number of processors]
    quiet
        Tell faults only: no notes, no progress
    progress
        Called as progress(packets, bytes, total); may raise to stop.

    Returns a :class:`pcapml.Done`; raises :class:`pcapml.Error`.
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
    """The command `pcapml summary`; see `pcapml summary --help`.

    Parameters
    ----------
    file
        A labelled capture
    by
        Group by this field instead of the label
    format
        How to print the table
    threads
        Threads that may work; the output is the same for any number [default: the number of processors]
    quiet
        Tell faults only: no notes, no progress
    progress
        Called as progress(packets, bytes, total); may raise to stop.

    Returns a :class:`pcapml.Done`; raises :class:`pcapml.Error`.
    """

def select(
    file: Path,
    output: Value | None = None,
    *,
    ids: Value | None = None,
    label: Values | None = None,
    where: Values | None = None,
    allow_missing: bool = False,
    force: bool = False,
    strict: bool = False,
    threads: Value | None = None,
    quiet: bool = False,
    progress: Progress | None = None,
) -> Done:
    """The command `pcapml select`; see `pcapml select --help`.

    Parameters
    ----------
    file
        A labelled capture
    ids
        A list of sample ids, one on a line (`-` for standard input)
    label
        Samples with this label; may be repeated
    where
        Samples with this field; may be repeated
    allow_missing
        Go on if the capture lacks an id of the list
    output
        The output; `-` for standard output. A name that ends in .gz or .zst is packed
    force
        Replace what is there
    strict
        Write nothing if the input is faulty
    threads
        Threads that may work; the output is the same for any number [default: the number of processors]
    quiet
        Tell faults only: no notes, no progress
    progress
        Called as progress(packets, bytes, total); may raise to stop.

    Returns a :class:`pcapml.Done`; raises :class:`pcapml.Error`.
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
    """The command `pcapml cat`; see `pcapml cat --help`.

    Parameters
    ----------
    files
        Labelled captures, in this order
    output
        The output; `-` for standard output. A name that ends in .gz or .zst is packed
    force
        Replace what is there
    merge_samples
        Make one sample of packets with one id in several captures
    per_linktype
        One output for each link type, named FILE_linktype-N
    strict
        Write nothing if the input is faulty
    threads
        Threads that may work; the output is the same for any number [default: the number of processors]
    quiet
        Tell faults only: no notes, no progress
    progress
        Called as progress(packets, bytes, total); may raise to stop.

    Returns a :class:`pcapml.Done`; raises :class:`pcapml.Error`.
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
    """The command `pcapml convert`; see `pcapml convert --help`.

    Parameters
    ----------
    file
        A capture
    out_file
        The output; `-` for standard output. A name that ends in .gz or .zst is packed
    output
        The output, as in the other commands
    force
        Replace what is there
    to
        The output's format [default: by its name]
    packets
        Cut after so many packets; files are named OUT_00001 and so on
    size
        Cut before a file's packets exceed this size
    per_linktype
        One output for each link type, named OUT_linktype-N
    strict
        Write nothing if the input is faulty
    threads
        Threads that may work; the output is the same for any number [default: the number of processors]
    quiet
        Tell faults only: no notes, no progress
    progress
        Called as progress(packets, bytes, total); may raise to stop.

    Returns a :class:`pcapml.Done`; raises :class:`pcapml.Error`.
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
    strict: bool = False,
    threads: Value | None = None,
    quiet: bool = False,
    progress: Progress | None = None,
) -> Done:
    """The command `pcapml flows`; see `pcapml flows --help`.

    Parameters
    ----------
    files
        Captures, labelled or not, or directories of captures; `-` for standard input
    output
        The output; `-` for standard output. Its name says the format: .csv, .jsonl, .parquet, .arrow, .npy, .npz
    force
        Replace what is there
    to
        The output's format [default: by its name; csv on standard output], or that of --list
    outer
        Flows of the outermost IP header, not of that inside tunnels
    key
        What further tells flows apart
    idle_timeout
        After how long without a packet a flow is over
    active_timeout
        After how long a flow is cut in two [default: never]
    max_flows
        How many flows may go on at once, in 64 shards with a share each; where there are more, the one without a packet for longest ends
    memory
        How much memory rows that wait for their order may take; more go through a temporary file
    undefined
        What is written where nothing is defined: a rate without duration, a deviation of one value
    explain
        Tell what became of the packets, a reason a line (--explain, or --explain=json)
    order
        The order of rows
    columns
        Only the columns of these names, in this order
    bare
        Nothing but the set's own columns: no sample, label, ids before them
    list
        List all features: set, name, kind, unit, meaning, source (--list, --list=csv, --list --format md)
    rows
        What a row is about. Every sample has exactly one row of its own, also one without IP [default: by the set]
    first
        Only the first N packets of each sample (of a capture without labels: of the capture)
    dedup
        Leave out packets with the bytes of one of the four before, in the same sample, as `editcap -d` does
    label_from
        Label captures that have no labels: by `filename` (the name without its end), by `directory` (that which holds the capture), by `regex REGEX` (of the name, with groups as in label --label-by-name), or by `csv FILE` (a labels file)
    splits
        Add the column `split`, from a table sample_id,split
    packets
        Also write which flow of which sample each packet is in, or why it is in none
    partition
        Write a directory with a file for each value of a column that stands before the set: label, split, file, a field
    strict
        Write nothing if the input is faulty
    threads
        Threads that may work; the output is the same for any number [default: the number of processors]
    quiet
        Tell faults only: no notes, no progress
    progress
        Called as progress(packets, bytes, total); may raise to stop.

    Returns a :class:`pcapml.Done`; raises :class:`pcapml.Error`.
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
    mask: Values | None = None,
    fill: Value | None = None,
    threads: Value | None = None,
    quiet: bool = False,
    progress: Progress | None = None,
) -> Done:
    """The command `pcapml features`; see `pcapml features --help`.

    Parameters
    ----------
    files
        Captures, labelled or not, or directories of captures; `-` for standard input
    output
        The output; `-` for standard output. Its name says the format: .csv, .jsonl, .parquet, .arrow, .npy, .npz
    force
        Replace what is there
    to
        The output's format [default: by its name; csv on standard output], or that of --list
    outer
        Flows of the outermost IP header, not of that inside tunnels
    key
        What further tells flows apart
    idle_timeout
        After how long without a packet a flow is over
    active_timeout
        After how long a flow is cut in two [default: never]
    max_flows
        How many flows may go on at once, in 64 shards with a share each; where there are more, the one without a packet for longest ends
    memory
        How much memory rows that wait for their order may take; more go through a temporary file
    undefined
        What is written where nothing is defined: a rate without duration, a deviation of one value
    explain
        Tell what became of the packets, a reason a line (--explain, or --explain=json)
    order
        The order of rows
    columns
        Only the columns of these names, in this order
    bare
        Nothing but the set's own columns: no sample, label, ids before them
    list
        List all features: set, name, kind, unit, meaning, source (--list, --list=csv, --list --format md)
    rows
        What a row is about. Every sample has exactly one row of its own, also one without IP [default: by the set]
    first
        Only the first N packets of each sample (of a capture without labels: of the capture)
    dedup
        Leave out packets with the bytes of one of the four before, in the same sample, as `editcap -d` does
    label_from
        Label captures that have no labels: by `filename` (the name without its end), by `directory` (that which holds the capture), by `regex REGEX` (of the name, with groups as in label --label-by-name), or by `csv FILE` (a labels file)
    splits
        Add the column `split`, from a table sample_id,split
    packets
        Also write which flow of which sample each packet is in, or why it is in none
    partition
        Write a directory with a file for each value of a column that stands before the set: label, split, file, a field
    strict
        Write nothing if the input is faulty
    set
        The sets of columns, or files that list names of columns, one a line
    names
        How cic spells its columns
    legacy
        Which errors of CICFlowMeter cic-legacy makes [default: all]
    activity
        Gaps of more than this are idle
    recursive
        Each capture of a directory by itself: <name>_flow.csv of each in the directory that is the output
    session
        Of pkt_analyser: both directions are one flow
    map
        Of pkt_analyser: the fields of headers instead of whole IP packets
    name
        Of pkt_analyser: how outputs are named: NAME0.json, NAME1.json and so on [default: class]
    compat
        Of pkt_analyser: flows and retransmissions as in the original
    check_interval
        Accepted for scripts of PyFlowMeter: it said how often to look for flows that are over
    check_limit
        Accepted for scripts of PyFlowMeter: it said how many flows to look at each time
    mask
        With bytes:N: what is zeroed besides addresses and checksums
    fill
        With nprint: what stands where a header is absent, from -128 to 127 [default: -1]
    threads
        Threads that may work; the output is the same for any number [default: the number of processors]
    quiet
        Tell faults only: no notes, no progress
    progress
        Called as progress(packets, bytes, total); may raise to stop.

    Returns a :class:`pcapml.Done`; raises :class:`pcapml.Error`.
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
    strict: bool = False,
    threads: Value | None = None,
    quiet: bool = False,
    progress: Progress | None = None,
) -> Done:
    """The command `pcapml export huggingface`; see `pcapml export huggingface --help`.

    Parameters
    ----------
    files
        Labelled captures
    output
        The directory to write, which must be empty or absent
    splits
        A table sample_id,split; samples in no split are left out [default: all are in the split train]
    set
        The sets of columns, or files that list names of columns, one a line
    columns
        Only the columns of these names, in this order
    rows
        What a row is about [default: by the set]
    first
        Only the first N packets of each sample
    shard
        At most so many samples in one Parquet file
    strict
        Write nothing if the input is faulty
    threads
        Threads that may work; the output is the same for any number [default: the number of processors]
    quiet
        Tell faults only: no notes, no progress
    progress
        Called as progress(packets, bytes, total); may raise to stop.

    Returns a :class:`pcapml.Done`; raises :class:`pcapml.Error`.
    """
