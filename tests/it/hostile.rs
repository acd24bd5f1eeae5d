//! Malformed and hostile captures: every command, what the manifest wants, and never a crash.

use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use pcapml::capture::{Item, Reader};
use serde_json::Value;

use crate::support::{Sandbox, apps, corpus};

/// The longest that any command may take on any of these files.
const PATIENCE: Duration = Duration::from_secs(10);

/// The most memory: address space, which is more than what is really used.
const MEMORY: u64 = 256 << 20;

fn manifest(corpus: &Path) -> Vec<Value> {
    let text = fs::read_to_string(corpus.join("hostile/manifest.jsonl")).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The commands that read a capture, with the capture as `IN`, and outputs below `out/`.
const COMMANDS: [&[&str]; 25] = [
    &["anonymize", "IN", "--key-file", "key", "--payload", "keep", "--ids", "rekey", "-o", "out/public.pcapng"],
    &["label", "IN", "--labels", "rules.csv", "-o", "out/label.pcapng"],
    &["label", "IN", "--labels", "rules.csv", "--keep-unlabeled", "--match", "all", "--stats", "-o", "out/all.pcapng"],
    &["label", "IN", "--labels", "rules.csv", "--compat", "0.3", "-o", "out/old.pcapng"],
    &["features", "IN", "--set", "cic,splt:9,ppi:9,entropy", "-o", "out/rows.csv", "--memory", "8M"],
    &["flows", "IN", "-o", "out/rows.parquet", "--memory", "8M", "--key", "vlan,tunnel"],
    &["features", "IN", "--set", "bytes:1500,nprint:4,6,tcp,udp,icmp,eth,payload=9,headers", "-o", "out/packets.csv"],
    &["features", "IN", "--set", "bytes:99", "--mask", "ports,seq,ttl,id,options,tstamp", "-o", "out/packets.npz"],
    &["label", "IN", "--by", "flow", "--source", "--stats", "-o", "out/flow.pcapng"],
    &["label", "IN", "--by", "interface", "-o", "out/interface.pcapng"],
    &["label", "IN", "--by", "comment", "(?<label>.+)", "-o", "out/comment.pcapng"],
    &["label", "IN", "--by", "host", "hosts.csv", "-o", "out/host.pcapng"],
    &["label", "IN", "--flows", "flows.csv", "--format", FLOWS, "--tolerance", "800000h", "-o", "out/flows.pcapng"],
    &["label", "IN", "--packet-labels", "packets.csv", "-o", "out/packets.pcapng"],
    &["label", "IN", "--labels", "rules.csv", "--explain", "1"],
    &["relabel", "IN", "--map", "map.csv", "-o", "out/relabel.pcapng"],
    &["sort", "IN", "--memory", "16M", "-o", "out/sort.pcapng"],
    &["split", "IN", "--memory", "16M", "-o", "out/split"],
    &["strip", "IN", "-o", "out/strip.pcapng"],
    &["strip", "IN", "-o", "out/strip.pcap"],
    &["samples", "IN"],
    &["summary", "IN", "--format", "json"],
    &["select", "IN", "--label", "web", "--allow-missing", "-o", "out/select.pcapng"],
    &["cat", "IN", "-o", "out/cat.pcapng"],
    &["convert", "IN", "out/convert.pcapng", "--packets", "3"],
];

/// The columns of `flows.csv`.
const FLOWS: &str = "columns:src=src,dst=dst,sport=sport,dport=dport,proto=proto,start=start,end=end,label=label";

/// The tables that the commands need, beside the capture.
const TABLES: [(&str, &str); 6] = [
    ("key", "32 bytes which are a key as well"),
    ("rules.csv", "BPF:ip,four\nBPF:ip6 or arp|TS_START:0,other\nTS_START:1000000000,rest\n"),
    ("hosts.csv", "address,label\n0.0.0.0/1,low\n10.0.0.0/8,inside\n::/0,six\n"),
    ("flows.csv", "src,dst,sport,dport,proto,start,end,label\n10.0.0.1,10.0.0.2,1024,80,tcp,0,4000000000,web\n"),
    ("packets.csv", "packet,label\n1,first\n2,second\n"),
    ("map.csv", "old,new\nweb,www\nfour,4\n"),
];

#[test]
fn the_manifest_is_kept() {
    let Some(corpus) = corpus() else { return };
    let mut counts = std::collections::BTreeMap::new();
    for entry in manifest(&corpus) {
        let name = entry["file"].as_str().unwrap();
        let want = entry["want"].as_str().unwrap();
        let (read, error) = read(&corpus.join("hostile/files").join(name));
        let wanted = entry["packets"].as_u64();
        match want {
            "read" => {
                assert_eq!(error, None, "{name}");
                assert_eq!(Some(read), wanted, "{name}");
            }
            "partial" => {
                assert_eq!(Some(read), wanted, "{name}");
                let error = error.unwrap();
                assert!(error.contains(name) && error.contains("block ") && error.contains("at byte "), "{error}");
            }
            "refuse" => {
                assert_eq!(read, 0, "{name}");
                assert!(error.unwrap().contains(name));
            }
            "any" => {}
            other => panic!("{other}"),
        }
        *counts.entry(want.to_owned()).or_insert(0) += 1;
    }
    println!("hostile: {counts:?}");
    assert_eq!(counts.values().sum::<i32>(), 62);
}

fn read(path: &Path) -> (u64, Option<String>) {
    let mut reader = match Reader::open(path, 1) {
        Ok(reader) => reader,
        Err(error) => return (0, Some(error.to_string())),
    };
    let mut packets = 0;
    loop {
        match reader.next_item() {
            Ok(Some(Item::Packet(_))) => packets += 1,
            Ok(Some(_)) => {}
            Ok(None) => return (packets, None),
            Err(error) => return (packets, Some(error.to_string())),
        }
    }
}

#[test]
fn no_command_crashes_hangs_or_writes_elsewhere() {
    let Some(corpus) = corpus() else { return };
    let files: Vec<PathBuf> = manifest(&corpus)
        .iter()
        .map(|entry| corpus.join("hostile/files").join(entry["file"].as_str().unwrap()))
        .collect();
    let sandbox = Sandbox::new();
    for (name, content) in TABLES {
        sandbox.write(name, content);
    }
    let mut statuses = std::collections::BTreeMap::new();
    for file in &files {
        for command in COMMANDS {
            let status = run(&sandbox, file, command);
            *statuses.entry(status).or_insert(0) += 1;
            check_outputs(&sandbox, file, command);
        }
    }
    println!("hostile: {} files, {} commands; runs by exit status: {statuses:?}", files.len(), COMMANDS.len());
    assert!(statuses.keys().all(|status| (0..=2).contains(status)), "{statuses:?}");
}

/// Runs a command within its bounds of time and memory; its exit status.
fn run(sandbox: &Sandbox, file: &Path, arguments: &[&str]) -> i32 {
    let _ = fs::remove_dir_all(sandbox.path("out"));
    fs::create_dir(sandbox.path("out")).unwrap();
    let arguments = arguments.iter().map(|part| if *part == "IN" { file.as_os_str() } else { part.as_ref() });
    let mut command = sandbox.command();
    command.args(arguments).args(["--threads", "1"]);
    let child = bounded(&command).spawn().unwrap();
    let (status, said) = finish(child);
    let shown = format!("{command:?}: {said}");
    let code = status.unwrap_or_else(|| panic!("killed or hanging: {shown}"));
    assert!(!said.contains("panicked"), "{shown}");
    if code != 0 {
        assert!(said.contains("pcapml: "), "{shown}");
    }
    code
}

/// The command with its memory limited.
fn bounded(command: &Command) -> Command {
    let mut bounded = Command::new("prlimit");
    bounded.arg(format!("--as={MEMORY}")).arg(command.get_program()).args(command.get_args());
    if let Some(directory) = command.get_current_dir() {
        bounded.current_dir(directory);
    }
    bounded.stdout(Stdio::null()).stderr(Stdio::piped());
    bounded
}

fn finish(mut child: Child) -> (Option<i32>, String) {
    let mut stderr = child.stderr.take().unwrap();
    let reader = std::thread::spawn(move || {
        let mut said = String::new();
        let _ = std::io::Read::read_to_string(&mut stderr, &mut said);
        said
    });
    let start = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status.code().or_else(|| {
                eprintln!("ended by signal {:?}", status.signal());
                None
            });
        }
        if start.elapsed() > PATIENCE {
            child.kill().unwrap();
            child.wait().unwrap();
            break None;
        }
        std::thread::sleep(Duration::from_millis(2));
    };
    (status, reader.join().unwrap())
}

