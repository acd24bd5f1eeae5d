//! All fuzz targets in one program: `PCAPML_FUZZ` names the one that runs.
//!
//! Every protocol that [`pcapml::dissect::protocols`] lists is a target by its name; the others are in [`TARGETS`]. With
//! `PCAPML_FUZZ=list` it prints all names, and with `PCAPML_FUZZ=seeds` it writes inputs to begin with, made of the
//! captures named behind `--`. scripts/fuzz does all that.

#![no_main]

mod decode;
mod defragment;
mod dissect;
mod lists;
mod memory;
mod quic;
mod reassembly;
mod redact;
mod script;
mod seeds;
mod streams;

use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;

/// A target that is no protocol.
type Target = fn(&[u8]);

/// Those, with their names.
const TARGETS: &[(&str, Target)] = &[
    ("session", dissect::session),
    ("streams", streams::dissected),
    ("quic_frames", quic::frames),
    ("decode", decode::layers),
    ("redact", redact::packet),
    ("defragment", defragment::as_the_reference),
    ("reassembly", reassembly::as_the_reference),
    ("lists", lists::read),
];

/// What runs: one of [`TARGETS`], or a protocol.
enum Chosen {
    Target(Target),
    Protocol(String),
}

static CHOSEN: OnceLock<Chosen> = OnceLock::new();

fn choose() -> Chosen {
    let name = std::env::var("PCAPML_FUZZ").unwrap_or_default();
    match name.as_str() {
        "list" => {
            let others = TARGETS.iter().map(|(name, _)| *name);
            pcapml::dissect::protocols().chain(others).for_each(|name| println!("{name}"));
            std::process::exit(0);
        }
        "seeds" => {
            seeds::write(std::env::args().skip_while(|argument| argument != "--").skip(1));
            std::process::exit(0);
        }
        _ => {}
    }
    if let Some((_, target)) = TARGETS.iter().find(|(target, _)| *target == name) {
        return Chosen::Target(*target);
    }
    assert!(pcapml::dissect::protocols().any(|protocol| protocol == name), "no such target: {name:?}");
    Chosen::Protocol(name)
}

fuzz_target!(
    init: {
        CHOSEN.get_or_init(choose);
    },
    |data: &[u8]| {
        memory::bounded(|| match CHOSEN.get_or_init(choose) {
            Chosen::Target(target) => target(data),
            Chosen::Protocol(name) => dissect::protocol(name, data),
        });
    }
);
