#compdef pcapml

autoload -U is-at-least

_pcapml() {
    typeset -A opt_args
    typeset -a _arguments_options
    local ret=1

    if is-at-least 5.2; then
        _arguments_options=(-s -S -C)
    else
        _arguments_options=(-s -C)
    fi

    local context curcontext="$curcontext" state line
    _arguments "${_arguments_options[@]}" : \
'--threads=[Threads that may work; the output is the same for any number \[default\: the number of processors\]]:N:_default' \
'-D+[Label this directory of captures (with -L and -W)]:DIR:_files' \
'--file-dir=[Label this directory of captures (with -L and -W)]:DIR:_files' \
'-P+[Label this capture (with -L and -W)]:FILE:_files' \
'--pcap=[Label this capture (with -L and -W)]:FILE:_files' \
'-M+[Split (-O), sort (-s -W) or strip (-p -W) this labelled capture]:FILE:_files' \
'--pcapml=[Split (-O), sort (-s -W) or strip (-p -W) this labelled capture]:FILE:_files' \
'-L+[The labels file]:FILE:_files' \
'--label-file=[The labels file]:FILE:_files' \
'-W+[The output file]:FILE:_files' \
'--outfile=[The output file]:FILE:_files' \
'-O+[The output directory]:DIR:_files' \
'--outdir=[The output directory]:DIR:_files' \
'-q[Tell faults only\: no notes, no progress]' \
'--quiet[Tell faults only\: no notes, no progress]' \
'-s[Sort by sample id and time]' \
'--sort[Sort by sample id and time]' \
'-p[Strip the labels; writes pcap unless the output is named .pcapng]' \
'--strip[Strip the labels; writes pcap unless the output is named .pcapng]' \
'-t[Print packets and bytes of each rule]' \
'--stats[Print packets and bytes of each rule]' \
'-f[Replace what is there]' \
'--force[Replace what is there]' \
'-h[Print help]' \
'--help[Print help]' \
'-V[Print version]' \
'--version[Print version]' \
":: :_pcapml_commands" \
"*::: :->pcapml" \
&& ret=0
    case $state in
    (pcapml)
        words=($line[1] "${words[@]}")
        (( CURRENT += 1 ))
        curcontext="${curcontext%:*:*}:pcapml-command-$line[1]:"
        case $line[1] in
            (label)
_arguments "${_arguments_options[@]}" : \
'-l+[The labels file\: rows of files with a header, or rules without one]:FILE:_files' \
'--labels=[The labels file\: rows of files with a header, or rules without one]:FILE:_files' \
'(-l --labels)--flows=[Label by flow records\: a packet belongs to the record with its addresses, protocol and ports, in either direction, that began last of those going on]:FILE:_files' \
'--format=[The format of the flow records\: auto, a preset, or columns\:src=…,dst=…,sport=…,dport=…,proto=…,start=…, end=…|duration=…,label=…]:FORMAT:_default' \
'--timezone=[Where the clock of the flow records stood\: an IANA name (America/Halifax) or an offset (-03\:00)]:ZONE:_default' \
'--tolerance=[Widen every flow record at both ends\: seconds, or a number with ms, s, m or h]:TIME:_default' \
'--time-format=[How the flow records write times\: s, ms, us or ns since 1970, or a strptime format]:FORMAT:_default' \
'--duration-unit=[The unit of the flow records'\'' durations\: s, ms, us or ns]:UNIT:_default' \
'--label-column=[The column of the flow records that holds the label]:NAME:_default' \
'--group-by=[What makes flow records one sample\: each record unless told otherwise]:WHAT:((record\:"Each record is a sample"
label\:"All records of a label"
window\:"Records of a label without a gap of --idle-timeout\: one wave of an attack"))' \
'(-l --labels --flows)--label-by-name=[Label captures by their names\: a regular expression with a group (?<label>…); other groups become fields]:REGEX:_default' \
'(-l --labels --flows --label-by-name)--packet-labels=[Label single packets\: a table packet,label\[,time\]\[,file\]\[,field…\]\[,hash_key\]]:FILE:_files' \
'*--by=[Label by \`interface\` (their names), \`comment REGEX\` (groups as in --label-by-name; comments of pcapml are not asked), \`host FILE\` (a table; of the outermost addresses the longest prefix wins, hardware addresses like whole ones), or \`flow\`\: every conversation a sample, labelled by another option, or all with the label -]:WHAT:_default' \
'--idle-timeout=[After how many seconds without a packet a flow of --by flow is over\: 120 unless told otherwise]:TIME:_default' \
'-o+[The output; \`-\` for standard output. A name that ends in .gz or .zst is packed]:FILE:_files' \
'--output=[The output; \`-\` for standard output. A name that ends in .gz or .zst is packed]:FILE:_files' \
'--match=[Packets that several rules match\: the first wins unless told otherwise]:WHICH:((first\:"The first rule in the file wins"
all\:"One comment for each sample"
unique\:"An error that names both rules"))' \
'--ids=[How samples get their ids]:KIND:((hash\:"A hash of what the sample is made of\: the same on every machine, whatever its label"
sequential\:"0, 1, 2 … in the order of the labels file; of first packets, where labels come from elsewhere"))' \
'--namespace=[The dataset'\''s name, which its ids depend on\: datasets with different names can be joined]:NAME:_default' \
'--compat=[Write what an older reader understands]:READER:((0.3\:"C++ pcapml 0.3"
go\:"The Go pcapml"))' \
'--stats=[Print packets and bytes of each rule, which rules are shadowed, and whose windows seem to be of another time zone (--stats, --stats=csv or --stats=json)]::FORMAT:((table\:"Aligned columns"
csv\:"RFC 4180, with a header"
json\:"An array of objects"))' \
'(-o --output --stats --flows --packet-labels --by)--explain=[Tell which rules match a packet and why the first wins, and write nothing\: N, or FILE\:N of a directory (with --labels or --label-by-name)]:N:_default' \
'--threads=[Threads that may work; the output is the same for any number \[default\: the number of processors\]]:N:_default' \
'-f[Replace what is there]' \
'--force[Replace what is there]' \
'--keep-unlabeled[Write packets that no rule matches too, without a comment]' \
'--strict[Write nothing if an input is faulty, a rule matches nothing, or a capture is in no row]' \
'--per-linktype[One output for each link type, named FILE_linktype-N]' \
'--source[Give each sample the field source=FILE; a directory labelled by flows or flow records always has it]' \
'-q[Tell faults only\: no notes, no progress]' \
'--quiet[Tell faults only\: no notes, no progress]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
':input -- A directory, searched recursively, or one capture (`-` for standard input):_files' \
&& ret=0
;;
(relabel)
_arguments "${_arguments_options[@]}" : \
'--map=[A table old,new of labels]:FILE:_files' \
'-l+[A table sampleID,label\[,field…\], such as the metadata.csv of split]:FILE:_files' \
'--labels=[A table sampleID,label\[,field…\], such as the metadata.csv of split]:FILE:_files' \
'-o+[The output; \`-\` for standard output. A name that ends in .gz or .zst is packed]:FILE:_files' \
'--output=[The output; \`-\` for standard output. A name that ends in .gz or .zst is packed]:FILE:_files' \
'--threads=[Threads that may work; the output is the same for any number \[default\: the number of processors\]]:N:_default' \
'-f[Replace what is there]' \
'--force[Replace what is there]' \
'--strict[Write nothing if the input is faulty]' \
'-q[Tell faults only\: no notes, no progress]' \
'--quiet[Tell faults only\: no notes, no progress]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
':file -- A labelled capture:_files' \
&& ret=0
;;
(sort)
_arguments "${_arguments_options[@]}" : \
'-o+[The output; \`-\` for standard output. A name that ends in .gz or .zst is packed]:FILE:_files' \
'--output=[The output; \`-\` for standard output. A name that ends in .gz or .zst is packed]:FILE:_files' \
'--by=[The order]:KEY:((id\:"Sample id, then time"
time\:"Time\: the order of the capture"))' \
'--memory=[How much memory to use; larger captures are sorted through a temporary file]:SIZE:_default' \
'--temp-dir=[Where the temporary file goes \[default\: beside the output\]]:DIR:_files -/' \
'--threads=[Threads that may work; the output is the same for any number \[default\: the number of processors\]]:N:_default' \
'-f[Replace what is there]' \
'--force[Replace what is there]' \
'--strict[Write nothing if the input is faulty]' \
'-q[Tell faults only\: no notes, no progress]' \
'--quiet[Tell faults only\: no notes, no progress]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
':file -- A labelled capture:_files' \
&& ret=0
;;
(split)
_arguments "${_arguments_options[@]}" : \
'-o+[The output directory, which must be empty or absent]:DIR:_files -/' \
'--output=[The output directory, which must be empty or absent]:DIR:_files -/' \
'--by=[What gets a file of its own]:WHAT:((sample\:"Each sample of a labelled capture"
flow\:"Each flow of each sample; the capture may be unlabelled"))' \
'*--key=[By flow\: what further tells flows apart]:PARTS:((vlan\:"The outermost VLAN"
tunnel\:"The tunnel\: its kind, ends and number"))' \
'-t+[By flow\: after how long without a packet a flow is over \[default\: 120\]]:TIME:_default' \
'--idle-timeout=[By flow\: after how long without a packet a flow is over \[default\: 120\]]:TIME:_default' \
'--active-timeout=[By flow\: after how long a flow is cut in two \[default\: never\]]:TIME:_default' \
'--max-flows=[By flow\: how many flows may go on at once \[default\: 10000000\]]:N:_default' \
'--memory=[How much memory to use for packets; further about 2K for each file]:SIZE:_default' \
'--threads=[Threads that may work; the output is the same for any number \[default\: the number of processors\]]:N:_default' \
'-f[Write into a directory that is not empty]' \
'--force[Write into a directory that is not empty]' \
'--outer[By flow\: flows of the outermost IP header, not of that inside tunnels]' \
'--strict[Write nothing if the input is faulty]' \
'-q[Tell faults only\: no notes, no progress]' \
'--quiet[Tell faults only\: no notes, no progress]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
':file -- A capture; a labelled one, unless it is split by flow:_files' \
&& ret=0
;;
(strip)
_arguments "${_arguments_options[@]}" : \
'-o+[The output; \`-\` for standard output. A name that ends in .gz or .zst is packed]:FILE:_files' \
'--output=[The output; \`-\` for standard output. A name that ends in .gz or .zst is packed]:FILE:_files' \
'--to=[The output'\''s format \[default\: by its name, otherwise pcapng\]]:FORMAT:((pcap\:"One link type, no comments"
pcapng\:"Everything"))' \
'--threads=[Threads that may work; the output is the same for any number \[default\: the number of processors\]]:N:_default' \
'-f[Replace what is there]' \
'--force[Replace what is there]' \
'--per-linktype[One output for each link type, named FILE_linktype-N]' \
'--strict[Write nothing if the input is faulty]' \
'-q[Tell faults only\: no notes, no progress]' \
'--quiet[Tell faults only\: no notes, no progress]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
':file -- A labelled capture:_files' \
&& ret=0
;;
(samples)
_arguments "${_arguments_options[@]}" : \
'--format=[How to print the table]:FORMAT:((table\:"Aligned columns"
csv\:"RFC 4180, with a header"
json\:"An array of objects"))' \
'--threads=[Threads that may work; the output is the same for any number \[default\: the number of processors\]]:N:_default' \
'-q[Tell faults only\: no notes, no progress]' \
'--quiet[Tell faults only\: no notes, no progress]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
':file -- A labelled capture:_files' \
&& ret=0
;;
(summary)
_arguments "${_arguments_options[@]}" : \
'--by=[Group by this field instead of the label]:FIELD:_default' \
'--format=[How to print the table]:FORMAT:((table\:"Aligned columns"
csv\:"RFC 4180, with a header"
json\:"An array of objects"))' \
'--threads=[Threads that may work; the output is the same for any number \[default\: the number of processors\]]:N:_default' \
'-q[Tell faults only\: no notes, no progress]' \
'--quiet[Tell faults only\: no notes, no progress]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
':file -- A labelled capture:_files' \
&& ret=0
;;
(select)
_arguments "${_arguments_options[@]}" : \
'--ids=[A list of sample ids, one on a line (\`-\` for standard input)]:FILE:_files' \
'(--ids)--splits=[A table sample_id,split (see pcapml partition), of which --split and --fold choose]:FILE:_files' \
'*--split=[Samples of this split; may be repeated]:NAME:_default' \
'*--fold=[Samples of this fold; may be repeated]:N:_default' \
'*--label=[Samples with this label; may be repeated]:LABEL:_default' \
'*--where=[Samples with this field; may be repeated]:KEY=VALUE:_default' \
'--labels=[What becomes of labels]:WHAT:((keep\:"They stay"
none\:"They go, with all that may tell them\: for a challenge"))' \
'*--mask=[Zero these fields in all packets, and the checksums that would tell them]:FIELDS:_default' \
'--mask-from=[Zero the fields that the \`disallow\` of a manifest (dataset.toml) names]:FILE:_files' \
'-o+[The output; \`-\` for standard output. A name that ends in .gz or .zst is packed]:FILE:_files' \
'--output=[The output; \`-\` for standard output. A name that ends in .gz or .zst is packed]:FILE:_files' \
'--threads=[Threads that may work; the output is the same for any number \[default\: the number of processors\]]:N:_default' \
'--allow-missing[Go on if the capture lacks an id of the list]' \
'-f[Replace what is there]' \
'--force[Replace what is there]' \
'--strict[Write nothing if the input is faulty]' \
'-q[Tell faults only\: no notes, no progress]' \
'--quiet[Tell faults only\: no notes, no progress]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
':file -- A labelled capture:_files' \
&& ret=0
;;
(partition)
_arguments "${_arguments_options[@]}" : \
'-o+[The directory of the lists, which must be empty or absent]:DIR:_files -/' \
'--output=[The directory of the lists, which must be empty or absent]:DIR:_files -/' \
'--ratio=[The splits and their shares, of any sum]:NAME=SHARE,…:_default' \
'--by=[What stays together\: sample, flow, host, capture, field\:NAME; or time]:WHAT:_default' \
'--folds=[Deal what is outside test and challenge into so many folds, for cross-validation]:K:_default' \
'--stratify=[What each split is to have its share of\: label, or field\:NAME]:WHAT:_default' \
'--seed=[Another one gives other splits \[default\: 1\]]:N:_default' \
'--challenge=[Carve out so many percent of the groups, whose labels are kept back]:PERCENT:_default' \
'--gap=[By time\: how far apart splits are at least \[default\: 0\]]:TIME:_default' \
'--idle-timeout=[By flow\: after how long without a packet a flow is over \[default\: 120\]]:TIME:_default' \
'--dataset=[The dataset'\''s name in the lists \[default\: what the capture says\]]:NAME:_default' \
'--dataset-version=[The dataset'\''s version in the lists \[default\: what the capture says\]]:VERSION:_default' \
'--format=[How to print the table]:FORMAT:((table\:"Aligned columns"
csv\:"RFC 4180, with a header"
json\:"An array of objects"))' \
'--threads=[Threads that may work; the output is the same for any number \[default\: the number of processors\]]:N:_default' \
'--strict[Write nothing if the input is faulty]' \
'-q[Tell faults only\: no notes, no progress]' \
'--quiet[Tell faults only\: no notes, no progress]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
':file -- A labelled capture:_files' \
&& ret=0
;;
(check)
_arguments "${_arguments_options[@]}" : \
'--splits=[A table sample_id,split, as pcapml partition writes it]:FILE:_files' \
'--samples=[The sample table\: sample_id,label,sha256 \[default\: contents.csv beside --splits, if it is there\]]:FILE:_files' \
'*--ids=[A list of ids, of the split that it says, or else that its name is; may be repeated]:FILE:_files' \
'*--split=[The capture is to hold this split only; may be repeated]:NAME:_default' \
'--format=[How to print the table]:FORMAT:((table\:"Aligned columns"
csv\:"RFC 4180, with a header"
json\:"An array of objects"))' \
'--threads=[Threads that may work; the output is the same for any number \[default\: the number of processors\]]:N:_default' \
'--allow-unlabeled[Packets of no sample are no fault]' \
'-q[Tell faults only\: no notes, no progress]' \
'--quiet[Tell faults only\: no notes, no progress]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
':file -- A labelled capture:_files' \
&& ret=0
;;
(diff)
_arguments "${_arguments_options[@]}" : \
'--format=[How to print the table]:FORMAT:((table\:"Aligned columns"
csv\:"RFC 4180, with a header"
json\:"An array of objects"))' \
'--threads=[Threads that may work; the output is the same for any number \[default\: the number of processors\]]:N:_default' \
'--list[A row for each change of a sample, instead of their sums]' \
'-q[Tell faults only\: no notes, no progress]' \
'--quiet[Tell faults only\: no notes, no progress]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
':old -- The old version\: a labelled capture, or a table of samples:_files' \
':new -- The new version:_files' \
&& ret=0
;;
(anonymize)
_arguments "${_arguments_options[@]}" : \
'--key-file=[The key\: 32 bytes, or 64 hex digits]:FILE:_files' \
'-o+[The output; \`-\` for standard output. A name that ends in .gz or .zst is packed]:FILE:_files' \
'--output=[The output; \`-\` for standard output. A name that ends in .gz or .zst is packed]:FILE:_files' \
'--payload=[What stays of payloads\: drop, keep, or so many bytes]:drop|keep|N:_default' \
'--ports=[What becomes of ports]:RULE:((keep\:"They stay\: services are known by them"
keyed\:"Each becomes another one; 0 stays"))' \
'--mac=[What becomes of hardware addresses]:RULE:((keyed\:"All of it is replaced\: the vendor that one sees means nothing"
vendor\:"The vendor'\''s half stays, of addresses that vendors give"))' \
'--ids=[What becomes of sample ids]:RULE:((keep\:"They stay, so that lists of ids stay true"
rekey\:"Each becomes another one of 63 bits"))' \
'--shift-times=[Move times, those of each group by as much\: sample, field\:NAME, or all \[default group\: sample\]]::GROUP:_default' \
'--threads=[Threads that may work; the output is the same for any number \[default\: the number of processors\]]:N:_default' \
'-f[Replace what is there]' \
'--force[Replace what is there]' \
'--strict[Write nothing if the input is faulty]' \
'-q[Tell faults only\: no notes, no progress]' \
'--quiet[Tell faults only\: no notes, no progress]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
':file -- A capture, labelled or not:_files' \
&& ret=0
;;
(cat)
_arguments "${_arguments_options[@]}" : \
'-o+[The output; \`-\` for standard output. A name that ends in .gz or .zst is packed]:FILE:_files' \
'--output=[The output; \`-\` for standard output. A name that ends in .gz or .zst is packed]:FILE:_files' \
'--threads=[Threads that may work; the output is the same for any number \[default\: the number of processors\]]:N:_default' \
'-f[Replace what is there]' \
'--force[Replace what is there]' \
'--merge-samples[Make one sample of packets with one id in several captures]' \
'--per-linktype[One output for each link type, named FILE_linktype-N]' \
'--strict[Write nothing if the input is faulty]' \
'-q[Tell faults only\: no notes, no progress]' \
'--quiet[Tell faults only\: no notes, no progress]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'*::files -- Labelled captures, in this order:_files' \
&& ret=0
;;
(convert)
_arguments "${_arguments_options[@]}" : \
'-o+[The output, as in the other commands]:FILE:_files' \
'--output=[The output, as in the other commands]:FILE:_files' \
'--to=[The output'\''s format \[default\: by its name\]]:FORMAT:((pcap\:"One link type, no comments"
pcapng\:"Everything"))' \
'(--size)--packets=[Cut after so many packets; files are named OUT_00001 and so on]:N:_default' \
'--size=[Cut before a file'\''s packets exceed this size]:SIZE:_default' \
'--threads=[Threads that may work; the output is the same for any number \[default\: the number of processors\]]:N:_default' \
'-f[Replace what is there]' \
'--force[Replace what is there]' \
'--per-linktype[One output for each link type, named OUT_linktype-N]' \
'--strict[Write nothing if the input is faulty]' \
'-q[Tell faults only\: no notes, no progress]' \
'--quiet[Tell faults only\: no notes, no progress]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
':file -- A capture:_files' \
'::out_file -- The output; `-` for standard output. A name that ends in .gz or .zst is packed:_files' \
&& ret=0
;;
(flows)
_arguments "${_arguments_options[@]}" : \
'-o+[The output; \`-\` for standard output. Its name says the format\: .csv, .jsonl, .parquet, .arrow, .sqlite, .npy, .npz]:FILE:_files' \
'--output=[The output; \`-\` for standard output. Its name says the format\: .csv, .jsonl, .parquet, .arrow, .sqlite, .npy, .npz]:FILE:_files' \
'--to=[The output'\''s format \[default\: by its name; csv on standard output\], or that of --list]:FORMAT:((csv\:"RFC 4180, with a header"
jsonl\:"One JSON object a line"
parquet\:"Apache Parquet"
arrow\:"Apache Arrow'\''s file format; as a stream on standard output"
npy\:"A NumPy array of the numbers"
npz\:"NumPy arrays\: numbers, columns, ids, labels"
sqlite\:"A database of SQLite, with one table\: rows"
nprint\:"CSV as nPrint writes it\: the source address, then a column for each bit (with the set nprint alone)"
table\:"Of --list\: aligned columns"
json\:"Of --list\: an array of objects"
md\:"Of --list\: Markdown, a table for each set"))' \
'--format=[The output'\''s format \[default\: by its name; csv on standard output\], or that of --list]:FORMAT:((csv\:"RFC 4180, with a header"
jsonl\:"One JSON object a line"
parquet\:"Apache Parquet"
arrow\:"Apache Arrow'\''s file format; as a stream on standard output"
npy\:"A NumPy array of the numbers"
npz\:"NumPy arrays\: numbers, columns, ids, labels"
sqlite\:"A database of SQLite, with one table\: rows"
nprint\:"CSV as nPrint writes it\: the source address, then a column for each bit (with the set nprint alone)"
table\:"Of --list\: aligned columns"
json\:"Of --list\: an array of objects"
md\:"Of --list\: Markdown, a table for each set"))' \
'*--key=[What further tells flows apart]:PARTS:((vlan\:"The outermost VLAN"
tunnel\:"The tunnel\: its kind, ends and number"))' \
'-t+[After how long without a packet a flow is over]:TIME:_default' \
'--idle-timeout=[After how long without a packet a flow is over]:TIME:_default' \
'--active-timeout=[After how long a flow is cut in two \[default\: never\]]:TIME:_default' \
'--max-flows=[How many flows may go on at once, in 64 shards with a share each; where there are more, the one without a packet for longest ends]:N:_default' \
'--memory=[How much memory rows that wait for their order may take; more go through a temporary file]:SIZE:_default' \
'--undefined=[What is written where nothing is defined\: a rate without duration, a deviation of one value]:WHAT:((empty\:"Nothing, or null"
0\:"0"
nan\:"NaN"))' \
'--explain=[Tell what became of the packets, a reason a line (--explain, or --explain=json)]::HOW:((text\:"One line for each reason"
json\:"One JSON object"))' \
'--order=[The order of rows]:BY:((start\:"By the flow'\''s first packet"
end\:"By the time of the flow'\''s last packet, then by its first packet"))' \
'*--columns=[Only the columns of these names, in this order]:NAMES:_default' \
'--list=[List all features\: set, name, kind, unit, meaning, source (--list, --list=csv, --list --format md)]::FORMAT:((csv\:"RFC 4180, with a header"
jsonl\:"One JSON object a line"
parquet\:"Apache Parquet"
arrow\:"Apache Arrow'\''s file format; as a stream on standard output"
npy\:"A NumPy array of the numbers"
npz\:"NumPy arrays\: numbers, columns, ids, labels"
sqlite\:"A database of SQLite, with one table\: rows"
nprint\:"CSV as nPrint writes it\: the source address, then a column for each bit (with the set nprint alone)"
table\:"Of --list\: aligned columns"
json\:"Of --list\: an array of objects"
md\:"Of --list\: Markdown, a table for each set"))' \
'--rows=[What a row is about. Every sample has exactly one row of its own, also one without IP \[default\: by the set\]]:WHAT:((packet\:"A packet\: of the sets bytes, nprint, headers"
flow\:"A flow"
sample\:"A sample\: its totals (--set stats), and its first flow; of a capture without labels, the capture"))' \
'--first=[Only the first N packets of each sample (of a capture without labels\: of the capture)]:N:_default' \
'*--label-from=[Label captures that have no labels\: by \`filename\` (the name without its end), by \`directory\` (that which holds the capture), by \`regex REGEX\` (of the name, with groups as in label --label-by-name), or by \`csv FILE\` (a labels file)]:WHAT:_default' \
'--splits=[Add the column \`split\`, from a table sample_id,split]:FILE:_files' \
'--packets=[Also write which flow of which sample each packet is in, or why it is in none (flow_id; first_packet where that would tell what is masked)]:FILE:_files' \
'--partition=[Write a directory with a file for each value of a column that stands before the set\: label, split, file, a field]:COLUMN:_default' \
'*--mask=[Let nothing rest on these fields of packets, nor on those that the input disallows]:FIELDS:_default' \
'--threads=[Threads that may work; the output is the same for any number \[default\: the number of processors\]]:N:_default' \
'-f[Replace what is there]' \
'--force[Replace what is there]' \
'--outer[Flows of the outermost IP header, not of that inside tunnels]' \
'--bare[Nothing but the set'\''s own columns\: no sample, label, ids before them]' \
'--dedup[Leave out packets with the bytes of one of the four before, in the same sample, as \`editcap -d\` does]' \
'--allow-disallowed[Let features rest on fields that the input disallows (the \`disallow\` of its header)]' \
'--strict[Write nothing if the input is faulty]' \
'-q[Tell faults only\: no notes, no progress]' \
'--quiet[Tell faults only\: no notes, no progress]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'*::files -- Captures, labelled or not, or directories of captures; `-` for standard input:_files' \
&& ret=0
;;
(features)
_arguments "${_arguments_options[@]}" : \
'-o+[The output; \`-\` for standard output. Its name says the format\: .csv, .jsonl, .parquet, .arrow, .sqlite, .npy, .npz]:FILE:_files' \
'--output=[The output; \`-\` for standard output. Its name says the format\: .csv, .jsonl, .parquet, .arrow, .sqlite, .npy, .npz]:FILE:_files' \
'--to=[The output'\''s format \[default\: by its name; csv on standard output\], or that of --list]:FORMAT:((csv\:"RFC 4180, with a header"
jsonl\:"One JSON object a line"
parquet\:"Apache Parquet"
arrow\:"Apache Arrow'\''s file format; as a stream on standard output"
npy\:"A NumPy array of the numbers"
npz\:"NumPy arrays\: numbers, columns, ids, labels"
sqlite\:"A database of SQLite, with one table\: rows"
nprint\:"CSV as nPrint writes it\: the source address, then a column for each bit (with the set nprint alone)"
table\:"Of --list\: aligned columns"
json\:"Of --list\: an array of objects"
md\:"Of --list\: Markdown, a table for each set"))' \
'--format=[The output'\''s format \[default\: by its name; csv on standard output\], or that of --list]:FORMAT:((csv\:"RFC 4180, with a header"
jsonl\:"One JSON object a line"
parquet\:"Apache Parquet"
arrow\:"Apache Arrow'\''s file format; as a stream on standard output"
npy\:"A NumPy array of the numbers"
npz\:"NumPy arrays\: numbers, columns, ids, labels"
sqlite\:"A database of SQLite, with one table\: rows"
nprint\:"CSV as nPrint writes it\: the source address, then a column for each bit (with the set nprint alone)"
table\:"Of --list\: aligned columns"
json\:"Of --list\: an array of objects"
md\:"Of --list\: Markdown, a table for each set"))' \
'*--key=[What further tells flows apart]:PARTS:((vlan\:"The outermost VLAN"
tunnel\:"The tunnel\: its kind, ends and number"))' \
'-t+[After how long without a packet a flow is over]:TIME:_default' \
'--idle-timeout=[After how long without a packet a flow is over]:TIME:_default' \
'--active-timeout=[After how long a flow is cut in two \[default\: never\]]:TIME:_default' \
'--max-flows=[How many flows may go on at once, in 64 shards with a share each; where there are more, the one without a packet for longest ends]:N:_default' \
'--memory=[How much memory rows that wait for their order may take; more go through a temporary file]:SIZE:_default' \
'--undefined=[What is written where nothing is defined\: a rate without duration, a deviation of one value]:WHAT:((empty\:"Nothing, or null"
0\:"0"
nan\:"NaN"))' \
'--explain=[Tell what became of the packets, a reason a line (--explain, or --explain=json)]::HOW:((text\:"One line for each reason"
json\:"One JSON object"))' \
'--order=[The order of rows]:BY:((start\:"By the flow'\''s first packet"
end\:"By the time of the flow'\''s last packet, then by its first packet"))' \
'*--columns=[Only the columns of these names, in this order]:NAMES:_default' \
'--list=[List all features\: set, name, kind, unit, meaning, source (--list, --list=csv, --list --format md)]::FORMAT:((csv\:"RFC 4180, with a header"
jsonl\:"One JSON object a line"
parquet\:"Apache Parquet"
arrow\:"Apache Arrow'\''s file format; as a stream on standard output"
npy\:"A NumPy array of the numbers"
npz\:"NumPy arrays\: numbers, columns, ids, labels"
sqlite\:"A database of SQLite, with one table\: rows"
nprint\:"CSV as nPrint writes it\: the source address, then a column for each bit (with the set nprint alone)"
table\:"Of --list\: aligned columns"
json\:"Of --list\: an array of objects"
md\:"Of --list\: Markdown, a table for each set"))' \
'--rows=[What a row is about. Every sample has exactly one row of its own, also one without IP \[default\: by the set\]]:WHAT:((packet\:"A packet\: of the sets bytes, nprint, headers"
flow\:"A flow"
sample\:"A sample\: its totals (--set stats), and its first flow; of a capture without labels, the capture"))' \
'--first=[Only the first N packets of each sample (of a capture without labels\: of the capture)]:N:_default' \
'*--label-from=[Label captures that have no labels\: by \`filename\` (the name without its end), by \`directory\` (that which holds the capture), by \`regex REGEX\` (of the name, with groups as in label --label-by-name), or by \`csv FILE\` (a labels file)]:WHAT:_default' \
'--splits=[Add the column \`split\`, from a table sample_id,split]:FILE:_files' \
'--packets=[Also write which flow of which sample each packet is in, or why it is in none (flow_id; first_packet where that would tell what is masked)]:FILE:_files' \
'--partition=[Write a directory with a file for each value of a column that stands before the set\: label, split, file, a field]:COLUMN:_default' \
'*--mask=[Let nothing rest on these fields of packets, nor on those that the input disallows]:FIELDS:_default' \
'*--set=[The sets of columns, or files that list names of columns, one a line]:SETS:_default' \
'--names=[How cic spells its columns]:WHOSE:((cic\:"CICFlowMeter 4"
cic2017\:"CIC-IDS2017"
cic2018\:"CSE-CIC-IDS2018"))' \
'*--legacy=[Which errors of CICFlowMeter cic-legacy makes \[default\: all\]]:NAMES:_default' \
'--activity=[Gaps of more than this are idle]:TIME:_default' \
'-n+[Of pkt_analyser\: how outputs are named\: NAME0.json, NAME1.json and so on \[default\: class\]]:NAME:_default' \
'--name=[Of pkt_analyser\: how outputs are named\: NAME0.json, NAME1.json and so on \[default\: class\]]:NAME:_default' \
'-i+[Accepted for scripts of PyFlowMeter\: it said how often to look for flows that are over]:N:_default' \
'--check-interval=[Accepted for scripts of PyFlowMeter\: it said how often to look for flows that are over]:N:_default' \
'-l+[Accepted for scripts of PyFlowMeter\: it said how many flows to look at each time]:N:_default' \
'--check-limit=[Accepted for scripts of PyFlowMeter\: it said how many flows to look at each time]:N:_default' \
'--fill=[With nprint\: what stands where a header is absent, from -128 to 127 \[default\: -1\]]:NUMBER:_default' \
'--threads=[Threads that may work; the output is the same for any number \[default\: the number of processors\]]:N:_default' \
'-f[Replace what is there]' \
'--force[Replace what is there]' \
'--outer[Flows of the outermost IP header, not of that inside tunnels]' \
'--bare[Nothing but the set'\''s own columns\: no sample, label, ids before them]' \
'--dedup[Leave out packets with the bytes of one of the four before, in the same sample, as \`editcap -d\` does]' \
'--allow-disallowed[Let features rest on fields that the input disallows (the \`disallow\` of its header)]' \
'--strict[Write nothing if the input is faulty]' \
'-r[Each capture of a directory by itself\: <name>_flow.csv of each in the directory that is the output]' \
'--recursive[Each capture of a directory by itself\: <name>_flow.csv of each in the directory that is the output]' \
'-s[Of pkt_analyser\: both directions are one flow]' \
'--session[Of pkt_analyser\: both directions are one flow]' \
'-m[Of pkt_analyser\: the fields of headers instead of whole IP packets]' \
'--map[Of pkt_analyser\: the fields of headers instead of whole IP packets]' \
'--compat[Of pkt_analyser\: flows and retransmissions as in the original]' \
'-q[Tell faults only\: no notes, no progress]' \
'--quiet[Tell faults only\: no notes, no progress]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'*::files -- Captures, labelled or not, or directories of captures; `-` for standard input:_files' \
&& ret=0
;;
(dissect)
_arguments "${_arguments_options[@]}" : \
'-o+[The output\: a file, a directory for tables of several types; \`-\` for standard output]:FILE|DIR:_files' \
'--output=[The output\: a file, a directory for tables of several types; \`-\` for standard output]:FILE|DIR:_files' \
'--format=[How records are written \[default\: by the output'\''s name; jsonl on standard output\]]:FORMAT:((jsonl\:"One JSON object a line, all types together"
csv\:"A table of each type"
parquet\:"A table of each type"))' \
'--to=[How records are written \[default\: by the output'\''s name; jsonl on standard output\]]:FORMAT:((jsonl\:"One JSON object a line, all types together"
csv\:"A table of each type"
parquet\:"A table of each type"))' \
'*--only=[Only records of these types, or of these protocols]:TYPES:_default' \
'--names=[Whose names fields have]:WHOSE:((zeek\:"Those of Zeek'\''s logs"
ecs\:"Those of Elastic'\''s common schema"))' \
'--dns=[What a record of the DNS is about]:WHAT:((exchange\:"A query and its response"
message\:"A message"))' \
'--shape=[In whose form records of the DNS are\: \`seed\` tells each message as packet_analysis does, in JSON Lines]:WHOSE:((own\:"Ours"
seed\:"That of packet_analysis"))' \
'--times=[How times are written in JSON]:HOW:((epoch\:"Seconds since 1970"
rfc3339\:"RFC 3339 in UTC"))' \
'--body=[How much of a body to keep]:SIZE:_default' \
'*--local-net=[A network that is local, for local_orig and local_resp; may be given several times]:CIDR:_default' \
'*--key=[What further tells conversations apart]:PARTS:((vlan\:"The outermost VLAN"
tunnel\:"The tunnel\: its kind, ends and number"))' \
'-t+[After how long without a packet a conversation is over]:TIME:_default' \
'--idle-timeout=[After how long without a packet a conversation is over]:TIME:_default' \
'--max-flows=[How many conversations may go on at once; where there are more, the one without a packet for longest ends]:N:_default' \
'--overlap=[Which bytes count where two segments of TCP hold the same place]:WHICH:((first\:"Those that came first"
last\:"Those that came last"))' \
'--memory=[How much memory may be taken by what waits\: bytes of streams, messages that are not whole, fragments, and records for their order; a body of each side has room in any case]:SIZE:_default' \
'--explain=[Tell what became of the packets, a reason a line (--explain, or --explain=json)]::HOW:((text\:"One line for each reason"
json\:"One JSON object"))' \
'--list=[List all types of records and their fields (--list, --list=csv, --list=md)]::FORMAT:((table\:"Aligned columns"
csv\:"RFC 4180, with a header"
json\:"An array of objects"
md\:"Markdown, a table for each type"))' \
'--threads=[Threads that may work; the output is the same for any number \[default\: the number of processors\]]:N:_default' \
'-f[Replace what is there]' \
'--force[Replace what is there]' \
'--secrets[Tell passwords and what stands for them]' \
'--outer[Conversations of the outermost IP header, not of that inside tunnels]' \
'--strict[Write nothing if the input is faulty]' \
'-q[Tell faults only\: no notes, no progress]' \
'--quiet[Tell faults only\: no notes, no progress]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'*::files -- Captures, labelled or not, or directories of captures; `-` for standard input:_files' \
&& ret=0
;;
(streams)
_arguments "${_arguments_options[@]}" : \
'-o+[The output\: a directory, or a file of JSON Lines; \`-\` for standard output]:DIR|FILE:_files' \
'--output=[The output\: a directory, or a file of JSON Lines; \`-\` for standard output]:DIR|FILE:_files' \
'--format=[How streams are written \[default\: by the output'\''s name; jsonl on standard output\]]:FORMAT:((files\:"A directory\: a file for each direction, and streams.csv"
jsonl\:"One JSON object a line"))' \
'--to=[How streams are written \[default\: by the output'\''s name; jsonl on standard output\]]:FORMAT:((files\:"A directory\: a file for each direction, and streams.csv"
jsonl\:"One JSON object a line"))' \
'--mode=[Of JSON Lines\: what an object is about \[default\: session\]]:WHAT:((session\:"A conversation, when it ends"
chunk\:"What came at once\: the new bytes of a segment, or a datagram"
exchange\:"What one side sent before the other one spoke"))' \
'--bpf=[Only packets that pass this filter of pcap-filter(7); ports are only in the first fragment of a datagram]:FILTER:_default' \
'*--key=[What further tells conversations apart]:PARTS:((vlan\:"The outermost VLAN"
tunnel\:"The tunnel\: its kind, ends and number"))' \
'-t+[After how long without a packet a conversation is over]:TIME:_default' \
'--idle-timeout=[After how long without a packet a conversation is over]:TIME:_default' \
'--max-flows=[How many conversations may go on at once; where there are more, the one without a packet for longest ends]:N:_default' \
'--overlap=[Which bytes count where two segments of TCP hold the same place]:WHICH:((first\:"Those that came first"
last\:"Those that came last"))' \
'--memory=[How much memory bytes that wait may take; conversations larger than that come in parts]:SIZE:_default' \
'--threads=[Threads that may work; the output is the same for any number \[default\: the number of processors\]]:N:_default' \
'-f[Replace what is there]' \
'--force[Replace what is there]' \
'--outer[Conversations of the outermost IP header, not of that inside tunnels]' \
'--strict[Write nothing if the input is faulty]' \
'-q[Tell faults only\: no notes, no progress]' \
'--quiet[Tell faults only\: no notes, no progress]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'*::files -- Captures, labelled or not, or directories of captures; `-` for standard input:_files' \
&& ret=0
;;
(print)
_arguments "${_arguments_options[@]}" : \
'-o+[The output; \`-\` for standard output. A name that ends in .gz or .zst is packed]:FILE:_files' \
'--output=[The output; \`-\` for standard output. A name that ends in .gz or .zst is packed]:FILE:_files' \
'--format=[How a packet is written]:FORMAT:((text\:"As print_pcap.py of packet_analysis, and further fields behind"
jsonl\:"One JSON object a line"))' \
'*--asset-ip=[Only packets from or to one of these addresses or networks, or ICMP errors about such]:ADDRESSES:_default' \
'*--assetip=[Only packets from or to one of these addresses or networks, or ICMP errors about such]:ADDRESSES:_default' \
'*--asset-port=[Only packets from or to one of these ports, or ICMP errors about such]:PORTS:_default' \
'*--assetport=[Only packets from or to one of these ports, or ICMP errors about such]:PORTS:_default' \
'--bpf=[Only packets that pass this filter of pcap-filter(7)]:FILTER:_default' \
'--snap=[Print at most so many bytes of each payload; 0 prints none \[default\: all\]]:N:_default' \
'--payload=[How payloads are written \[default\: of TCP as text and in hex, of others in hex; in JSON as text\]]:FORM:((text\:"Text\: in lines with escapes; in JSON if it is UTF-8, else base64"
hex\:"Hex"
base64\:"Base64"))' \
'--timezone=[Where the clock is by which dates of lines of text are shown\: an IANA name (Europe/Prague) or a distance from UTC (+02\:00) \[default\: UTC\]]:ZONE:_default' \
'--threads=[Threads that may work; the output is the same for any number \[default\: the number of processors\]]:N:_default' \
'-f[Replace what is there]' \
'--force[Replace what is there]' \
'--outer[The outermost IP header, not that inside tunnels]' \
'-l[Write each line at once, for packets that are being captured]' \
'--line-buffered[Write each line at once, for packets that are being captured]' \
'--strict[Write nothing if the input is faulty]' \
'-q[Tell faults only\: no notes, no progress]' \
'--quiet[Tell faults only\: no notes, no progress]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'*::files -- Captures, labelled or not, or directories of captures; `-` for standard input:_files' \
&& ret=0
;;
(talkers)
_arguments "${_arguments_options[@]}" : \
'-o+[The output; \`-\` for standard output. Its name says the format\: .csv, .jsonl, .parquet, .arrow, .sqlite]:FILE:_files' \
'--output=[The output; \`-\` for standard output. Its name says the format\: .csv, .jsonl, .parquet, .arrow, .sqlite]:FILE:_files' \
'--format=[The output'\''s format \[default\: by its name; csv on standard output\]]:FORMAT:((csv\:"RFC 4180, with a header"
jsonl\:"One JSON object a line"
parquet\:"Apache Parquet"
arrow\:"Apache Arrow'\''s file format; as a stream on standard output"
sqlite\:"A database of SQLite, with one table\: rows"))' \
'--to=[The output'\''s format \[default\: by its name; csv on standard output\]]:FORMAT:((csv\:"RFC 4180, with a header"
jsonl\:"One JSON object a line"
parquet\:"Apache Parquet"
arrow\:"Apache Arrow'\''s file format; as a stream on standard output"
sqlite\:"A database of SQLite, with one table\: rows"))' \
'--per=[What a row is about]:WHAT:((interval\:"A pair of ends, in an interval of time"
packet\:"A packet"))' \
'--interval=[How long an interval is; each begins at a multiple of that since 1970 \[default\: 1s\]]:TIME:_default' \
'*--local-net=[A network that is local, by which directions are seen; may be given several times]:NETWORK:_default' \
'--geoip=[A MaxMind database of countries or cities]:FILE:_files' \
'--asn=[A MaxMind database of autonomous systems]:FILE:_files' \
'--max-pairs=[How many pairs may wait in memory, at some 200 bytes each; where there are more, the earliest interval is written \[default\: 1000000\]]:N:_default' \
'--threads=[Threads that may work; the output is the same for any number \[default\: the number of processors\]]:N:_default' \
'-f[Replace what is there]' \
'--force[Replace what is there]' \
'--outer[The outermost IP header, not that inside tunnels]' \
'--strict[Write nothing if the input is faulty]' \
'-q[Tell faults only\: no notes, no progress]' \
'--quiet[Tell faults only\: no notes, no progress]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'*::files -- Captures, labelled or not, or directories of captures; `-` for standard input:_files' \
&& ret=0
;;
(lint)
_arguments "${_arguments_options[@]}" : \
'--splits=[A table sample_id,split, as partition writes it\: finds what splits share]:FILE:_files' \
'*--deny=[Findings of this rule or group are errors; may be repeated]:RULE:_default' \
'*--allow=[This rule or group is not asked; may be repeated]:RULE:_default' \
'--threshold=[Tell a shortcut if one field alone predicts labels so much better than guessing, from 0 (guessing) to 1 (always right)]:SHARE:_default' \
'--format=[How findings are told]:FORMAT:((text\:"Lines for people"
json\:"A list of objects\: rule, severity, ids, evidence, remedy, disallow"
sarif\:"SARIF 2.1.0, which code hosts show"))' \
'-o+[The output; \`-\` for standard output]:FILE:_files' \
'--output=[The output; \`-\` for standard output]:FILE:_files' \
'--rules=[List the rules]::FORMAT:((table\:"Aligned columns"
csv\:"RFC 4180, with a header"
json\:"An array of objects"))' \
'--threads=[Threads that may work; the output is the same for any number \[default\: the number of processors\]]:N:_default' \
'-f[Replace what is there]' \
'--force[Replace what is there]' \
'-q[Tell faults only\: no notes, no progress]' \
'--quiet[Tell faults only\: no notes, no progress]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'::file -- A labelled capture:_files' \
&& ret=0
;;
(release)
_arguments "${_arguments_options[@]}" : \
'--splits=[The table of splits, as partition writes it]:FILE:_files' \
'--manifest=[What the authors say\: name, version, license and so on]:FILE:_files' \
'-o+[The directory; it may not exist, or must be empty]:DIR:_files -/' \
'--output=[The directory; it may not exist, or must be empty]:DIR:_files -/' \
'--sources=[Where the captures lie that samples come from\: their names and digests go into the table]:DIR:_files -/' \
'--labels=[The labels file that made the samples\: its rules go into the table]:FILE:_files' \
'*--deny=[Findings of this rule or group of lint end the release; may be repeated]:RULE:_default' \
'*--allow=[Findings of this rule or group do not; may be repeated]:RULE:_default' \
'--threads=[Threads that may work; the output is the same for any number \[default\: the number of processors\]]:N:_default' \
'-q[Tell faults only\: no notes, no progress]' \
'--quiet[Tell faults only\: no notes, no progress]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
':file -- A labelled capture:_files' \
&& ret=0
;;
(verify)
_arguments "${_arguments_options[@]}" : \
'--threads=[Threads that may work; the output is the same for any number \[default\: the number of processors\]]:N:_default' \
'-q[Tell faults only\: no notes, no progress]' \
'--quiet[Tell faults only\: no notes, no progress]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
':directory -- A release:_files -/' \
&& ret=0
;;
(compare)
_arguments "${_arguments_options[@]}" : \
'-o+[Where the figures go; \`-\` for standard output]:FILE:_files' \
'--output=[Where the figures go; \`-\` for standard output]:FILE:_files' \
'--format=[How they are written \[default\: by the output'\''s name, otherwise table\]]:FORMAT:((table\:"Aligned columns"
csv\:"A row for each label, average and count of packets"
json\:"One object"))' \
'--confusion=[Write a CSV of what is taken for what\: rows of the truth, columns of the test]:FILE:_files' \
'--threads=[Threads that may work; the output is the same for any number \[default\: the number of processors\]]:N:_default' \
'--matched-only[Leave packets out that are in one of the captures only]' \
'-f[Replace what is there]' \
'--force[Replace what is there]' \
'-q[Tell faults only\: no notes, no progress]' \
'--quiet[Tell faults only\: no notes, no progress]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
':truth -- The labelled capture that is right:_files' \
':test -- The labelled capture that is judged:_files' \
&& ret=0
;;
(score)
_arguments "${_arguments_options[@]}" : \
'--truth=[A labelled capture, or a table sample_id,label]:FILE:_files' \
'*--predictions=[Tables of predictions, one for each competitor]:FILE:_files' \
'--splits=[A table sample_id,split,group\: which samples are scored, and what belongs together]:FILE:_files' \
'*--split=[The split to score; may be repeated \[default\: test, if there are splits, otherwise all samples\]]:NAME:_default' \
'--missing=[What samples without a prediction are]:WHAT:((wrong\:"Wrong, in all figures"
ignore\:"Left out of all figures; of several tables, out of those of all of them"))' \
'--bootstrap=[How many resamples intervals are made of; 0 for no intervals \[default\: 1000\]]:N:_default' \
'--seed=[What resamples are drawn by\: the same seed gives the same intervals \[default\: 1\]]:N:_default' \
'--resample=[What is drawn \[default\: group, if groups are known\]]:WHAT:((group\:"Groups as the splits name them"
sample\:"Samples, as if they were independent"))' \
'--bins=[How many bins the calibration error has \[default\: 15\]]:N:_default' \
'-o+[Where the figures go; \`-\` for standard output]:FILE:_files' \
'--output=[Where the figures go; \`-\` for standard output]:FILE:_files' \
'--format=[How they are written \[default\: by the output'\''s name, otherwise table\]]:FORMAT:((table\:"Aligned columns"
csv\:"A row for each table of predictions"
json\:"Everything\: figures, classes, what is taken for what, calibration"
markdown\:"A leaderboard"))' \
'--classes=[Write a CSV of precision, recall, F1 and support of each class]:FILE:_files' \
'--confusion=[Write a CSV of what is taken for what\: rows of the truth, columns of the predictions]:FILE:_files' \
'--threads=[Threads that may work; the output is the same for any number \[default\: the number of processors\]]:N:_default' \
'-f[Replace what is there]' \
'--force[Replace what is there]' \
'-q[Tell faults only\: no notes, no progress]' \
'--quiet[Tell faults only\: no notes, no progress]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
&& ret=0
;;
(report)
_arguments "${_arguments_options[@]}" : \
'-o+[The output; \`-\` for standard output. A name that ends in .gz or .zst is packed]:FILE:_files' \
'--output=[The output; \`-\` for standard output. A name that ends in .gz or .zst is packed]:FILE:_files' \
'--splits=[The splits of its samples\: a table sample_id,split]:FILE:_files' \
'--title=[What the page is called \[default\: the dataset'\''s name, or the file'\''s\]]:TEXT:_default' \
'--threads=[Threads that may work; the output is the same for any number \[default\: the number of processors\]]:N:_default' \
'-f[Replace what is there]' \
'--force[Replace what is there]' \
'--strict[Write nothing if the input is faulty]' \
'-q[Tell faults only\: no notes, no progress]' \
'--quiet[Tell faults only\: no notes, no progress]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
':file -- A labelled capture; `-` for standard input:_files' \
&& ret=0
;;
(export)
_arguments "${_arguments_options[@]}" : \
'--threads=[Threads that may work; the output is the same for any number \[default\: the number of processors\]]:N:_default' \
'-q[Tell faults only\: no notes, no progress]' \
'--quiet[Tell faults only\: no notes, no progress]' \
'-h[Print help]' \
'--help[Print help]' \
":: :_pcapml__subcmd__export_commands" \
"*::: :->export" \
&& ret=0

    case $state in
    (export)
        words=($line[1] "${words[@]}")
        (( CURRENT += 1 ))
        curcontext="${curcontext%:*:*}:pcapml-export-command-$line[1]:"
        case $line[1] in
            (huggingface)
_arguments "${_arguments_options[@]}" : \
'-o+[The directory to write, which must be empty or absent]:DIR:_files -/' \
'--output=[The directory to write, which must be empty or absent]:DIR:_files -/' \
'--splits=[A table sample_id,split; samples in no split are left out \[default\: all are in the split train\]]:FILE:_files' \
'*--set=[The sets of columns, or files that list names of columns, one a line]:SETS:_default' \
'*--columns=[Only the columns of these names, in this order]:NAMES:_default' \
'--rows=[What a row is about \[default\: by the set\]]:WHAT:((packet\:"A packet\: of the sets bytes, nprint, headers"
flow\:"A flow"
sample\:"A sample\: its totals (--set stats), and its first flow; of a capture without labels, the capture"))' \
'--first=[Only the first N packets of each sample]:N:_default' \
'--shard=[At most so many samples in one Parquet file]:N:_default' \
'*--mask=[Let nothing rest on these fields of packets, nor on those that the input disallows]:FIELDS:_default' \
'--threads=[Threads that may work; the output is the same for any number \[default\: the number of processors\]]:N:_default' \
'--allow-disallowed[Let features rest on fields that the input disallows (the \`disallow\` of its header)]' \
'--strict[Write nothing if the input is faulty]' \
'-q[Tell faults only\: no notes, no progress]' \
'--quiet[Tell faults only\: no notes, no progress]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'*::files -- Labelled captures:_files' \
&& ret=0
;;
(help)
_arguments "${_arguments_options[@]}" : \
":: :_pcapml__subcmd__export__subcmd__help_commands" \
"*::: :->help" \
&& ret=0

    case $state in
    (help)
        words=($line[1] "${words[@]}")
        (( CURRENT += 1 ))
        curcontext="${curcontext%:*:*}:pcapml-export-help-command-$line[1]:"
        case $line[1] in
            (huggingface)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(help)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
        esac
    ;;
esac
;;
        esac
    ;;
esac
;;
(completions)
_arguments "${_arguments_options[@]}" : \
'--threads=[Threads that may work; the output is the same for any number \[default\: the number of processors\]]:N:_default' \
'-q[Tell faults only\: no notes, no progress]' \
'--quiet[Tell faults only\: no notes, no progress]' \
'-h[Print help]' \
'--help[Print help]' \
':shell -- Which shell:(bash elvish fish powershell zsh)' \
&& ret=0
;;
(help)
_arguments "${_arguments_options[@]}" : \
":: :_pcapml__subcmd__help_commands" \
"*::: :->help" \
&& ret=0

    case $state in
    (help)
        words=($line[1] "${words[@]}")
        (( CURRENT += 1 ))
        curcontext="${curcontext%:*:*}:pcapml-help-command-$line[1]:"
        case $line[1] in
            (label)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(relabel)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(sort)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(split)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(strip)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(samples)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(summary)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(select)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(partition)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(check)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(diff)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(anonymize)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(cat)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(convert)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(flows)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(features)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(dissect)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(streams)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(print)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(talkers)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(lint)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(release)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(verify)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(compare)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(score)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(report)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(export)
_arguments "${_arguments_options[@]}" : \
":: :_pcapml__subcmd__help__subcmd__export_commands" \
"*::: :->export" \
&& ret=0

    case $state in
    (export)
        words=($line[1] "${words[@]}")
        (( CURRENT += 1 ))
        curcontext="${curcontext%:*:*}:pcapml-help-export-command-$line[1]:"
        case $line[1] in
            (huggingface)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
        esac
    ;;
esac
;;
(completions)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(help)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
        esac
    ;;
esac
;;
        esac
    ;;
esac
}

(( $+functions[_pcapml_commands] )) ||
_pcapml_commands() {
    local commands; commands=(
'label:Label captures\: by a table of files, by rules, flow records, hosts, interfaces, comments' \
'relabel:Give the samples of a labelled capture other labels, and keep their ids' \
'sort:Sort a labelled capture by sample id and time' \
'split:Write one pcap for each sample, or for each flow, and a metadata.csv' \
'strip:Take the labels out of a capture' \
'samples:List the samples of a labelled capture' \
'summary:Sum up packets, bytes and samples of each label' \
'select:Take some samples out of a labelled capture' \
'partition:Say which samples are for training, validation and testing, as lists' \
'check:See whether a labelled capture is sound, and still what its lists say' \
'diff:Tell what changed between two versions of a dataset' \
'anonymize:Replace addresses and names, and drop payloads, before a capture is published' \
'cat:Join labelled captures' \
'convert:Convert between pcap and pcapng, repair times, cut into chunks' \
'flows:A row for each flow\: ends, times, packets, bytes, flags' \
'features:Features of every flow, in named sets' \
'dissect:What was said\: conversations, messages, exchanges, logins' \
'streams:What both sides of every conversation sent, as bytes' \
'print:Print one line for each packet' \
'talkers:Who sent how much to whom\: a row for each pair of ends and interval, or each packet' \
'lint:What a reviewer would find\: leaks, shortcuts, noise, secrets' \
'release:Make a directory that others can check, cite and train on' \
'verify:Check a release\: digests, captures, lists and tables against each other' \
'compare:Compare two labellings of the same traffic, packet by packet' \
'score:Score predictions against the truth' \
'report:Show a labelled capture on one page\: labels, lengths, times, bytes, talkers, splits' \
'export:Write a labelled capture as a dataset of another project' \
'completions:Print the completions of a shell' \
'help:Print this message or the help of the given subcommand(s)' \
    )
    _describe -t commands 'pcapml commands' commands "$@"
}
(( $+functions[_pcapml__subcmd__anonymize_commands] )) ||
_pcapml__subcmd__anonymize_commands() {
    local commands; commands=()
    _describe -t commands 'pcapml anonymize commands' commands "$@"
}
(( $+functions[_pcapml__subcmd__cat_commands] )) ||
_pcapml__subcmd__cat_commands() {
    local commands; commands=()
    _describe -t commands 'pcapml cat commands' commands "$@"
}
(( $+functions[_pcapml__subcmd__check_commands] )) ||
_pcapml__subcmd__check_commands() {
    local commands; commands=()
    _describe -t commands 'pcapml check commands' commands "$@"
}
(( $+functions[_pcapml__subcmd__compare_commands] )) ||
_pcapml__subcmd__compare_commands() {
    local commands; commands=()
    _describe -t commands 'pcapml compare commands' commands "$@"
}
(( $+functions[_pcapml__subcmd__completions_commands] )) ||
_pcapml__subcmd__completions_commands() {
    local commands; commands=()
    _describe -t commands 'pcapml completions commands' commands "$@"
}
(( $+functions[_pcapml__subcmd__convert_commands] )) ||
_pcapml__subcmd__convert_commands() {
    local commands; commands=()
    _describe -t commands 'pcapml convert commands' commands "$@"
}
(( $+functions[_pcapml__subcmd__diff_commands] )) ||
_pcapml__subcmd__diff_commands() {
    local commands; commands=()
    _describe -t commands 'pcapml diff commands' commands "$@"
}
(( $+functions[_pcapml__subcmd__dissect_commands] )) ||
_pcapml__subcmd__dissect_commands() {
    local commands; commands=()
    _describe -t commands 'pcapml dissect commands' commands "$@"
}
(( $+functions[_pcapml__subcmd__export_commands] )) ||
_pcapml__subcmd__export_commands() {
    local commands; commands=(
'huggingface:A directory that \`datasets\` of Hugging Face loads\: Parquet files by split, and a README.md' \
'help:Print this message or the help of the given subcommand(s)' \
    )
    _describe -t commands 'pcapml export commands' commands "$@"
}
(( $+functions[_pcapml__subcmd__export__subcmd__help_commands] )) ||
_pcapml__subcmd__export__subcmd__help_commands() {
    local commands; commands=(
'huggingface:A directory that \`datasets\` of Hugging Face loads\: Parquet files by split, and a README.md' \
'help:Print this message or the help of the given subcommand(s)' \
    )
    _describe -t commands 'pcapml export help commands' commands "$@"
}
(( $+functions[_pcapml__subcmd__export__subcmd__help__subcmd__help_commands] )) ||
_pcapml__subcmd__export__subcmd__help__subcmd__help_commands() {
    local commands; commands=()
    _describe -t commands 'pcapml export help help commands' commands "$@"
}
(( $+functions[_pcapml__subcmd__export__subcmd__help__subcmd__huggingface_commands] )) ||
_pcapml__subcmd__export__subcmd__help__subcmd__huggingface_commands() {
    local commands; commands=()
    _describe -t commands 'pcapml export help huggingface commands' commands "$@"
}
(( $+functions[_pcapml__subcmd__export__subcmd__huggingface_commands] )) ||
_pcapml__subcmd__export__subcmd__huggingface_commands() {
    local commands; commands=()
    _describe -t commands 'pcapml export huggingface commands' commands "$@"
}
(( $+functions[_pcapml__subcmd__features_commands] )) ||
_pcapml__subcmd__features_commands() {
    local commands; commands=()
    _describe -t commands 'pcapml features commands' commands "$@"
}
(( $+functions[_pcapml__subcmd__flows_commands] )) ||
_pcapml__subcmd__flows_commands() {
    local commands; commands=()
    _describe -t commands 'pcapml flows commands' commands "$@"
}
(( $+functions[_pcapml__subcmd__help_commands] )) ||
_pcapml__subcmd__help_commands() {
    local commands; commands=(
'label:Label captures\: by a table of files, by rules, flow records, hosts, interfaces, comments' \
'relabel:Give the samples of a labelled capture other labels, and keep their ids' \
'sort:Sort a labelled capture by sample id and time' \
'split:Write one pcap for each sample, or for each flow, and a metadata.csv' \
'strip:Take the labels out of a capture' \
'samples:List the samples of a labelled capture' \
'summary:Sum up packets, bytes and samples of each label' \
'select:Take some samples out of a labelled capture' \
'partition:Say which samples are for training, validation and testing, as lists' \
'check:See whether a labelled capture is sound, and still what its lists say' \
'diff:Tell what changed between two versions of a dataset' \
'anonymize:Replace addresses and names, and drop payloads, before a capture is published' \
'cat:Join labelled captures' \
'convert:Convert between pcap and pcapng, repair times, cut into chunks' \
'flows:A row for each flow\: ends, times, packets, bytes, flags' \
'features:Features of every flow, in named sets' \
'dissect:What was said\: conversations, messages, exchanges, logins' \
'streams:What both sides of every conversation sent, as bytes' \
'print:Print one line for each packet' \
'talkers:Who sent how much to whom\: a row for each pair of ends and interval, or each packet' \
'lint:What a reviewer would find\: leaks, shortcuts, noise, secrets' \
'release:Make a directory that others can check, cite and train on' \
'verify:Check a release\: digests, captures, lists and tables against each other' \
'compare:Compare two labellings of the same traffic, packet by packet' \
'score:Score predictions against the truth' \
'report:Show a labelled capture on one page\: labels, lengths, times, bytes, talkers, splits' \
'export:Write a labelled capture as a dataset of another project' \
'completions:Print the completions of a shell' \
'help:Print this message or the help of the given subcommand(s)' \
    )
    _describe -t commands 'pcapml help commands' commands "$@"
}
(( $+functions[_pcapml__subcmd__help__subcmd__anonymize_commands] )) ||
_pcapml__subcmd__help__subcmd__anonymize_commands() {
    local commands; commands=()
    _describe -t commands 'pcapml help anonymize commands' commands "$@"
}
(( $+functions[_pcapml__subcmd__help__subcmd__cat_commands] )) ||
_pcapml__subcmd__help__subcmd__cat_commands() {
    local commands; commands=()
    _describe -t commands 'pcapml help cat commands' commands "$@"
}
(( $+functions[_pcapml__subcmd__help__subcmd__check_commands] )) ||
_pcapml__subcmd__help__subcmd__check_commands() {
    local commands; commands=()
    _describe -t commands 'pcapml help check commands' commands "$@"
}
(( $+functions[_pcapml__subcmd__help__subcmd__compare_commands] )) ||
_pcapml__subcmd__help__subcmd__compare_commands() {
    local commands; commands=()
    _describe -t commands 'pcapml help compare commands' commands "$@"
}
(( $+functions[_pcapml__subcmd__help__subcmd__completions_commands] )) ||
_pcapml__subcmd__help__subcmd__completions_commands() {
    local commands; commands=()
    _describe -t commands 'pcapml help completions commands' commands "$@"
}
(( $+functions[_pcapml__subcmd__help__subcmd__convert_commands] )) ||
_pcapml__subcmd__help__subcmd__convert_commands() {
    local commands; commands=()
    _describe -t commands 'pcapml help convert commands' commands "$@"
}
(( $+functions[_pcapml__subcmd__help__subcmd__diff_commands] )) ||
_pcapml__subcmd__help__subcmd__diff_commands() {
    local commands; commands=()
    _describe -t commands 'pcapml help diff commands' commands "$@"
}
(( $+functions[_pcapml__subcmd__help__subcmd__dissect_commands] )) ||
_pcapml__subcmd__help__subcmd__dissect_commands() {
    local commands; commands=()
    _describe -t commands 'pcapml help dissect commands' commands "$@"
}
(( $+functions[_pcapml__subcmd__help__subcmd__export_commands] )) ||
_pcapml__subcmd__help__subcmd__export_commands() {
    local commands; commands=(
'huggingface:A directory that \`datasets\` of Hugging Face loads\: Parquet files by split, and a README.md' \
    )
    _describe -t commands 'pcapml help export commands' commands "$@"
}
(( $+functions[_pcapml__subcmd__help__subcmd__export__subcmd__huggingface_commands] )) ||
_pcapml__subcmd__help__subcmd__export__subcmd__huggingface_commands() {
    local commands; commands=()
    _describe -t commands 'pcapml help export huggingface commands' commands "$@"
}
(( $+functions[_pcapml__subcmd__help__subcmd__features_commands] )) ||
_pcapml__subcmd__help__subcmd__features_commands() {
    local commands; commands=()
    _describe -t commands 'pcapml help features commands' commands "$@"
}
(( $+functions[_pcapml__subcmd__help__subcmd__flows_commands] )) ||
_pcapml__subcmd__help__subcmd__flows_commands() {
    local commands; commands=()
    _describe -t commands 'pcapml help flows commands' commands "$@"
}
(( $+functions[_pcapml__subcmd__help__subcmd__help_commands] )) ||
_pcapml__subcmd__help__subcmd__help_commands() {
    local commands; commands=()
    _describe -t commands 'pcapml help help commands' commands "$@"
}
(( $+functions[_pcapml__subcmd__help__subcmd__label_commands] )) ||
_pcapml__subcmd__help__subcmd__label_commands() {
    local commands; commands=()
    _describe -t commands 'pcapml help label commands' commands "$@"
}
(( $+functions[_pcapml__subcmd__help__subcmd__lint_commands] )) ||
_pcapml__subcmd__help__subcmd__lint_commands() {
    local commands; commands=()
    _describe -t commands 'pcapml help lint commands' commands "$@"
}
(( $+functions[_pcapml__subcmd__help__subcmd__partition_commands] )) ||
_pcapml__subcmd__help__subcmd__partition_commands() {
    local commands; commands=()
    _describe -t commands 'pcapml help partition commands' commands "$@"
}
(( $+functions[_pcapml__subcmd__help__subcmd__print_commands] )) ||
_pcapml__subcmd__help__subcmd__print_commands() {
    local commands; commands=()
    _describe -t commands 'pcapml help print commands' commands "$@"
}
(( $+functions[_pcapml__subcmd__help__subcmd__relabel_commands] )) ||
_pcapml__subcmd__help__subcmd__relabel_commands() {
    local commands; commands=()
    _describe -t commands 'pcapml help relabel commands' commands "$@"
}
(( $+functions[_pcapml__subcmd__help__subcmd__release_commands] )) ||
_pcapml__subcmd__help__subcmd__release_commands() {
    local commands; commands=()
    _describe -t commands 'pcapml help release commands' commands "$@"
}
(( $+functions[_pcapml__subcmd__help__subcmd__report_commands] )) ||
_pcapml__subcmd__help__subcmd__report_commands() {
    local commands; commands=()
    _describe -t commands 'pcapml help report commands' commands "$@"
}
(( $+functions[_pcapml__subcmd__help__subcmd__samples_commands] )) ||
_pcapml__subcmd__help__subcmd__samples_commands() {
    local commands; commands=()
    _describe -t commands 'pcapml help samples commands' commands "$@"
}
(( $+functions[_pcapml__subcmd__help__subcmd__score_commands] )) ||
_pcapml__subcmd__help__subcmd__score_commands() {
    local commands; commands=()
    _describe -t commands 'pcapml help score commands' commands "$@"
}
(( $+functions[_pcapml__subcmd__help__subcmd__select_commands] )) ||
_pcapml__subcmd__help__subcmd__select_commands() {
    local commands; commands=()
    _describe -t commands 'pcapml help select commands' commands "$@"
}
(( $+functions[_pcapml__subcmd__help__subcmd__sort_commands] )) ||
_pcapml__subcmd__help__subcmd__sort_commands() {
    local commands; commands=()
    _describe -t commands 'pcapml help sort commands' commands "$@"
}
(( $+functions[_pcapml__subcmd__help__subcmd__split_commands] )) ||
_pcapml__subcmd__help__subcmd__split_commands() {
    local commands; commands=()
    _describe -t commands 'pcapml help split commands' commands "$@"
}
(( $+functions[_pcapml__subcmd__help__subcmd__streams_commands] )) ||
_pcapml__subcmd__help__subcmd__streams_commands() {
    local commands; commands=()
    _describe -t commands 'pcapml help streams commands' commands "$@"
}
(( $+functions[_pcapml__subcmd__help__subcmd__strip_commands] )) ||
_pcapml__subcmd__help__subcmd__strip_commands() {
    local commands; commands=()
    _describe -t commands 'pcapml help strip commands' commands "$@"
}
(( $+functions[_pcapml__subcmd__help__subcmd__summary_commands] )) ||
_pcapml__subcmd__help__subcmd__summary_commands() {
    local commands; commands=()
    _describe -t commands 'pcapml help summary commands' commands "$@"
}
(( $+functions[_pcapml__subcmd__help__subcmd__talkers_commands] )) ||
_pcapml__subcmd__help__subcmd__talkers_commands() {
    local commands; commands=()
    _describe -t commands 'pcapml help talkers commands' commands "$@"
}
(( $+functions[_pcapml__subcmd__help__subcmd__verify_commands] )) ||
_pcapml__subcmd__help__subcmd__verify_commands() {
    local commands; commands=()
    _describe -t commands 'pcapml help verify commands' commands "$@"
}
(( $+functions[_pcapml__subcmd__label_commands] )) ||
_pcapml__subcmd__label_commands() {
    local commands; commands=()
    _describe -t commands 'pcapml label commands' commands "$@"
}
(( $+functions[_pcapml__subcmd__lint_commands] )) ||
_pcapml__subcmd__lint_commands() {
    local commands; commands=()
    _describe -t commands 'pcapml lint commands' commands "$@"
}
(( $+functions[_pcapml__subcmd__partition_commands] )) ||
_pcapml__subcmd__partition_commands() {
    local commands; commands=()
    _describe -t commands 'pcapml partition commands' commands "$@"
}
(( $+functions[_pcapml__subcmd__print_commands] )) ||
_pcapml__subcmd__print_commands() {
    local commands; commands=()
    _describe -t commands 'pcapml print commands' commands "$@"
}
(( $+functions[_pcapml__subcmd__relabel_commands] )) ||
_pcapml__subcmd__relabel_commands() {
    local commands; commands=()
    _describe -t commands 'pcapml relabel commands' commands "$@"
}
(( $+functions[_pcapml__subcmd__release_commands] )) ||
_pcapml__subcmd__release_commands() {
    local commands; commands=()
    _describe -t commands 'pcapml release commands' commands "$@"
}
(( $+functions[_pcapml__subcmd__report_commands] )) ||
_pcapml__subcmd__report_commands() {
    local commands; commands=()
    _describe -t commands 'pcapml report commands' commands "$@"
}
(( $+functions[_pcapml__subcmd__samples_commands] )) ||
_pcapml__subcmd__samples_commands() {
    local commands; commands=()
    _describe -t commands 'pcapml samples commands' commands "$@"
}
(( $+functions[_pcapml__subcmd__score_commands] )) ||
_pcapml__subcmd__score_commands() {
    local commands; commands=()
    _describe -t commands 'pcapml score commands' commands "$@"
}
(( $+functions[_pcapml__subcmd__select_commands] )) ||
_pcapml__subcmd__select_commands() {
    local commands; commands=()
    _describe -t commands 'pcapml select commands' commands "$@"
}
(( $+functions[_pcapml__subcmd__sort_commands] )) ||
_pcapml__subcmd__sort_commands() {
    local commands; commands=()
    _describe -t commands 'pcapml sort commands' commands "$@"
}
(( $+functions[_pcapml__subcmd__split_commands] )) ||
_pcapml__subcmd__split_commands() {
    local commands; commands=()
    _describe -t commands 'pcapml split commands' commands "$@"
}
(( $+functions[_pcapml__subcmd__streams_commands] )) ||
_pcapml__subcmd__streams_commands() {
    local commands; commands=()
    _describe -t commands 'pcapml streams commands' commands "$@"
}
(( $+functions[_pcapml__subcmd__strip_commands] )) ||
_pcapml__subcmd__strip_commands() {
    local commands; commands=()
    _describe -t commands 'pcapml strip commands' commands "$@"
}
(( $+functions[_pcapml__subcmd__summary_commands] )) ||
_pcapml__subcmd__summary_commands() {
    local commands; commands=()
    _describe -t commands 'pcapml summary commands' commands "$@"
}
(( $+functions[_pcapml__subcmd__talkers_commands] )) ||
_pcapml__subcmd__talkers_commands() {
    local commands; commands=()
    _describe -t commands 'pcapml talkers commands' commands "$@"
}
(( $+functions[_pcapml__subcmd__verify_commands] )) ||
_pcapml__subcmd__verify_commands() {
    local commands; commands=()
    _describe -t commands 'pcapml verify commands' commands "$@"
}

if [ "$funcstack[1]" = "_pcapml" ]; then
    _pcapml "$@"
else
    compdef _pcapml pcapml
fi
