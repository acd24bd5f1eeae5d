//! Stops the build early, with the package's name, where libpcap's development files are missing.

use std::path::Path;
use std::process::Command;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-env-changed=LIBPCAP_LIBDIR");
    if std::env::var_os("LIBPCAP_LIBDIR").is_some() || std::env::var_os("DOCS_RS").is_some() {
        return;
    }
    if !links_with_libpcap() {
        eprintln!(
            "\npcapml needs libpcap and its development files:\n\
             \n    Debian, Ubuntu   apt-get install libpcap-dev\
             \n    Fedora           dnf install libpcap-devel\
             \n    macOS            part of the system; otherwise brew install libpcap\n\
             \nIf it lies in an unusual place, set LIBPCAP_LIBDIR to the directory of the library.\n"
        );
        std::process::exit(1);
    }
}

/// Asks the linker itself: only it knows where it looks.
fn links_with_libpcap() -> bool {
    let compiler = std::env::var("CC").unwrap_or_else(|_| "cc".to_owned());
    let out = std::env::var("OUT_DIR").unwrap_or_default();
    let source = Path::new(&out).join("probe.c");
    if std::fs::write(&source, "int main(void) { return 0; }\n").is_err() {
        return true;
    }
    Command::new(compiler)
        .arg(&source)
        .arg("-lpcap")
        .arg("-o")
        .arg(Path::new(&out).join("probe"))
        .stderr(std::process::Stdio::null())
        .status()
        // Without a C compiler we cannot tell; the real link step will.
        .map_or(true, |status| status.success())
}
