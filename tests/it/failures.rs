//! Full disks, signals and broken pipes: nothing half-written under a final name.

use std::fs;
use std::io::{Read, Write};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::support::{Run, Sandbox, apps};

/// Starts a command that reads standard input, feeds it a capture and leaves it waiting for more.
fn waiting(sandbox: &Sandbox, arguments: &[&str], input: &[u8]) -> Child {
    let mut command = sandbox.command();
    let mut child = command.args(arguments).stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.as_mut().unwrap().write_all(input).unwrap();
    let start = Instant::now();
    while !sandbox.files().iter().any(|name| name.ends_with(".partial")) {
        assert!(start.elapsed() < Duration::from_secs(10), "no temporary file: {:?}", sandbox.files());
        std::thread::sleep(Duration::from_millis(5));
    }
    child
}

const COMMANDS: [&[&str]; 3] =
    [&["label", "-", "--labels", "all.csv", "-o", "out"], &["sort", "-", "-o", "out"], &["split", "-", "-o", "out"]];

#[test]
fn a_killed_run_leaves_nothing_under_the_final_name() {
    for arguments in COMMANDS {
        let sandbox = Sandbox::new();
        let input = fs::read(sandbox.label_apps("apps.pcapng")).unwrap();
        sandbox.write("all.csv", "BPF:greater 0,all\n");
        let mut child = waiting(&sandbox, arguments, &input);
        child.kill().unwrap();
        assert!(!child.wait().unwrap().success());
        assert!(!sandbox.path("out").exists(), "{arguments:?}");
    }
}

#[test]
fn a_signal_removes_what_was_begun() {
    for arguments in COMMANDS {
        let sandbox = Sandbox::new();
        let input = fs::read(sandbox.label_apps("apps.pcapng")).unwrap();
        sandbox.write("all.csv", "BPF:greater 0,all\n");
        let mut child = waiting(&sandbox, arguments, &input);
        // `wait` would close the pipe, and the end of the input might come before the signal.
        let pipe = child.stdin.take();
        let pid = child.id().to_string();
        Run::of(Command::new("kill").args(["-TERM", &pid])).expect(0);
        assert!(!child.wait().unwrap().success());
        drop(pipe);
        assert_eq!(sandbox.files(), ["all.csv", "apps.pcapng"], "{arguments:?}");
    }
}

#[test]
fn a_full_disk_is_told_and_leaves_nothing() {
    let sandbox = Sandbox::new();
    fs::read(sandbox.label_apps("apps.pcapng")).unwrap();
    fs::create_dir(sandbox.path("disk")).unwrap();
    let mount =
        Run::of(Command::new("mount").args(["-t", "tmpfs", "-o", "size=512k", "tmpfs"]).arg(sandbox.path("disk")));
    if mount.status != 0 {
        eprintln!("SKIPPED: a small disk cannot be mounted: {}", mount.err);
        return;
    }
    sandbox.write("all.csv", "BPF:greater 0,all\n");
    let runs = [
        vec!["label", "apps.pcapng", "--labels", "all.csv", "-o", "disk/out"],
        vec!["sort", "apps.pcapng", "-o", "disk/out"],
        vec!["split", "apps.pcapng", "-o", "disk/out"],
        vec!["strip", "apps.pcapng", "-o", "disk/out"],
        vec!["convert", "apps.pcapng", "disk/out.pcap"],
    ]
    .map(|arguments| (sandbox.pcapml(&arguments), fs::read_dir(sandbox.path("disk")).unwrap().count()));
    Run::of(Command::new("umount").arg(sandbox.path("disk"))).expect(0);
    for (run, left) in runs {
        run.expect(1).says("disk/out").says("No space left on device");
        assert_eq!(left, 0);
    }
}

