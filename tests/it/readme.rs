//! Every command of the README runs, and prints what the README shows.
//!
//! `PCAPML_GENERATE=1 cargo test --test it readme` writes the outputs anew.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::support::{Sandbox, root};

const FENCE: &str = "```console";

/// Runs a command line as a person would, and returns what it prints; of other programs only standard output.
fn run(sandbox: &Sandbox, line: &str) -> String {
    let binary = Path::new(env!("CARGO_BIN_EXE_pcapml")).parent().unwrap();
    let path = format!("{}:{}", binary.display(), std::env::var("PATH").unwrap());
    let both = line.starts_with("pcapml ");
    let shell = if both { format!("({line}) 2>&1") } else { format!("({line}) 2>/dev/null") };
    let mut command = Command::new("bash");
    command.args(["-c", &shell]).env("PATH", path).env("TZ", "UTC").env("LC_ALL", "C.UTF-8");
    let output = command.current_dir(sandbox.path("")).output().unwrap();
    assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stdout));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn its_commands_print_what_it_shows() {
    let sandbox = Sandbox::new();
    std::os::unix::fs::symlink(root().join("datasets"), sandbox.path("datasets")).unwrap();
    let path = root().join("README.md");
    let shown = fs::read_to_string(&path).unwrap();
    let (mut real, mut inside, mut commands) = (String::new(), false, 0);
    for line in shown.lines() {
        let keep = !inside || line.starts_with("$ ") || line == "```";
        inside = if inside { line != "```" } else { line == FENCE };
        if keep {
            real.push_str(line);
            real.push('\n');
        }
        if let Some(command) = line.strip_prefix("$ ").filter(|_| inside) {
            real.push_str(&run(&sandbox, command));
            commands += 1;
        }
    }
    if std::env::var_os("PCAPML_GENERATE").is_some() {
        fs::write(&path, &real).unwrap();
    }
    assert!(commands > 20);
    for (number, (shown, real)) in shown.lines().zip(real.lines()).enumerate() {
        assert_eq!(shown, real, "README.md line {}; run PCAPML_GENERATE=1 cargo test --test it readme", number + 1);
    }
    assert_eq!(shown.lines().count(), real.lines().count());
}
