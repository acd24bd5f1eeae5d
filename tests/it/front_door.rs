//! The command line: what is asked, what is told, and the front door of pcapml 0.3.

use std::fs;
use std::process::Stdio;

use crate::support::{Run, Sandbox, apps, corpus};

fn small_dataset(sandbox: &Sandbox) {
    for (name, source) in [("a.pcap", "http/curl-v4-1.pcap"), ("b.pcap", "dns/dig-v4-1.pcap")] {
        sandbox.write(&format!("dataset/{name}"), fs::read(apps().join("pcaps").join(source)).unwrap());
    }
    sandbox.write("labels.txt", "filename,label\na.pcap,web\nb.pcap,names\n");
}

#[test]
fn the_walkthrough_of_pcapml_0_3_works_and_equals_the_commands() {
    let sandbox = Sandbox::new();
    small_dataset(&sandbox);
    let same = |old: &[&str], new: &[&str], old_out: &str, new_out: &str| {
        sandbox.pcapml(old).expect(0);
        sandbox.pcapml(new).expect(0);
        assert!(fs::read(sandbox.path(old_out)).unwrap() == fs::read(sandbox.path(new_out)).unwrap(), "{old:?}");
    };
    same(
        &["-D", "dataset/", "-L", "labels.txt", "-W", "old.pcapng"],
        &["label", "dataset/", "--labels", "labels.txt", "-o", "new.pcapng"],
        "old.pcapng",
        "new.pcapng",
    );
    sandbox.write("rules.txt", "BPF:tcp,web\n");
    same(
        &["-P", "dataset/a.pcap", "-L", "rules.txt", "-W", "old-rules.pcapng"],
        &["label", "dataset/a.pcap", "--labels", "rules.txt", "-o", "new-rules.pcapng"],
        "old-rules.pcapng",
        "new-rules.pcapng",
    );
    same(
        &["-M", "old.pcapng", "-s", "-W", "old-sorted.pcapng"],
        &["sort", "new.pcapng", "-o", "new-sorted.pcapng"],
        "old-sorted.pcapng",
        "new-sorted.pcapng",
    );
    same(
        &["--pcapml", "old.pcapng", "--outdir", "old-parts"],
        &["split", "new.pcapng", "-o", "new-parts"],
        "old-parts/metadata.csv",
        "new-parts/metadata.csv",
    );
    same(
        &["-M", "old.pcapng", "-p", "-W", "old.pcap"],
        &["strip", "new.pcapng", "-o", "new.pcap"],
        "old.pcap",
        "new.pcap",
    );
    let stats = sandbox.pcapml(["-t", "-P", "dataset/a.pcap", "-L", "rules.txt", "-W", "stats.pcapng"]).expect(0);
    assert!(stats.out.contains("BPF:tcp") && stats.out.contains("packets"), "{}", stats.out);
}

#[test]
fn the_rules_of_pcapml_itself_are_read() {
    let Some(corpus) = corpus() else { return };
    let sandbox = Sandbox::new();
    let extra = corpus.join("extra");
    let (capture, rules) = (extra.join("pcapml-label-test.pcap"), extra.join("pcapml-label-test.rules"));
    // Its hash key stands for two labels, which is what our format contract refuses.
    let run = sandbox.pcapml(["-P", capture.to_str().unwrap(), "-L", rules.to_str().unwrap(), "-W", "out.pcapng"]);
    run.expect(1).says("line 6: hash_key 'hashme' has another label here than on line 2");
    let one_label = fs::read_to_string(rules).unwrap().replace("web-server,hashme", "web-server,other");
    sandbox.write("fixed.rules", one_label);
    sandbox.pcapml(["-P", capture.to_str().unwrap(), "-L", "fixed.rules", "-W", "out.pcapng"]).expect(0);
    for old in ["pcapml-sample-test.pcapng", "pcapml-sort-test.pcapng"] {
        let run = sandbox.pcapml(["summary", extra.join(old).to_str().unwrap(), "--format", "csv"]).expect(0);
        assert!(run.out.lines().count() > 2, "{}", run.out);
    }
}