#[test]
fn a_device_is_written_to_and_not_replaced() {
    let sandbox = Sandbox::new();
    fs::read(sandbox.label_apps("apps.pcapng")).unwrap();
    sandbox.pcapml(["strip", "apps.pcapng", "-o", "/dev/full"]).expect(1).says("No space left on device");
    sandbox.pcapml(["strip", "apps.pcapng", "-o", "/dev/null"]).expect(0);
    let kind = fs::metadata("/dev/null").unwrap().file_type();
    assert!(std::os::unix::fs::FileTypeExt::is_char_device(&kind));
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let sandbox = Sandbox::new();
    fs::read(sandbox.label_apps("apps.pcapng")).unwrap();
    for arguments in [&["strip", "apps.pcapng", "-o", "-"][..], &["samples", "apps.pcapng", "--format", "json"]] {
        let mut command = sandbox.command();
        let mut child = command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut start = [0; 4];
        let mut out = child.stdout.take().unwrap();
        out.read_exact(&mut start).unwrap();
        drop(out);
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn input_and_output_may_not_be_one_file() {
    let sandbox = Sandbox::new();
    let before = fs::read(sandbox.label_apps("apps.pcapng")).unwrap();
    std::os::unix::fs::symlink("apps.pcapng", sandbox.path("link.pcapng")).unwrap();
    fs::hard_link(sandbox.path("apps.pcapng"), sandbox.path("hard.pcapng")).unwrap();
    for output in ["apps.pcapng", "./apps.pcapng", "link.pcapng", "hard.pcapng"] {
        sandbox.pcapml(["strip", "apps.pcapng", "-o", output, "--force"]).expect(1).says("the same file");
        sandbox.pcapml(["sort", "apps.pcapng", "-o", output, "--force"]).expect(1).says("the same file");
        sandbox.pcapml(["cat", "apps.pcapng", "-o", output, "--force"]).expect(1).says("the same file");
    }
    assert!(fs::read(sandbox.path("apps.pcapng")).unwrap() == before);
}

#[test]
fn a_truncated_capture_gives_what_is_there() {
    let sandbox = Sandbox::new();
    let whole = fs::read(apps().join("pcaps/http/curl-v4-1.pcap")).unwrap();
    sandbox.write("cut.pcap", &whole[..whole.len() - 5]);
    sandbox.write("all.csv", "BPF:greater 0,all\n");
    let label = ["label", "cut.pcap", "--labels", "all.csv", "-o", "out.pcapng"];
    sandbox.pcapml(label.into_iter().chain(["--strict"])).expect(1).says("cut.pcap: block 10 at byte ");
    assert!(!sandbox.path("out.pcapng").exists());
    let run = sandbox.pcapml(label).expect(2);
    let run = run.says("cut.pcap: block 10 at byte ").says("the file ends inside a packet");
    run.says("the result is whole and valid");
    assert_eq!(crate::support::packets(&sandbox.path("out.pcapng")).len(), 9);
    sandbox.tool("tcpdump", &["-r", "out.pcapng"]);
}

#[test]
fn many_open_files_are_not_needed() {
    let sandbox = Sandbox::new();
    fs::read(sandbox.label_apps("apps.pcapng")).unwrap();
    let mut command = Command::new("prlimit");
    command.args(["--nofile=16", env!("CARGO_BIN_EXE_pcapml"), "split", "apps.pcapng", "-o", "out", "--memory", "64K"]);
    Run::of(command.current_dir(sandbox.path(""))).expect(0);
    assert_eq!(fs::read_dir(sandbox.path("out")).unwrap().count(), 91);
}

/// Captures that others read are named for what they are.
#[test]
fn foreign_captures_are_named() {
    let sandbox = Sandbox::new();
    for (begin, said) in [("GMBU\0\u{2}", "Microsoft Network Monitor wrote it"), ("snoop\0\0\0", "snoop wrote it")] {
        sandbox.write("foreign.cap", format!("{begin}{}", "x".repeat(64)));
        let run = sandbox.pcapml(["convert", "foreign.cap", "-o", "out.pcap"]).expect(1);
        assert!(run.err.contains(said) && run.err.contains("editcap -F pcapng"), "{}", run.err);
    }
}