/// Only what was asked for is there, and every capture among it is whole.
fn check_outputs(sandbox: &Sandbox, file: &Path, command: &[&str]) {
    let tables = TABLES.map(|(name, _)| name);
    let others: Vec<_> = sandbox.files().into_iter().filter(|name| !tables.contains(&name.as_str())).collect();
    assert_eq!(others, ["out"], "{} {command:?}", file.display());
    for entry in fs::read_dir(sandbox.path("out")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        assert!(!name.ends_with(".partial"), "{name} {} {command:?}", file.display());
        let inside = fs::read_dir(&path).map(|files| files.map(|file| file.unwrap().path()).collect());
        for path in inside.unwrap_or(vec![path]).iter().filter(|path| is_capture(path)) {
            let (_, error) = read(path);
            assert_eq!(error, None, "{} {command:?}", file.display());
        }
    }
}

/// Tables are outputs too.
fn is_capture(path: &Path) -> bool {
    path.extension().is_none_or(|extension| extension != "csv" && extension != "parquet" && extension != "npz")
}

#[test]
fn things_that_are_no_files() {
    let Some(corpus) = corpus() else { return };
    let sandbox = Sandbox::new();
    let capture = apps().join("pcaps/ntp");
    let capture = fs::read_dir(capture).unwrap().next().unwrap().unwrap().path();
    sandbox.tool(
        "sh",
        &[
            corpus.join("hostile/special.sh").to_str().unwrap(),
            sandbox.path("odd").to_str().unwrap(),
            capture.to_str().unwrap(),
        ],
    );
    sandbox.write("all.csv", "BPF:greater 0,all\n");
    // Every regular capture of the directory is read: FIFOs, dead links and devices do not hang it.
    let arguments = ["label", "odd", "--labels", "all.csv", "-o", "out.pcapng", "--threads", "1"];
    let mut command = sandbox.command();
    command.args(arguments);
    let (status, said) = finish(bounded(&command).spawn().unwrap());
    assert_eq!(status, Some(2), "{said}");
    assert!(said.contains("sparse-8GiB.pcap") && said.contains("only zeros"), "{said}");
    for name in ["fifo.pcap", "directory.pcap", "dead-link.pcap", "loop-a.pcap", "dev-zero.pcap", "dev-null.pcap"] {
        sandbox.write("one.csv", format!("filename,label\n{name},x\n"));
        let run = sandbox.pcapml(["label", "odd", "--labels", "one.csv", "-o", "one.pcapng"]).expect(1);
        assert!(run.err.contains("line 2, column 1"), "{}", run.err);
    }
    for name in ["-dash.pcap", "space, comma\nnewline.pcap"] {
        sandbox.write("one.csv", format!("filename,label\n\"{name}\",x\n"));
        sandbox.pcapml(["label", "odd", "--labels", "one.csv", "-o", "one.pcapng", "--force"]).expect(0);
    }
}