#[test]
fn wrong_use_is_status_1() {
    let sandbox = Sandbox::new();
    small_dataset(&sandbox);
    for wrong in [
        &["label"][..],
        &["label", "dataset", "--labels", "labels.txt"],
        &["nonsense"],
        &["-M", "x", "-s", "-p", "-W", "y"],
        &["-D", "dataset"],
        &["-s", "label", "dataset", "--labels", "labels.txt", "-o", "x"],
        &["select", "x", "-o", "y"],
        &["convert", "dataset/a.pcap", "noending"],
        &["convert", "dataset/a.pcap", "x.pcap", "--packets", "0"],
        &["sort", "x", "-o", "y", "--memory", "lots"],
        &["samples", "absent.pcapng"],
        &["samples", "labels.txt"],
        &["samples", "dataset"],
        &["label", "dataset", "--labels", "absent.csv", "-o", "x"],
        &["--threads", "0", "samples", "x"],
    ] {
        let run = sandbox.pcapml(wrong).expect(1);
        assert!(!run.err.is_empty(), "{wrong:?}");
    }
    for right in [&["--help"][..], &["--version"], &["label", "--help"], &["help", "sort"]] {
        let run = sandbox.pcapml(right).expect(0);
        assert!(run.err.is_empty() && !run.out.is_empty(), "{right:?}");
    }
    assert_eq!(sandbox.files(), ["dataset", "labels.txt"]);
}

#[test]
fn quiet_is_quiet_and_pipes_get_no_colours() {
    let sandbox = Sandbox::new();
    small_dataset(&sandbox);
    let label = ["label", "dataset", "--labels", "labels.txt", "-o", "out.pcapng", "--force"];
    assert_eq!(sandbox.pcapml(label.into_iter().chain(["-q"])).expect(0).err, "");
    let loud = sandbox.pcapml(label).expect(0);
    assert!(loud.err.starts_with("pcapml: labelled 12 packets of 2 samples"), "{}", loud.err);
    assert!(!loud.err.contains('\u{1b}'));
    let table = sandbox.pcapml(["summary", "out.pcapng"]).expect(0).out;
    assert_eq!(
        table,
        "label  samples  packets  bytes\nweb          1       10  1,171\nnames        1        2    192\n"
    );
}

#[test]
fn captures_come_from_pipes_and_go_to_pipes_packed_or_not() {
    let sandbox = Sandbox::new();
    small_dataset(&sandbox);
    sandbox.write("rules.txt", "BPF:tcp,web\n");
    sandbox.pcapml(["label", "dataset/a.pcap", "--labels", "rules.txt", "-o", "plain.pcapng"]).expect(0);
    let plain = fs::read(sandbox.path("plain.pcapng")).unwrap();
    let (gzip, zstd) = (["-k", "-c"], ["-q", "-c"]);
    for (packer, options) in [("gzip", &gzip[..]), ("zstd", &zstd), ("xz", &gzip), ("lz4", &zstd)] {
        let packed = sandbox.try_tool(packer, &[options, &["dataset/a.pcap"]].concat());
        assert!(packed.status.success(), "{packer}");
        // The name says nothing: the first bytes do.
        sandbox.write("packed", &packed.stdout);
        for threads in ["1", "2"] {
            let mut command = sandbox.command();
            command.args(["label", "-", "--labels", "rules.txt", "-o", "-", "--threads", threads]);
            command.stdin(fs::File::open(sandbox.path("packed")).unwrap()).stderr(Stdio::null());
            assert!(command.output().unwrap().stdout == plain, "{packer}");
        }
        // Two packed streams in a row unpack to one.
        {
            let halves = [&plain[..100], &plain[100..]].map(|half| {
                sandbox.write("half", half);
                sandbox.try_tool(packer, &[options, &["half"]].concat()).stdout
            });
            sandbox.write("joined", halves.concat());
            let joined = sandbox.pcapml(["summary", "joined"]).expect(0);
            assert_eq!(joined.out, sandbox.pcapml(["summary", "plain.pcapng"]).expect(0).out, "{packer}");
        }
    }
    for (ending, unpacker) in [("gz", "gzip"), ("zst", "zstd")] {
        let name = format!("out.pcapng.{ending}");
        sandbox.pcapml(["label", "dataset/a.pcap", "--labels", "rules.txt", "-o", &name]).expect(0);
        assert!(sandbox.try_tool(unpacker, &["-d", "-c", &name]).stdout == plain, "{ending}");
    }
}

