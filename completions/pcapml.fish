# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_pcapml_global_optspecs
    string join \n threads= q/quiet D/file-dir= P/pcap= M/pcapml= L/label-file= W/outfile= O/outdir= s/sort p/strip t/stats f/force h/help V/version
end

function __fish_pcapml_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_pcapml_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_pcapml_using_subcommand
    set -l cmd (__fish_pcapml_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c pcapml -n "__fish_pcapml_needs_command" -l threads -d 'Threads that may work; the output is the same for any number [default: the number of processors]' -r
complete -c pcapml -n "__fish_pcapml_needs_command" -s D -l file-dir -d 'Label this directory of captures (with -L and -W)' -r -F
complete -c pcapml -n "__fish_pcapml_needs_command" -s P -l pcap -d 'Label this capture (with -L and -W)' -r -F
complete -c pcapml -n "__fish_pcapml_needs_command" -s M -l pcapml -d 'Split (-O), sort (-s -W) or strip (-p -W) this labelled capture' -r -F
complete -c pcapml -n "__fish_pcapml_needs_command" -s L -l label-file -d 'The labels file' -r -F
complete -c pcapml -n "__fish_pcapml_needs_command" -s W -l outfile -d 'The output file' -r -F
complete -c pcapml -n "__fish_pcapml_needs_command" -s O -l outdir -d 'The output directory' -r -F
complete -c pcapml -n "__fish_pcapml_needs_command" -s q -l quiet -d 'Tell faults only: no notes, no progress'
complete -c pcapml -n "__fish_pcapml_needs_command" -s s -l sort -d 'Sort by sample id and time'
complete -c pcapml -n "__fish_pcapml_needs_command" -s p -l strip -d 'Strip the labels; writes pcap unless the output is named .pcapng'
complete -c pcapml -n "__fish_pcapml_needs_command" -s t -l stats -d 'Print packets and bytes of each rule'
complete -c pcapml -n "__fish_pcapml_needs_command" -s f -l force -d 'Replace what is there'
complete -c pcapml -n "__fish_pcapml_needs_command" -s h -l help -d 'Print help'
complete -c pcapml -n "__fish_pcapml_needs_command" -s V -l version -d 'Print version'
complete -c pcapml -n "__fish_pcapml_needs_command" -f -a "label" -d 'Label captures: by a table of files, by rules, flow records, hosts, interfaces, comments'
complete -c pcapml -n "__fish_pcapml_needs_command" -f -a "relabel" -d 'Give the samples of a labelled capture other labels, and keep their ids'
complete -c pcapml -n "__fish_pcapml_needs_command" -f -a "sort" -d 'Sort a labelled capture by sample id and time'
complete -c pcapml -n "__fish_pcapml_needs_command" -f -a "split" -d 'Write one pcap for each sample, or for each flow, and a metadata.csv'
complete -c pcapml -n "__fish_pcapml_needs_command" -f -a "strip" -d 'Take the labels out of a capture'
complete -c pcapml -n "__fish_pcapml_needs_command" -f -a "samples" -d 'List the samples of a labelled capture'
complete -c pcapml -n "__fish_pcapml_needs_command" -f -a "summary" -d 'Sum up packets, bytes and samples of each label'
complete -c pcapml -n "__fish_pcapml_needs_command" -f -a "select" -d 'Take some samples out of a labelled capture'
complete -c pcapml -n "__fish_pcapml_needs_command" -f -a "partition" -d 'Say which samples are for training, validation and testing, as lists'
complete -c pcapml -n "__fish_pcapml_needs_command" -f -a "check" -d 'See whether a labelled capture is sound, and still what its lists say'
complete -c pcapml -n "__fish_pcapml_needs_command" -f -a "diff" -d 'Tell what changed between two versions of a dataset'
complete -c pcapml -n "__fish_pcapml_needs_command" -f -a "anonymize" -d 'Replace addresses and names, and drop payloads, before a capture is published'
complete -c pcapml -n "__fish_pcapml_needs_command" -f -a "cat" -d 'Join labelled captures'
complete -c pcapml -n "__fish_pcapml_needs_command" -f -a "convert" -d 'Convert between pcap and pcapng, repair times, cut into chunks'
complete -c pcapml -n "__fish_pcapml_needs_command" -f -a "flows" -d 'A row for each flow: ends, times, packets, bytes, flags'
complete -c pcapml -n "__fish_pcapml_needs_command" -f -a "features" -d 'Features of every flow, in named sets'
complete -c pcapml -n "__fish_pcapml_needs_command" -f -a "dissect" -d 'What was said: conversations, messages, exchanges, logins'
complete -c pcapml -n "__fish_pcapml_needs_command" -f -a "streams" -d 'What both sides of every conversation sent, as bytes'
complete -c pcapml -n "__fish_pcapml_needs_command" -f -a "print" -d 'Print one line for each packet'
complete -c pcapml -n "__fish_pcapml_needs_command" -f -a "talkers" -d 'Who sent how much to whom: a row for each pair of ends and interval, or each packet'
complete -c pcapml -n "__fish_pcapml_needs_command" -f -a "lint" -d 'What a reviewer would find: leaks, shortcuts, noise, secrets'
complete -c pcapml -n "__fish_pcapml_needs_command" -f -a "release" -d 'Make a directory that others can check, cite and train on'
complete -c pcapml -n "__fish_pcapml_needs_command" -f -a "verify" -d 'Check a release: digests, captures, lists and tables against each other'
complete -c pcapml -n "__fish_pcapml_needs_command" -f -a "compare" -d 'Compare two labellings of the same traffic, packet by packet'
complete -c pcapml -n "__fish_pcapml_needs_command" -f -a "score" -d 'Score predictions against the truth'
complete -c pcapml -n "__fish_pcapml_needs_command" -f -a "report" -d 'Show a labelled capture on one page: labels, lengths, times, bytes, talkers, splits'
complete -c pcapml -n "__fish_pcapml_needs_command" -f -a "export" -d 'Write a labelled capture as a dataset of another project'
complete -c pcapml -n "__fish_pcapml_needs_command" -f -a "completions" -d 'Print the completions of a shell'
complete -c pcapml -n "__fish_pcapml_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c pcapml -n "__fish_pcapml_using_subcommand label" -s l -l labels -d 'The labels file: rows of files with a header, or rules without one' -r -F
complete -c pcapml -n "__fish_pcapml_using_subcommand label" -l flows -d 'Label by flow records: a packet belongs to the record with its addresses, protocol and ports, in either direction, that began last of those going on' -r -F
complete -c pcapml -n "__fish_pcapml_using_subcommand label" -l format -d 'The format of the flow records: auto, a preset, or columns:src=…,dst=…,sport=…,dport=…,proto=…,start=…, end=…|duration=…,label=…' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand label" -l timezone -d 'Where the clock of the flow records stood: an IANA name (America/Halifax) or an offset (-03:00)' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand label" -l tolerance -d 'Widen every flow record at both ends: seconds, or a number with ms, s, m or h' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand label" -l time-format -d 'How the flow records write times: s, ms, us or ns since 1970, or a strptime format' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand label" -l duration-unit -d 'The unit of the flow records\' durations: s, ms, us or ns' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand label" -l label-column -d 'The column of the flow records that holds the label' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand label" -l group-by -d 'What makes flow records one sample: each record unless told otherwise' -r -f -a "record\t'Each record is a sample'
label\t'All records of a label'
window\t'Records of a label without a gap of --idle-timeout: one wave of an attack'"
complete -c pcapml -n "__fish_pcapml_using_subcommand label" -l label-by-name -d 'Label captures by their names: a regular expression with a group (?<label>…); other groups become fields' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand label" -l packet-labels -d 'Label single packets: a table packet,label[,time][,file][,field…][,hash_key]' -r -F
complete -c pcapml -n "__fish_pcapml_using_subcommand label" -l by -d 'Label by `interface` (their names), `comment REGEX` (groups as in --label-by-name; comments of pcapml are not asked), `host FILE` (a table; of the outermost addresses the longest prefix wins, hardware addresses like whole ones), or `flow`: every conversation a sample, labelled by another option, or all with the label -' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand label" -l idle-timeout -d 'After how many seconds without a packet a flow of --by flow is over: 120 unless told otherwise' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand label" -s o -l output -d 'The output; `-` for standard output. A name that ends in .gz or .zst is packed' -r -F
complete -c pcapml -n "__fish_pcapml_using_subcommand label" -l match -d 'Packets that several rules match: the first wins unless told otherwise' -r -f -a "first\t'The first rule in the file wins'
all\t'One comment for each sample'
unique\t'An error that names both rules'"
complete -c pcapml -n "__fish_pcapml_using_subcommand label" -l ids -d 'How samples get their ids' -r -f -a "hash\t'A hash of what the sample is made of: the same on every machine, whatever its label'
sequential\t'0, 1, 2 … in the order of the labels file; of first packets, where labels come from elsewhere'"
complete -c pcapml -n "__fish_pcapml_using_subcommand label" -l namespace -d 'The dataset\'s name, which its ids depend on: datasets with different names can be joined' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand label" -l compat -d 'Write what an older reader understands' -r -f -a "0.3\t'C++ pcapml 0.3'
go\t'The Go pcapml'"
complete -c pcapml -n "__fish_pcapml_using_subcommand label" -l stats -d 'Print packets and bytes of each rule, which rules are shadowed, and whose windows seem to be of another time zone (--stats, --stats=csv or --stats=json)' -r -f -a "table\t'Aligned columns'
csv\t'RFC 4180, with a header'
json\t'An array of objects'"
complete -c pcapml -n "__fish_pcapml_using_subcommand label" -l explain -d 'Tell which rules match a packet and why the first wins, and write nothing: N, or FILE:N of a directory (with --labels or --label-by-name)' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand label" -l threads -d 'Threads that may work; the output is the same for any number [default: the number of processors]' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand label" -s f -l force -d 'Replace what is there'
complete -c pcapml -n "__fish_pcapml_using_subcommand label" -l keep-unlabeled -d 'Write packets that no rule matches too, without a comment'
complete -c pcapml -n "__fish_pcapml_using_subcommand label" -l strict -d 'Write nothing if an input is faulty, a rule matches nothing, or a capture is in no row'
complete -c pcapml -n "__fish_pcapml_using_subcommand label" -l per-linktype -d 'One output for each link type, named FILE_linktype-N'
complete -c pcapml -n "__fish_pcapml_using_subcommand label" -l source -d 'Give each sample the field source=FILE; a directory labelled by flows or flow records always has it'
complete -c pcapml -n "__fish_pcapml_using_subcommand label" -s q -l quiet -d 'Tell faults only: no notes, no progress'
complete -c pcapml -n "__fish_pcapml_using_subcommand label" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pcapml -n "__fish_pcapml_using_subcommand relabel" -l map -d 'A table old,new of labels' -r -F
complete -c pcapml -n "__fish_pcapml_using_subcommand relabel" -s l -l labels -d 'A table sampleID,label[,field…], such as the metadata.csv of split' -r -F
complete -c pcapml -n "__fish_pcapml_using_subcommand relabel" -s o -l output -d 'The output; `-` for standard output. A name that ends in .gz or .zst is packed' -r -F
complete -c pcapml -n "__fish_pcapml_using_subcommand relabel" -l threads -d 'Threads that may work; the output is the same for any number [default: the number of processors]' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand relabel" -s f -l force -d 'Replace what is there'
complete -c pcapml -n "__fish_pcapml_using_subcommand relabel" -l strict -d 'Write nothing if the input is faulty'
complete -c pcapml -n "__fish_pcapml_using_subcommand relabel" -s q -l quiet -d 'Tell faults only: no notes, no progress'
complete -c pcapml -n "__fish_pcapml_using_subcommand relabel" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pcapml -n "__fish_pcapml_using_subcommand sort" -s o -l output -d 'The output; `-` for standard output. A name that ends in .gz or .zst is packed' -r -F
complete -c pcapml -n "__fish_pcapml_using_subcommand sort" -l by -d 'The order' -r -f -a "id\t'Sample id, then time'
time\t'Time: the order of the capture'"
complete -c pcapml -n "__fish_pcapml_using_subcommand sort" -l memory -d 'How much memory to use; larger captures are sorted through a temporary file' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand sort" -l temp-dir -d 'Where the temporary file goes [default: beside the output]' -r -f -a "(__fish_complete_directories)"
complete -c pcapml -n "__fish_pcapml_using_subcommand sort" -l threads -d 'Threads that may work; the output is the same for any number [default: the number of processors]' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand sort" -s f -l force -d 'Replace what is there'
complete -c pcapml -n "__fish_pcapml_using_subcommand sort" -l strict -d 'Write nothing if the input is faulty'
complete -c pcapml -n "__fish_pcapml_using_subcommand sort" -s q -l quiet -d 'Tell faults only: no notes, no progress'
complete -c pcapml -n "__fish_pcapml_using_subcommand sort" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pcapml -n "__fish_pcapml_using_subcommand split" -s o -l output -d 'The output directory, which must be empty or absent' -r -f -a "(__fish_complete_directories)"
complete -c pcapml -n "__fish_pcapml_using_subcommand split" -l by -d 'What gets a file of its own' -r -f -a "sample\t'Each sample of a labelled capture'
flow\t'Each flow of each sample; the capture may be unlabelled'"
complete -c pcapml -n "__fish_pcapml_using_subcommand split" -l key -d 'By flow: what further tells flows apart' -r -f -a "vlan\t'The outermost VLAN'
tunnel\t'The tunnel: its kind, ends and number'"
complete -c pcapml -n "__fish_pcapml_using_subcommand split" -s t -l idle-timeout -d 'By flow: after how long without a packet a flow is over [default: 120]' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand split" -l active-timeout -d 'By flow: after how long a flow is cut in two [default: never]' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand split" -l max-flows -d 'By flow: how many flows may go on at once [default: 10000000]' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand split" -l memory -d 'How much memory to use for packets; further about 2K for each file' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand split" -l threads -d 'Threads that may work; the output is the same for any number [default: the number of processors]' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand split" -s f -l force -d 'Write into a directory that is not empty'
complete -c pcapml -n "__fish_pcapml_using_subcommand split" -l outer -d 'By flow: flows of the outermost IP header, not of that inside tunnels'
complete -c pcapml -n "__fish_pcapml_using_subcommand split" -l strict -d 'Write nothing if the input is faulty'
complete -c pcapml -n "__fish_pcapml_using_subcommand split" -s q -l quiet -d 'Tell faults only: no notes, no progress'
complete -c pcapml -n "__fish_pcapml_using_subcommand split" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pcapml -n "__fish_pcapml_using_subcommand strip" -s o -l output -d 'The output; `-` for standard output. A name that ends in .gz or .zst is packed' -r -F
complete -c pcapml -n "__fish_pcapml_using_subcommand strip" -l to -d 'The output\'s format [default: by its name, otherwise pcapng]' -r -f -a "pcap\t'One link type, no comments'
pcapng\t'Everything'"
complete -c pcapml -n "__fish_pcapml_using_subcommand strip" -l threads -d 'Threads that may work; the output is the same for any number [default: the number of processors]' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand strip" -s f -l force -d 'Replace what is there'
complete -c pcapml -n "__fish_pcapml_using_subcommand strip" -l per-linktype -d 'One output for each link type, named FILE_linktype-N'
complete -c pcapml -n "__fish_pcapml_using_subcommand strip" -l strict -d 'Write nothing if the input is faulty'
complete -c pcapml -n "__fish_pcapml_using_subcommand strip" -s q -l quiet -d 'Tell faults only: no notes, no progress'
complete -c pcapml -n "__fish_pcapml_using_subcommand strip" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pcapml -n "__fish_pcapml_using_subcommand samples" -l format -d 'How to print the table' -r -f -a "table\t'Aligned columns'
csv\t'RFC 4180, with a header'
json\t'An array of objects'"
complete -c pcapml -n "__fish_pcapml_using_subcommand samples" -l threads -d 'Threads that may work; the output is the same for any number [default: the number of processors]' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand samples" -s q -l quiet -d 'Tell faults only: no notes, no progress'
complete -c pcapml -n "__fish_pcapml_using_subcommand samples" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pcapml -n "__fish_pcapml_using_subcommand summary" -l by -d 'Group by this field instead of the label' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand summary" -l format -d 'How to print the table' -r -f -a "table\t'Aligned columns'
csv\t'RFC 4180, with a header'
json\t'An array of objects'"
complete -c pcapml -n "__fish_pcapml_using_subcommand summary" -l threads -d 'Threads that may work; the output is the same for any number [default: the number of processors]' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand summary" -s q -l quiet -d 'Tell faults only: no notes, no progress'
complete -c pcapml -n "__fish_pcapml_using_subcommand summary" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pcapml -n "__fish_pcapml_using_subcommand select" -l ids -d 'A list of sample ids, one on a line (`-` for standard input)' -r -F
complete -c pcapml -n "__fish_pcapml_using_subcommand select" -l splits -d 'A table sample_id,split (see pcapml partition), of which --split and --fold choose' -r -F
complete -c pcapml -n "__fish_pcapml_using_subcommand select" -l split -d 'Samples of this split; may be repeated' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand select" -l fold -d 'Samples of this fold; may be repeated' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand select" -l label -d 'Samples with this label; may be repeated' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand select" -l where -d 'Samples with this field; may be repeated' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand select" -l labels -d 'What becomes of labels' -r -f -a "keep\t'They stay'
none\t'They go, with all that may tell them: for a challenge'"
complete -c pcapml -n "__fish_pcapml_using_subcommand select" -l mask -d 'Zero these fields in all packets, and the checksums that would tell them' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand select" -l mask-from -d 'Zero the fields that the `disallow` of a manifest (dataset.toml) names' -r -F
complete -c pcapml -n "__fish_pcapml_using_subcommand select" -s o -l output -d 'The output; `-` for standard output. A name that ends in .gz or .zst is packed' -r -F
complete -c pcapml -n "__fish_pcapml_using_subcommand select" -l threads -d 'Threads that may work; the output is the same for any number [default: the number of processors]' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand select" -l allow-missing -d 'Go on if the capture lacks an id of the list'
complete -c pcapml -n "__fish_pcapml_using_subcommand select" -s f -l force -d 'Replace what is there'
complete -c pcapml -n "__fish_pcapml_using_subcommand select" -l strict -d 'Write nothing if the input is faulty'
complete -c pcapml -n "__fish_pcapml_using_subcommand select" -s q -l quiet -d 'Tell faults only: no notes, no progress'
complete -c pcapml -n "__fish_pcapml_using_subcommand select" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pcapml -n "__fish_pcapml_using_subcommand partition" -s o -l output -d 'The directory of the lists, which must be empty or absent' -r -f -a "(__fish_complete_directories)"
complete -c pcapml -n "__fish_pcapml_using_subcommand partition" -l ratio -d 'The splits and their shares, of any sum' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand partition" -l by -d 'What stays together: sample, flow, host, capture, field:NAME; or time' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand partition" -l folds -d 'Deal what is outside test and challenge into so many folds, for cross-validation' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand partition" -l stratify -d 'What each split is to have its share of: label, or field:NAME' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand partition" -l seed -d 'Another one gives other splits [default: 1]' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand partition" -l challenge -d 'Carve out so many percent of the groups, whose labels are kept back' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand partition" -l gap -d 'By time: how far apart splits are at least [default: 0]' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand partition" -l idle-timeout -d 'By flow: after how long without a packet a flow is over [default: 120]' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand partition" -l dataset -d 'The dataset\'s name in the lists [default: what the capture says]' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand partition" -l dataset-version -d 'The dataset\'s version in the lists [default: what the capture says]' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand partition" -l format -d 'How to print the table' -r -f -a "table\t'Aligned columns'
csv\t'RFC 4180, with a header'
json\t'An array of objects'"
complete -c pcapml -n "__fish_pcapml_using_subcommand partition" -l threads -d 'Threads that may work; the output is the same for any number [default: the number of processors]' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand partition" -l strict -d 'Write nothing if the input is faulty'
complete -c pcapml -n "__fish_pcapml_using_subcommand partition" -s q -l quiet -d 'Tell faults only: no notes, no progress'
complete -c pcapml -n "__fish_pcapml_using_subcommand partition" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pcapml -n "__fish_pcapml_using_subcommand check" -l splits -d 'A table sample_id,split, as pcapml partition writes it' -r -F
complete -c pcapml -n "__fish_pcapml_using_subcommand check" -l samples -d 'The sample table: sample_id,label,sha256 [default: contents.csv beside --splits, if it is there]' -r -F
complete -c pcapml -n "__fish_pcapml_using_subcommand check" -l ids -d 'A list of ids, of the split that it says, or else that its name is; may be repeated' -r -F
complete -c pcapml -n "__fish_pcapml_using_subcommand check" -l split -d 'The capture is to hold this split only; may be repeated' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand check" -l format -d 'How to print the table' -r -f -a "table\t'Aligned columns'
csv\t'RFC 4180, with a header'
json\t'An array of objects'"
complete -c pcapml -n "__fish_pcapml_using_subcommand check" -l threads -d 'Threads that may work; the output is the same for any number [default: the number of processors]' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand check" -l allow-unlabeled -d 'Packets of no sample are no fault'
complete -c pcapml -n "__fish_pcapml_using_subcommand check" -s q -l quiet -d 'Tell faults only: no notes, no progress'
complete -c pcapml -n "__fish_pcapml_using_subcommand check" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pcapml -n "__fish_pcapml_using_subcommand diff" -l format -d 'How to print the table' -r -f -a "table\t'Aligned columns'
csv\t'RFC 4180, with a header'
json\t'An array of objects'"
complete -c pcapml -n "__fish_pcapml_using_subcommand diff" -l threads -d 'Threads that may work; the output is the same for any number [default: the number of processors]' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand diff" -l list -d 'A row for each change of a sample, instead of their sums'
complete -c pcapml -n "__fish_pcapml_using_subcommand diff" -s q -l quiet -d 'Tell faults only: no notes, no progress'
complete -c pcapml -n "__fish_pcapml_using_subcommand diff" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pcapml -n "__fish_pcapml_using_subcommand anonymize" -l key-file -d 'The key: 32 bytes, or 64 hex digits' -r -F
complete -c pcapml -n "__fish_pcapml_using_subcommand anonymize" -s o -l output -d 'The output; `-` for standard output. A name that ends in .gz or .zst is packed' -r -F
complete -c pcapml -n "__fish_pcapml_using_subcommand anonymize" -l payload -d 'What stays of payloads: drop, keep, or so many bytes' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand anonymize" -l ports -d 'What becomes of ports' -r -f -a "keep\t'They stay: services are known by them'
keyed\t'Each becomes another one; 0 stays'"
complete -c pcapml -n "__fish_pcapml_using_subcommand anonymize" -l mac -d 'What becomes of hardware addresses' -r -f -a "keyed\t'All of it is replaced: the vendor that one sees means nothing'
vendor\t'The vendor\'s half stays, of addresses that vendors give'"
complete -c pcapml -n "__fish_pcapml_using_subcommand anonymize" -l ids -d 'What becomes of sample ids' -r -f -a "keep\t'They stay, so that lists of ids stay true'
rekey\t'Each becomes another one of 63 bits'"
complete -c pcapml -n "__fish_pcapml_using_subcommand anonymize" -l shift-times -d 'Move times, those of each group by as much: sample, field:NAME, or all [default group: sample]' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand anonymize" -l threads -d 'Threads that may work; the output is the same for any number [default: the number of processors]' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand anonymize" -s f -l force -d 'Replace what is there'
complete -c pcapml -n "__fish_pcapml_using_subcommand anonymize" -l strict -d 'Write nothing if the input is faulty'
complete -c pcapml -n "__fish_pcapml_using_subcommand anonymize" -s q -l quiet -d 'Tell faults only: no notes, no progress'
complete -c pcapml -n "__fish_pcapml_using_subcommand anonymize" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pcapml -n "__fish_pcapml_using_subcommand cat" -s o -l output -d 'The output; `-` for standard output. A name that ends in .gz or .zst is packed' -r -F
complete -c pcapml -n "__fish_pcapml_using_subcommand cat" -l threads -d 'Threads that may work; the output is the same for any number [default: the number of processors]' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand cat" -s f -l force -d 'Replace what is there'
complete -c pcapml -n "__fish_pcapml_using_subcommand cat" -l merge-samples -d 'Make one sample of packets with one id in several captures'
complete -c pcapml -n "__fish_pcapml_using_subcommand cat" -l per-linktype -d 'One output for each link type, named FILE_linktype-N'
complete -c pcapml -n "__fish_pcapml_using_subcommand cat" -l strict -d 'Write nothing if the input is faulty'
complete -c pcapml -n "__fish_pcapml_using_subcommand cat" -s q -l quiet -d 'Tell faults only: no notes, no progress'
complete -c pcapml -n "__fish_pcapml_using_subcommand cat" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pcapml -n "__fish_pcapml_using_subcommand convert" -s o -l output -d 'The output, as in the other commands' -r -F
complete -c pcapml -n "__fish_pcapml_using_subcommand convert" -l to -d 'The output\'s format [default: by its name]' -r -f -a "pcap\t'One link type, no comments'
pcapng\t'Everything'"
complete -c pcapml -n "__fish_pcapml_using_subcommand convert" -l packets -d 'Cut after so many packets; files are named OUT_00001 and so on' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand convert" -l size -d 'Cut before a file\'s packets exceed this size' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand convert" -l threads -d 'Threads that may work; the output is the same for any number [default: the number of processors]' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand convert" -s f -l force -d 'Replace what is there'
complete -c pcapml -n "__fish_pcapml_using_subcommand convert" -l per-linktype -d 'One output for each link type, named OUT_linktype-N'
complete -c pcapml -n "__fish_pcapml_using_subcommand convert" -l strict -d 'Write nothing if the input is faulty'
complete -c pcapml -n "__fish_pcapml_using_subcommand convert" -s q -l quiet -d 'Tell faults only: no notes, no progress'
complete -c pcapml -n "__fish_pcapml_using_subcommand convert" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pcapml -n "__fish_pcapml_using_subcommand flows" -s o -l output -d 'The output; `-` for standard output. Its name says the format: .csv, .jsonl, .parquet, .arrow, .sqlite, .npy, .npz' -r -F
complete -c pcapml -n "__fish_pcapml_using_subcommand flows" -l to -l format -d 'The output\'s format [default: by its name; csv on standard output], or that of --list' -r -f -a "csv\t'RFC 4180, with a header'
jsonl\t'One JSON object a line'
parquet\t'Apache Parquet'
arrow\t'Apache Arrow\'s file format; as a stream on standard output'
npy\t'A NumPy array of the numbers'
npz\t'NumPy arrays: numbers, columns, ids, labels'
sqlite\t'A database of SQLite, with one table: rows'
nprint\t'CSV as nPrint writes it: the source address, then a column for each bit (with the set nprint alone)'
table\t'Of --list: aligned columns'
json\t'Of --list: an array of objects'
md\t'Of --list: Markdown, a table for each set'"
complete -c pcapml -n "__fish_pcapml_using_subcommand flows" -l key -d 'What further tells flows apart' -r -f -a "vlan\t'The outermost VLAN'
tunnel\t'The tunnel: its kind, ends and number'"
complete -c pcapml -n "__fish_pcapml_using_subcommand flows" -s t -l idle-timeout -d 'After how long without a packet a flow is over' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand flows" -l active-timeout -d 'After how long a flow is cut in two [default: never]' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand flows" -l max-flows -d 'How many flows may go on at once, in 64 shards with a share each; where there are more, the one without a packet for longest ends' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand flows" -l memory -d 'How much memory rows that wait for their order may take; more go through a temporary file' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand flows" -l undefined -d 'What is written where nothing is defined: a rate without duration, a deviation of one value' -r -f -a "empty\t'Nothing, or null'
0\t'0'
nan\t'NaN'"
complete -c pcapml -n "__fish_pcapml_using_subcommand flows" -l explain -d 'Tell what became of the packets, a reason a line (--explain, or --explain=json)' -r -f -a "text\t'One line for each reason'
json\t'One JSON object'"
complete -c pcapml -n "__fish_pcapml_using_subcommand flows" -l order -d 'The order of rows' -r -f -a "start\t'By the flow\'s first packet'
end\t'By the time of the flow\'s last packet, then by its first packet'"
complete -c pcapml -n "__fish_pcapml_using_subcommand flows" -l columns -d 'Only the columns of these names, in this order' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand flows" -l list -d 'List all features: set, name, kind, unit, meaning, source (--list, --list=csv, --list --format md)' -r -f -a "csv\t'RFC 4180, with a header'
jsonl\t'One JSON object a line'
parquet\t'Apache Parquet'
arrow\t'Apache Arrow\'s file format; as a stream on standard output'
npy\t'A NumPy array of the numbers'
npz\t'NumPy arrays: numbers, columns, ids, labels'
sqlite\t'A database of SQLite, with one table: rows'
nprint\t'CSV as nPrint writes it: the source address, then a column for each bit (with the set nprint alone)'
table\t'Of --list: aligned columns'
json\t'Of --list: an array of objects'
md\t'Of --list: Markdown, a table for each set'"
complete -c pcapml -n "__fish_pcapml_using_subcommand flows" -l rows -d 'What a row is about. Every sample has exactly one row of its own, also one without IP [default: by the set]' -r -f -a "packet\t'A packet: of the sets bytes, nprint, headers'
flow\t'A flow'
sample\t'A sample: its totals (--set stats), and its first flow; of a capture without labels, the capture'"
complete -c pcapml -n "__fish_pcapml_using_subcommand flows" -l first -d 'Only the first N packets of each sample (of a capture without labels: of the capture)' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand flows" -l label-from -d 'Label captures that have no labels: by `filename` (the name without its end), by `directory` (that which holds the capture), by `regex REGEX` (of the name, with groups as in label --label-by-name), or by `csv FILE` (a labels file)' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand flows" -l splits -d 'Add the column `split`, from a table sample_id,split' -r -F
complete -c pcapml -n "__fish_pcapml_using_subcommand flows" -l packets -d 'Also write which flow of which sample each packet is in, or why it is in none (flow_id; first_packet where that would tell what is masked)' -r -F
complete -c pcapml -n "__fish_pcapml_using_subcommand flows" -l partition -d 'Write a directory with a file for each value of a column that stands before the set: label, split, file, a field' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand flows" -l mask -d 'Let nothing rest on these fields of packets, nor on those that the input disallows' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand flows" -l threads -d 'Threads that may work; the output is the same for any number [default: the number of processors]' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand flows" -s f -l force -d 'Replace what is there'
complete -c pcapml -n "__fish_pcapml_using_subcommand flows" -l outer -d 'Flows of the outermost IP header, not of that inside tunnels'
complete -c pcapml -n "__fish_pcapml_using_subcommand flows" -l bare -d 'Nothing but the set\'s own columns: no sample, label, ids before them'
complete -c pcapml -n "__fish_pcapml_using_subcommand flows" -l dedup -d 'Leave out packets with the bytes of one of the four before, in the same sample, as `editcap -d` does'
complete -c pcapml -n "__fish_pcapml_using_subcommand flows" -l allow-disallowed -d 'Let features rest on fields that the input disallows (the `disallow` of its header)'
complete -c pcapml -n "__fish_pcapml_using_subcommand flows" -l strict -d 'Write nothing if the input is faulty'
complete -c pcapml -n "__fish_pcapml_using_subcommand flows" -s q -l quiet -d 'Tell faults only: no notes, no progress'
complete -c pcapml -n "__fish_pcapml_using_subcommand flows" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pcapml -n "__fish_pcapml_using_subcommand features" -s o -l output -d 'The output; `-` for standard output. Its name says the format: .csv, .jsonl, .parquet, .arrow, .sqlite, .npy, .npz' -r -F
complete -c pcapml -n "__fish_pcapml_using_subcommand features" -l to -l format -d 'The output\'s format [default: by its name; csv on standard output], or that of --list' -r -f -a "csv\t'RFC 4180, with a header'
jsonl\t'One JSON object a line'
parquet\t'Apache Parquet'
arrow\t'Apache Arrow\'s file format; as a stream on standard output'
npy\t'A NumPy array of the numbers'
npz\t'NumPy arrays: numbers, columns, ids, labels'
sqlite\t'A database of SQLite, with one table: rows'
nprint\t'CSV as nPrint writes it: the source address, then a column for each bit (with the set nprint alone)'
table\t'Of --list: aligned columns'
json\t'Of --list: an array of objects'
md\t'Of --list: Markdown, a table for each set'"
complete -c pcapml -n "__fish_pcapml_using_subcommand features" -l key -d 'What further tells flows apart' -r -f -a "vlan\t'The outermost VLAN'
tunnel\t'The tunnel: its kind, ends and number'"
complete -c pcapml -n "__fish_pcapml_using_subcommand features" -s t -l idle-timeout -d 'After how long without a packet a flow is over' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand features" -l active-timeout -d 'After how long a flow is cut in two [default: never]' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand features" -l max-flows -d 'How many flows may go on at once, in 64 shards with a share each; where there are more, the one without a packet for longest ends' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand features" -l memory -d 'How much memory rows that wait for their order may take; more go through a temporary file' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand features" -l undefined -d 'What is written where nothing is defined: a rate without duration, a deviation of one value' -r -f -a "empty\t'Nothing, or null'
0\t'0'
nan\t'NaN'"
complete -c pcapml -n "__fish_pcapml_using_subcommand features" -l explain -d 'Tell what became of the packets, a reason a line (--explain, or --explain=json)' -r -f -a "text\t'One line for each reason'
json\t'One JSON object'"
complete -c pcapml -n "__fish_pcapml_using_subcommand features" -l order -d 'The order of rows' -r -f -a "start\t'By the flow\'s first packet'
end\t'By the time of the flow\'s last packet, then by its first packet'"
complete -c pcapml -n "__fish_pcapml_using_subcommand features" -l columns -d 'Only the columns of these names, in this order' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand features" -l list -d 'List all features: set, name, kind, unit, meaning, source (--list, --list=csv, --list --format md)' -r -f -a "csv\t'RFC 4180, with a header'
jsonl\t'One JSON object a line'
parquet\t'Apache Parquet'
arrow\t'Apache Arrow\'s file format; as a stream on standard output'
npy\t'A NumPy array of the numbers'
npz\t'NumPy arrays: numbers, columns, ids, labels'
sqlite\t'A database of SQLite, with one table: rows'
nprint\t'CSV as nPrint writes it: the source address, then a column for each bit (with the set nprint alone)'
table\t'Of --list: aligned columns'
json\t'Of --list: an array of objects'
md\t'Of --list: Markdown, a table for each set'"
complete -c pcapml -n "__fish_pcapml_using_subcommand features" -l rows -d 'What a row is about. Every sample has exactly one row of its own, also one without IP [default: by the set]' -r -f -a "packet\t'A packet: of the sets bytes, nprint, headers'
flow\t'A flow'
sample\t'A sample: its totals (--set stats), and its first flow; of a capture without labels, the capture'"
complete -c pcapml -n "__fish_pcapml_using_subcommand features" -l first -d 'Only the first N packets of each sample (of a capture without labels: of the capture)' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand features" -l label-from -d 'Label captures that have no labels: by `filename` (the name without its end), by `directory` (that which holds the capture), by `regex REGEX` (of the name, with groups as in label --label-by-name), or by `csv FILE` (a labels file)' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand features" -l splits -d 'Add the column `split`, from a table sample_id,split' -r -F
complete -c pcapml -n "__fish_pcapml_using_subcommand features" -l packets -d 'Also write which flow of which sample each packet is in, or why it is in none (flow_id; first_packet where that would tell what is masked)' -r -F
complete -c pcapml -n "__fish_pcapml_using_subcommand features" -l partition -d 'Write a directory with a file for each value of a column that stands before the set: label, split, file, a field' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand features" -l mask -d 'Let nothing rest on these fields of packets, nor on those that the input disallows' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand features" -l set -d 'The sets of columns, or files that list names of columns, one a line' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand features" -l names -d 'How cic spells its columns' -r -f -a "cic\t'CICFlowMeter 4'
cic2017\t'CIC-IDS2017'
cic2018\t'CSE-CIC-IDS2018'"
complete -c pcapml -n "__fish_pcapml_using_subcommand features" -l legacy -d 'Which errors of CICFlowMeter cic-legacy makes [default: all]' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand features" -l activity -d 'Gaps of more than this are idle' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand features" -s n -l name -d 'Of pkt_analyser: how outputs are named: NAME0.json, NAME1.json and so on [default: class]' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand features" -s i -l check-interval -d 'Accepted for scripts of PyFlowMeter: it said how often to look for flows that are over' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand features" -s l -l check-limit -d 'Accepted for scripts of PyFlowMeter: it said how many flows to look at each time' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand features" -l fill -d 'With nprint: what stands where a header is absent, from -128 to 127 [default: -1]' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand features" -l threads -d 'Threads that may work; the output is the same for any number [default: the number of processors]' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand features" -s f -l force -d 'Replace what is there'
complete -c pcapml -n "__fish_pcapml_using_subcommand features" -l outer -d 'Flows of the outermost IP header, not of that inside tunnels'
complete -c pcapml -n "__fish_pcapml_using_subcommand features" -l bare -d 'Nothing but the set\'s own columns: no sample, label, ids before them'
complete -c pcapml -n "__fish_pcapml_using_subcommand features" -l dedup -d 'Leave out packets with the bytes of one of the four before, in the same sample, as `editcap -d` does'
complete -c pcapml -n "__fish_pcapml_using_subcommand features" -l allow-disallowed -d 'Let features rest on fields that the input disallows (the `disallow` of its header)'
complete -c pcapml -n "__fish_pcapml_using_subcommand features" -l strict -d 'Write nothing if the input is faulty'
complete -c pcapml -n "__fish_pcapml_using_subcommand features" -s r -l recursive -d 'Each capture of a directory by itself: <name>_flow.csv of each in the directory that is the output'
complete -c pcapml -n "__fish_pcapml_using_subcommand features" -s s -l session -d 'Of pkt_analyser: both directions are one flow'
complete -c pcapml -n "__fish_pcapml_using_subcommand features" -s m -l map -d 'Of pkt_analyser: the fields of headers instead of whole IP packets'
complete -c pcapml -n "__fish_pcapml_using_subcommand features" -l compat -d 'Of pkt_analyser: flows and retransmissions as in the original'
complete -c pcapml -n "__fish_pcapml_using_subcommand features" -s q -l quiet -d 'Tell faults only: no notes, no progress'
complete -c pcapml -n "__fish_pcapml_using_subcommand features" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pcapml -n "__fish_pcapml_using_subcommand dissect" -s o -l output -d 'The output: a file, a directory for tables of several types; `-` for standard output' -r -F
complete -c pcapml -n "__fish_pcapml_using_subcommand dissect" -l format -l to -d 'How records are written [default: by the output\'s name; jsonl on standard output]' -r -f -a "jsonl\t'One JSON object a line, all types together'
csv\t'A table of each type'
parquet\t'A table of each type'"
complete -c pcapml -n "__fish_pcapml_using_subcommand dissect" -l only -d 'Only records of these types, or of these protocols' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand dissect" -l names -d 'Whose names fields have' -r -f -a "zeek\t'Those of Zeek\'s logs'
ecs\t'Those of Elastic\'s common schema'"
complete -c pcapml -n "__fish_pcapml_using_subcommand dissect" -l dns -d 'What a record of the DNS is about' -r -f -a "exchange\t'A query and its response'
message\t'A message'"
complete -c pcapml -n "__fish_pcapml_using_subcommand dissect" -l shape -d 'In whose form records of the DNS are: `seed` tells each message as packet_analysis does, in JSON Lines' -r -f -a "own\t'Ours'
seed\t'That of packet_analysis'"
complete -c pcapml -n "__fish_pcapml_using_subcommand dissect" -l times -d 'How times are written in JSON' -r -f -a "epoch\t'Seconds since 1970'
rfc3339\t'RFC 3339 in UTC'"
complete -c pcapml -n "__fish_pcapml_using_subcommand dissect" -l body -d 'How much of a body to keep' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand dissect" -l local-net -d 'A network that is local, for local_orig and local_resp; may be given several times' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand dissect" -l key -d 'What further tells conversations apart' -r -f -a "vlan\t'The outermost VLAN'
tunnel\t'The tunnel: its kind, ends and number'"
complete -c pcapml -n "__fish_pcapml_using_subcommand dissect" -s t -l idle-timeout -d 'After how long without a packet a conversation is over' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand dissect" -l max-flows -d 'How many conversations may go on at once; where there are more, the one without a packet for longest ends' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand dissect" -l overlap -d 'Which bytes count where two segments of TCP hold the same place' -r -f -a "first\t'Those that came first'
last\t'Those that came last'"
complete -c pcapml -n "__fish_pcapml_using_subcommand dissect" -l memory -d 'How much memory may be taken by what waits: bytes of streams, messages that are not whole, fragments, and records for their order; a body of each side has room in any case' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand dissect" -l explain -d 'Tell what became of the packets, a reason a line (--explain, or --explain=json)' -r -f -a "text\t'One line for each reason'
json\t'One JSON object'"
complete -c pcapml -n "__fish_pcapml_using_subcommand dissect" -l list -d 'List all types of records and their fields (--list, --list=csv, --list=md)' -r -f -a "table\t'Aligned columns'
csv\t'RFC 4180, with a header'
json\t'An array of objects'
md\t'Markdown, a table for each type'"
complete -c pcapml -n "__fish_pcapml_using_subcommand dissect" -l threads -d 'Threads that may work; the output is the same for any number [default: the number of processors]' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand dissect" -s f -l force -d 'Replace what is there'
complete -c pcapml -n "__fish_pcapml_using_subcommand dissect" -l secrets -d 'Tell passwords and what stands for them'
complete -c pcapml -n "__fish_pcapml_using_subcommand dissect" -l outer -d 'Conversations of the outermost IP header, not of that inside tunnels'
complete -c pcapml -n "__fish_pcapml_using_subcommand dissect" -l strict -d 'Write nothing if the input is faulty'
complete -c pcapml -n "__fish_pcapml_using_subcommand dissect" -s q -l quiet -d 'Tell faults only: no notes, no progress'
complete -c pcapml -n "__fish_pcapml_using_subcommand dissect" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pcapml -n "__fish_pcapml_using_subcommand streams" -s o -l output -d 'The output: a directory, or a file of JSON Lines; `-` for standard output' -r -F
complete -c pcapml -n "__fish_pcapml_using_subcommand streams" -l format -l to -d 'How streams are written [default: by the output\'s name; jsonl on standard output]' -r -f -a "files\t'A directory: a file for each direction, and streams.csv'
jsonl\t'One JSON object a line'"
complete -c pcapml -n "__fish_pcapml_using_subcommand streams" -l mode -d 'Of JSON Lines: what an object is about [default: session]' -r -f -a "session\t'A conversation, when it ends'
chunk\t'What came at once: the new bytes of a segment, or a datagram'
exchange\t'What one side sent before the other one spoke'"
complete -c pcapml -n "__fish_pcapml_using_subcommand streams" -l bpf -d 'Only packets that pass this filter of pcap-filter(7); ports are only in the first fragment of a datagram' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand streams" -l key -d 'What further tells conversations apart' -r -f -a "vlan\t'The outermost VLAN'
tunnel\t'The tunnel: its kind, ends and number'"
complete -c pcapml -n "__fish_pcapml_using_subcommand streams" -s t -l idle-timeout -d 'After how long without a packet a conversation is over' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand streams" -l max-flows -d 'How many conversations may go on at once; where there are more, the one without a packet for longest ends' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand streams" -l overlap -d 'Which bytes count where two segments of TCP hold the same place' -r -f -a "first\t'Those that came first'
last\t'Those that came last'"
complete -c pcapml -n "__fish_pcapml_using_subcommand streams" -l memory -d 'How much memory bytes that wait may take; conversations larger than that come in parts' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand streams" -l threads -d 'Threads that may work; the output is the same for any number [default: the number of processors]' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand streams" -s f -l force -d 'Replace what is there'
complete -c pcapml -n "__fish_pcapml_using_subcommand streams" -l outer -d 'Conversations of the outermost IP header, not of that inside tunnels'
complete -c pcapml -n "__fish_pcapml_using_subcommand streams" -l strict -d 'Write nothing if the input is faulty'
complete -c pcapml -n "__fish_pcapml_using_subcommand streams" -s q -l quiet -d 'Tell faults only: no notes, no progress'
complete -c pcapml -n "__fish_pcapml_using_subcommand streams" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pcapml -n "__fish_pcapml_using_subcommand print" -s o -l output -d 'The output; `-` for standard output. A name that ends in .gz or .zst is packed' -r -F
complete -c pcapml -n "__fish_pcapml_using_subcommand print" -l format -d 'How a packet is written' -r -f -a "text\t'As print_pcap.py of packet_analysis, and further fields behind'
jsonl\t'One JSON object a line'"
complete -c pcapml -n "__fish_pcapml_using_subcommand print" -l asset-ip -l assetip -d 'Only packets from or to one of these addresses or networks, or ICMP errors about such' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand print" -l asset-port -l assetport -d 'Only packets from or to one of these ports, or ICMP errors about such' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand print" -l bpf -d 'Only packets that pass this filter of pcap-filter(7)' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand print" -l snap -d 'Print at most so many bytes of each payload; 0 prints none [default: all]' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand print" -l payload -d 'How payloads are written [default: of TCP as text and in hex, of others in hex; in JSON as text]' -r -f -a "text\t'Text: in lines with escapes; in JSON if it is UTF-8, else base64'
hex\t'Hex'
base64\t'Base64'"
complete -c pcapml -n "__fish_pcapml_using_subcommand print" -l timezone -d 'Where the clock is by which dates of lines of text are shown: an IANA name (Europe/Prague) or a distance from UTC (+02:00) [default: UTC]' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand print" -l threads -d 'Threads that may work; the output is the same for any number [default: the number of processors]' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand print" -s f -l force -d 'Replace what is there'
complete -c pcapml -n "__fish_pcapml_using_subcommand print" -l outer -d 'The outermost IP header, not that inside tunnels'
complete -c pcapml -n "__fish_pcapml_using_subcommand print" -s l -l line-buffered -d 'Write each line at once, for packets that are being captured'
complete -c pcapml -n "__fish_pcapml_using_subcommand print" -l strict -d 'Write nothing if the input is faulty'
complete -c pcapml -n "__fish_pcapml_using_subcommand print" -s q -l quiet -d 'Tell faults only: no notes, no progress'
complete -c pcapml -n "__fish_pcapml_using_subcommand print" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pcapml -n "__fish_pcapml_using_subcommand talkers" -s o -l output -d 'The output; `-` for standard output. Its name says the format: .csv, .jsonl, .parquet, .arrow, .sqlite' -r -F
complete -c pcapml -n "__fish_pcapml_using_subcommand talkers" -l format -l to -d 'The output\'s format [default: by its name; csv on standard output]' -r -f -a "csv\t'RFC 4180, with a header'
jsonl\t'One JSON object a line'
parquet\t'Apache Parquet'
arrow\t'Apache Arrow\'s file format; as a stream on standard output'
sqlite\t'A database of SQLite, with one table: rows'"
complete -c pcapml -n "__fish_pcapml_using_subcommand talkers" -l per -d 'What a row is about' -r -f -a "interval\t'A pair of ends, in an interval of time'
packet\t'A packet'"
complete -c pcapml -n "__fish_pcapml_using_subcommand talkers" -l interval -d 'How long an interval is; each begins at a multiple of that since 1970 [default: 1s]' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand talkers" -l local-net -d 'A network that is local, by which directions are seen; may be given several times' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand talkers" -l geoip -d 'A MaxMind database of countries or cities' -r -F
complete -c pcapml -n "__fish_pcapml_using_subcommand talkers" -l asn -d 'A MaxMind database of autonomous systems' -r -F
complete -c pcapml -n "__fish_pcapml_using_subcommand talkers" -l max-pairs -d 'How many pairs may wait in memory, at some 200 bytes each; where there are more, the earliest interval is written [default: 1000000]' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand talkers" -l threads -d 'Threads that may work; the output is the same for any number [default: the number of processors]' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand talkers" -s f -l force -d 'Replace what is there'
complete -c pcapml -n "__fish_pcapml_using_subcommand talkers" -l outer -d 'The outermost IP header, not that inside tunnels'
complete -c pcapml -n "__fish_pcapml_using_subcommand talkers" -l strict -d 'Write nothing if the input is faulty'
complete -c pcapml -n "__fish_pcapml_using_subcommand talkers" -s q -l quiet -d 'Tell faults only: no notes, no progress'
complete -c pcapml -n "__fish_pcapml_using_subcommand talkers" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pcapml -n "__fish_pcapml_using_subcommand lint" -l splits -d 'A table sample_id,split, as partition writes it: finds what splits share' -r -F
complete -c pcapml -n "__fish_pcapml_using_subcommand lint" -l deny -d 'Findings of this rule or group are errors; may be repeated' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand lint" -l allow -d 'This rule or group is not asked; may be repeated' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand lint" -l threshold -d 'Tell a shortcut if one field alone predicts labels so much better than guessing, from 0 (guessing) to 1 (always right)' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand lint" -l format -d 'How findings are told' -r -f -a "text\t'Lines for people'
json\t'A list of objects: rule, severity, ids, evidence, remedy, disallow'
sarif\t'SARIF 2.1.0, which code hosts show'"
complete -c pcapml -n "__fish_pcapml_using_subcommand lint" -s o -l output -d 'The output; `-` for standard output' -r -F
complete -c pcapml -n "__fish_pcapml_using_subcommand lint" -l rules -d 'List the rules' -r -f -a "table\t'Aligned columns'
csv\t'RFC 4180, with a header'
json\t'An array of objects'"
complete -c pcapml -n "__fish_pcapml_using_subcommand lint" -l threads -d 'Threads that may work; the output is the same for any number [default: the number of processors]' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand lint" -s f -l force -d 'Replace what is there'
complete -c pcapml -n "__fish_pcapml_using_subcommand lint" -s q -l quiet -d 'Tell faults only: no notes, no progress'
complete -c pcapml -n "__fish_pcapml_using_subcommand lint" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pcapml -n "__fish_pcapml_using_subcommand release" -l splits -d 'The table of splits, as partition writes it' -r -F
complete -c pcapml -n "__fish_pcapml_using_subcommand release" -l manifest -d 'What the authors say: name, version, license and so on' -r -F
complete -c pcapml -n "__fish_pcapml_using_subcommand release" -s o -l output -d 'The directory; it may not exist, or must be empty' -r -f -a "(__fish_complete_directories)"
complete -c pcapml -n "__fish_pcapml_using_subcommand release" -l sources -d 'Where the captures lie that samples come from: their names and digests go into the table' -r -f -a "(__fish_complete_directories)"
complete -c pcapml -n "__fish_pcapml_using_subcommand release" -l labels -d 'The labels file that made the samples: its rules go into the table' -r -F
complete -c pcapml -n "__fish_pcapml_using_subcommand release" -l deny -d 'Findings of this rule or group of lint end the release; may be repeated' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand release" -l allow -d 'Findings of this rule or group do not; may be repeated' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand release" -l threads -d 'Threads that may work; the output is the same for any number [default: the number of processors]' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand release" -s q -l quiet -d 'Tell faults only: no notes, no progress'
complete -c pcapml -n "__fish_pcapml_using_subcommand release" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pcapml -n "__fish_pcapml_using_subcommand verify" -l threads -d 'Threads that may work; the output is the same for any number [default: the number of processors]' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand verify" -s q -l quiet -d 'Tell faults only: no notes, no progress'
complete -c pcapml -n "__fish_pcapml_using_subcommand verify" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pcapml -n "__fish_pcapml_using_subcommand compare" -s o -l output -d 'Where the figures go; `-` for standard output' -r -F
complete -c pcapml -n "__fish_pcapml_using_subcommand compare" -l format -d 'How they are written [default: by the output\'s name, otherwise table]' -r -f -a "table\t'Aligned columns'
csv\t'A row for each label, average and count of packets'
json\t'One object'"
complete -c pcapml -n "__fish_pcapml_using_subcommand compare" -l confusion -d 'Write a CSV of what is taken for what: rows of the truth, columns of the test' -r -F
complete -c pcapml -n "__fish_pcapml_using_subcommand compare" -l threads -d 'Threads that may work; the output is the same for any number [default: the number of processors]' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand compare" -l matched-only -d 'Leave packets out that are in one of the captures only'
complete -c pcapml -n "__fish_pcapml_using_subcommand compare" -s f -l force -d 'Replace what is there'
complete -c pcapml -n "__fish_pcapml_using_subcommand compare" -s q -l quiet -d 'Tell faults only: no notes, no progress'
complete -c pcapml -n "__fish_pcapml_using_subcommand compare" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pcapml -n "__fish_pcapml_using_subcommand score" -l truth -d 'A labelled capture, or a table sample_id,label' -r -F
complete -c pcapml -n "__fish_pcapml_using_subcommand score" -l predictions -d 'Tables of predictions, one for each competitor' -r -F
complete -c pcapml -n "__fish_pcapml_using_subcommand score" -l splits -d 'A table sample_id,split,group: which samples are scored, and what belongs together' -r -F
complete -c pcapml -n "__fish_pcapml_using_subcommand score" -l split -d 'The split to score; may be repeated [default: test, if there are splits, otherwise all samples]' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand score" -l missing -d 'What samples without a prediction are' -r -f -a "wrong\t'Wrong, in all figures'
ignore\t'Left out of all figures; of several tables, out of those of all of them'"
complete -c pcapml -n "__fish_pcapml_using_subcommand score" -l bootstrap -d 'How many resamples intervals are made of; 0 for no intervals [default: 1000]' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand score" -l seed -d 'What resamples are drawn by: the same seed gives the same intervals [default: 1]' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand score" -l resample -d 'What is drawn [default: group, if groups are known]' -r -f -a "group\t'Groups as the splits name them'
sample\t'Samples, as if they were independent'"
complete -c pcapml -n "__fish_pcapml_using_subcommand score" -l bins -d 'How many bins the calibration error has [default: 15]' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand score" -s o -l output -d 'Where the figures go; `-` for standard output' -r -F
complete -c pcapml -n "__fish_pcapml_using_subcommand score" -l format -d 'How they are written [default: by the output\'s name, otherwise table]' -r -f -a "table\t'Aligned columns'
csv\t'A row for each table of predictions'
json\t'Everything: figures, classes, what is taken for what, calibration'
markdown\t'A leaderboard'"
complete -c pcapml -n "__fish_pcapml_using_subcommand score" -l classes -d 'Write a CSV of precision, recall, F1 and support of each class' -r -F
complete -c pcapml -n "__fish_pcapml_using_subcommand score" -l confusion -d 'Write a CSV of what is taken for what: rows of the truth, columns of the predictions' -r -F
complete -c pcapml -n "__fish_pcapml_using_subcommand score" -l threads -d 'Threads that may work; the output is the same for any number [default: the number of processors]' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand score" -s f -l force -d 'Replace what is there'
complete -c pcapml -n "__fish_pcapml_using_subcommand score" -s q -l quiet -d 'Tell faults only: no notes, no progress'
complete -c pcapml -n "__fish_pcapml_using_subcommand score" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pcapml -n "__fish_pcapml_using_subcommand report" -s o -l output -d 'The output; `-` for standard output. A name that ends in .gz or .zst is packed' -r -F
complete -c pcapml -n "__fish_pcapml_using_subcommand report" -l splits -d 'The splits of its samples: a table sample_id,split' -r -F
complete -c pcapml -n "__fish_pcapml_using_subcommand report" -l title -d 'What the page is called [default: the dataset\'s name, or the file\'s]' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand report" -l threads -d 'Threads that may work; the output is the same for any number [default: the number of processors]' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand report" -s f -l force -d 'Replace what is there'
complete -c pcapml -n "__fish_pcapml_using_subcommand report" -l strict -d 'Write nothing if the input is faulty'
complete -c pcapml -n "__fish_pcapml_using_subcommand report" -s q -l quiet -d 'Tell faults only: no notes, no progress'
complete -c pcapml -n "__fish_pcapml_using_subcommand report" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pcapml -n "__fish_pcapml_using_subcommand export; and not __fish_seen_subcommand_from huggingface help" -l threads -d 'Threads that may work; the output is the same for any number [default: the number of processors]' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand export; and not __fish_seen_subcommand_from huggingface help" -s q -l quiet -d 'Tell faults only: no notes, no progress'
complete -c pcapml -n "__fish_pcapml_using_subcommand export; and not __fish_seen_subcommand_from huggingface help" -s h -l help -d 'Print help'
complete -c pcapml -n "__fish_pcapml_using_subcommand export; and not __fish_seen_subcommand_from huggingface help" -f -a "huggingface" -d 'A directory that `datasets` of Hugging Face loads: Parquet files by split, and a README.md'
complete -c pcapml -n "__fish_pcapml_using_subcommand export; and not __fish_seen_subcommand_from huggingface help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c pcapml -n "__fish_pcapml_using_subcommand export; and __fish_seen_subcommand_from huggingface" -s o -l output -d 'The directory to write, which must be empty or absent' -r -f -a "(__fish_complete_directories)"
complete -c pcapml -n "__fish_pcapml_using_subcommand export; and __fish_seen_subcommand_from huggingface" -l splits -d 'A table sample_id,split; samples in no split are left out [default: all are in the split train]' -r -F
complete -c pcapml -n "__fish_pcapml_using_subcommand export; and __fish_seen_subcommand_from huggingface" -l set -d 'The sets of columns, or files that list names of columns, one a line' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand export; and __fish_seen_subcommand_from huggingface" -l columns -d 'Only the columns of these names, in this order' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand export; and __fish_seen_subcommand_from huggingface" -l rows -d 'What a row is about [default: by the set]' -r -f -a "packet\t'A packet: of the sets bytes, nprint, headers'
flow\t'A flow'
sample\t'A sample: its totals (--set stats), and its first flow; of a capture without labels, the capture'"
complete -c pcapml -n "__fish_pcapml_using_subcommand export; and __fish_seen_subcommand_from huggingface" -l first -d 'Only the first N packets of each sample' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand export; and __fish_seen_subcommand_from huggingface" -l shard -d 'At most so many samples in one Parquet file' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand export; and __fish_seen_subcommand_from huggingface" -l mask -d 'Let nothing rest on these fields of packets, nor on those that the input disallows' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand export; and __fish_seen_subcommand_from huggingface" -l threads -d 'Threads that may work; the output is the same for any number [default: the number of processors]' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand export; and __fish_seen_subcommand_from huggingface" -l allow-disallowed -d 'Let features rest on fields that the input disallows (the `disallow` of its header)'
complete -c pcapml -n "__fish_pcapml_using_subcommand export; and __fish_seen_subcommand_from huggingface" -l strict -d 'Write nothing if the input is faulty'
complete -c pcapml -n "__fish_pcapml_using_subcommand export; and __fish_seen_subcommand_from huggingface" -s q -l quiet -d 'Tell faults only: no notes, no progress'
complete -c pcapml -n "__fish_pcapml_using_subcommand export; and __fish_seen_subcommand_from huggingface" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pcapml -n "__fish_pcapml_using_subcommand export; and __fish_seen_subcommand_from help" -f -a "huggingface" -d 'A directory that `datasets` of Hugging Face loads: Parquet files by split, and a README.md'
complete -c pcapml -n "__fish_pcapml_using_subcommand export; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c pcapml -n "__fish_pcapml_using_subcommand completions" -l threads -d 'Threads that may work; the output is the same for any number [default: the number of processors]' -r
complete -c pcapml -n "__fish_pcapml_using_subcommand completions" -s q -l quiet -d 'Tell faults only: no notes, no progress'
complete -c pcapml -n "__fish_pcapml_using_subcommand completions" -s h -l help -d 'Print help'
complete -c pcapml -n "__fish_pcapml_using_subcommand help; and not __fish_seen_subcommand_from label relabel sort split strip samples summary select partition check diff anonymize cat convert flows features dissect streams print talkers lint release verify compare score report export completions help" -f -a "label" -d 'Label captures: by a table of files, by rules, flow records, hosts, interfaces, comments'
complete -c pcapml -n "__fish_pcapml_using_subcommand help; and not __fish_seen_subcommand_from label relabel sort split strip samples summary select partition check diff anonymize cat convert flows features dissect streams print talkers lint release verify compare score report export completions help" -f -a "relabel" -d 'Give the samples of a labelled capture other labels, and keep their ids'
complete -c pcapml -n "__fish_pcapml_using_subcommand help; and not __fish_seen_subcommand_from label relabel sort split strip samples summary select partition check diff anonymize cat convert flows features dissect streams print talkers lint release verify compare score report export completions help" -f -a "sort" -d 'Sort a labelled capture by sample id and time'
complete -c pcapml -n "__fish_pcapml_using_subcommand help; and not __fish_seen_subcommand_from label relabel sort split strip samples summary select partition check diff anonymize cat convert flows features dissect streams print talkers lint release verify compare score report export completions help" -f -a "split" -d 'Write one pcap for each sample, or for each flow, and a metadata.csv'
complete -c pcapml -n "__fish_pcapml_using_subcommand help; and not __fish_seen_subcommand_from label relabel sort split strip samples summary select partition check diff anonymize cat convert flows features dissect streams print talkers lint release verify compare score report export completions help" -f -a "strip" -d 'Take the labels out of a capture'
complete -c pcapml -n "__fish_pcapml_using_subcommand help; and not __fish_seen_subcommand_from label relabel sort split strip samples summary select partition check diff anonymize cat convert flows features dissect streams print talkers lint release verify compare score report export completions help" -f -a "samples" -d 'List the samples of a labelled capture'
complete -c pcapml -n "__fish_pcapml_using_subcommand help; and not __fish_seen_subcommand_from label relabel sort split strip samples summary select partition check diff anonymize cat convert flows features dissect streams print talkers lint release verify compare score report export completions help" -f -a "summary" -d 'Sum up packets, bytes and samples of each label'
complete -c pcapml -n "__fish_pcapml_using_subcommand help; and not __fish_seen_subcommand_from label relabel sort split strip samples summary select partition check diff anonymize cat convert flows features dissect streams print talkers lint release verify compare score report export completions help" -f -a "select" -d 'Take some samples out of a labelled capture'
complete -c pcapml -n "__fish_pcapml_using_subcommand help; and not __fish_seen_subcommand_from label relabel sort split strip samples summary select partition check diff anonymize cat convert flows features dissect streams print talkers lint release verify compare score report export completions help" -f -a "partition" -d 'Say which samples are for training, validation and testing, as lists'
complete -c pcapml -n "__fish_pcapml_using_subcommand help; and not __fish_seen_subcommand_from label relabel sort split strip samples summary select partition check diff anonymize cat convert flows features dissect streams print talkers lint release verify compare score report export completions help" -f -a "check" -d 'See whether a labelled capture is sound, and still what its lists say'
complete -c pcapml -n "__fish_pcapml_using_subcommand help; and not __fish_seen_subcommand_from label relabel sort split strip samples summary select partition check diff anonymize cat convert flows features dissect streams print talkers lint release verify compare score report export completions help" -f -a "diff" -d 'Tell what changed between two versions of a dataset'
complete -c pcapml -n "__fish_pcapml_using_subcommand help; and not __fish_seen_subcommand_from label relabel sort split strip samples summary select partition check diff anonymize cat convert flows features dissect streams print talkers lint release verify compare score report export completions help" -f -a "anonymize" -d 'Replace addresses and names, and drop payloads, before a capture is published'
complete -c pcapml -n "__fish_pcapml_using_subcommand help; and not __fish_seen_subcommand_from label relabel sort split strip samples summary select partition check diff anonymize cat convert flows features dissect streams print talkers lint release verify compare score report export completions help" -f -a "cat" -d 'Join labelled captures'
complete -c pcapml -n "__fish_pcapml_using_subcommand help; and not __fish_seen_subcommand_from label relabel sort split strip samples summary select partition check diff anonymize cat convert flows features dissect streams print talkers lint release verify compare score report export completions help" -f -a "convert" -d 'Convert between pcap and pcapng, repair times, cut into chunks'
complete -c pcapml -n "__fish_pcapml_using_subcommand help; and not __fish_seen_subcommand_from label relabel sort split strip samples summary select partition check diff anonymize cat convert flows features dissect streams print talkers lint release verify compare score report export completions help" -f -a "flows" -d 'A row for each flow: ends, times, packets, bytes, flags'
complete -c pcapml -n "__fish_pcapml_using_subcommand help; and not __fish_seen_subcommand_from label relabel sort split strip samples summary select partition check diff anonymize cat convert flows features dissect streams print talkers lint release verify compare score report export completions help" -f -a "features" -d 'Features of every flow, in named sets'
complete -c pcapml -n "__fish_pcapml_using_subcommand help; and not __fish_seen_subcommand_from label relabel sort split strip samples summary select partition check diff anonymize cat convert flows features dissect streams print talkers lint release verify compare score report export completions help" -f -a "dissect" -d 'What was said: conversations, messages, exchanges, logins'
complete -c pcapml -n "__fish_pcapml_using_subcommand help; and not __fish_seen_subcommand_from label relabel sort split strip samples summary select partition check diff anonymize cat convert flows features dissect streams print talkers lint release verify compare score report export completions help" -f -a "streams" -d 'What both sides of every conversation sent, as bytes'
complete -c pcapml -n "__fish_pcapml_using_subcommand help; and not __fish_seen_subcommand_from label relabel sort split strip samples summary select partition check diff anonymize cat convert flows features dissect streams print talkers lint release verify compare score report export completions help" -f -a "print" -d 'Print one line for each packet'
complete -c pcapml -n "__fish_pcapml_using_subcommand help; and not __fish_seen_subcommand_from label relabel sort split strip samples summary select partition check diff anonymize cat convert flows features dissect streams print talkers lint release verify compare score report export completions help" -f -a "talkers" -d 'Who sent how much to whom: a row for each pair of ends and interval, or each packet'
complete -c pcapml -n "__fish_pcapml_using_subcommand help; and not __fish_seen_subcommand_from label relabel sort split strip samples summary select partition check diff anonymize cat convert flows features dissect streams print talkers lint release verify compare score report export completions help" -f -a "lint" -d 'What a reviewer would find: leaks, shortcuts, noise, secrets'
complete -c pcapml -n "__fish_pcapml_using_subcommand help; and not __fish_seen_subcommand_from label relabel sort split strip samples summary select partition check diff anonymize cat convert flows features dissect streams print talkers lint release verify compare score report export completions help" -f -a "release" -d 'Make a directory that others can check, cite and train on'
complete -c pcapml -n "__fish_pcapml_using_subcommand help; and not __fish_seen_subcommand_from label relabel sort split strip samples summary select partition check diff anonymize cat convert flows features dissect streams print talkers lint release verify compare score report export completions help" -f -a "verify" -d 'Check a release: digests, captures, lists and tables against each other'
complete -c pcapml -n "__fish_pcapml_using_subcommand help; and not __fish_seen_subcommand_from label relabel sort split strip samples summary select partition check diff anonymize cat convert flows features dissect streams print talkers lint release verify compare score report export completions help" -f -a "compare" -d 'Compare two labellings of the same traffic, packet by packet'
complete -c pcapml -n "__fish_pcapml_using_subcommand help; and not __fish_seen_subcommand_from label relabel sort split strip samples summary select partition check diff anonymize cat convert flows features dissect streams print talkers lint release verify compare score report export completions help" -f -a "score" -d 'Score predictions against the truth'
complete -c pcapml -n "__fish_pcapml_using_subcommand help; and not __fish_seen_subcommand_from label relabel sort split strip samples summary select partition check diff anonymize cat convert flows features dissect streams print talkers lint release verify compare score report export completions help" -f -a "report" -d 'Show a labelled capture on one page: labels, lengths, times, bytes, talkers, splits'
complete -c pcapml -n "__fish_pcapml_using_subcommand help; and not __fish_seen_subcommand_from label relabel sort split strip samples summary select partition check diff anonymize cat convert flows features dissect streams print talkers lint release verify compare score report export completions help" -f -a "export" -d 'Write a labelled capture as a dataset of another project'
complete -c pcapml -n "__fish_pcapml_using_subcommand help; and not __fish_seen_subcommand_from label relabel sort split strip samples summary select partition check diff anonymize cat convert flows features dissect streams print talkers lint release verify compare score report export completions help" -f -a "completions" -d 'Print the completions of a shell'
complete -c pcapml -n "__fish_pcapml_using_subcommand help; and not __fish_seen_subcommand_from label relabel sort split strip samples summary select partition check diff anonymize cat convert flows features dissect streams print talkers lint release verify compare score report export completions help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c pcapml -n "__fish_pcapml_using_subcommand help; and __fish_seen_subcommand_from export" -f -a "huggingface" -d 'A directory that `datasets` of Hugging Face loads: Parquet files by split, and a README.md'