#[test]
fn a_fifo_is_a_capture_too() {
    let sandbox = Sandbox::new();
    small_dataset(&sandbox);
    sandbox.tool("mkfifo", &["pipe"]);
    let mut feeder = std::process::Command::new("sh");
    let mut feeder = feeder.args(["-c", "cat dataset/a.pcap > pipe"]).current_dir(sandbox.path("")).spawn().unwrap();
    sandbox.pcapml(["convert", "pipe", "out.pcapng"]).expect(0);
    feeder.wait().unwrap();
    assert_eq!(crate::support::packets(&sandbox.path("out.pcapng")).len(), 10);
}

#[test]
fn progress_is_for_people_who_wait() {
    let sandbox = Sandbox::new();
    small_dataset(&sandbox);
    let small = fs::read(sandbox.path("dataset/a.pcap")).unwrap();
    sandbox.write("big.pcap", [&small[..24], &small[24..].repeat(20_000)].concat());
    // `script` gives the command a terminal; the input takes longer than a second to come.
    let feed = "(head -c 200 big.pcap; sleep 1.5; tail -c +201 big.pcap)";
    let command = format!("{feed} | {} convert - out.pcapng", env!("CARGO_BIN_EXE_pcapml"));
    let shown = sandbox.try_tool("script", &["-qec", &command, "/dev/null"]);
    let shown = String::from_utf8_lossy(&shown.stdout).into_owned();
    assert!(shown.contains("packets") && shown.contains("/s"), "{shown}");
    let piped = format!("{feed} | {} convert - again.pcapng", env!("CARGO_BIN_EXE_pcapml"));
    let mut shell = std::process::Command::new("sh");
    assert_eq!(Run::of(shell.args(["-c", &piped]).current_dir(sandbox.path(""))).expect(0).err, "");
}

#[test]
fn namespaces_keep_equal_files_of_two_datasets_apart() {
    use pcapml::packet::{Key, SampleId};
    let sandbox = Sandbox::new();
    small_dataset(&sandbox);
    for name in ["one", "two"] {
        let output = format!("{name}.pcapng");
        sandbox.pcapml(["label", "dataset", "-l", "labels.txt", "-o", &output, "--namespace", name]).expect(0);
        let id = SampleId::of(name, Key::File("a.pcap")).to_string();
        assert!(crate::support::by_sample(&sandbox.path(&output)).contains_key(&id));
    }
    sandbox.pcapml(["cat", "one.pcapng", "two.pcapng", "-o", "both.pcapng"]).expect(0).says("of 4 samples");
}

#[test]
fn a_sort_spills_where_it_is_told_to() {
    let sandbox = Sandbox::new();
    small_dataset(&sandbox);
    let small = fs::read(sandbox.path("dataset/a.pcap")).unwrap();
    sandbox.write("big.pcap", [&small[..24], &small[24..].repeat(8_000)].concat());
    sandbox.write("rules.txt", "BPF:tcp,web\n");
    sandbox.pcapml(["label", "big.pcap", "-l", "rules.txt", "-o", "big.pcapng"]).expect(0);
    let sort = |directory: &str| {
        sandbox.pcapml(["sort", "big.pcapng", "-o", "sorted.pcapng", "--memory", "8M", "--temp-dir", directory, "-f"])
    };
    sort("absent").expect(1).says("absent: No such file or directory");
    assert!(!sandbox.path("sorted.pcapng").exists());
    fs::create_dir(sandbox.path("there")).unwrap();
    sort("there").expect(0);
    assert_eq!(fs::read_dir(sandbox.path("there")).unwrap().count(), 0);
    assert_eq!(crate::support::packets(&sandbox.path("sorted.pcapng")).len(), 80_000);
}

#[test]
fn completions_are_those_that_are_committed() {
    let sandbox = Sandbox::new();
    for shell in ["bash", "fish", "zsh"] {
        let committed = fs::read_to_string(crate::support::root().join(format!("completions/pcapml.{shell}"))).unwrap();
        assert!(sandbox.pcapml(["completions", shell]).expect(0).out == committed, "{shell}");
    }
}
