//! Man pages, completions and the lists of features and records are generated from the definitions, committed, and fresh.
//!
//! `PCAPML_GENERATE=1 cargo test --test it generated` writes them.

use std::fs;
use std::path::PathBuf;

use clap::{Command, CommandFactory, ValueEnum};
use clap_complete::Shell;
use pcapml::cli::args::Args;

use crate::support::{Sandbox, root};

/// Every generated file and what it should hold.
fn generated() -> Vec<(PathBuf, Vec<u8>)> {
    let mut command = Args::command().disable_help_subcommand(true);
    command.build();
    let mut files = Vec::new();
    manual(&command, "pcapml", &mut files);
    for shell in [Shell::Bash, Shell::Fish, Shell::Zsh] {
        let mut text = Vec::new();
        clap_complete::generate(shell, &mut Args::command(), "pcapml", &mut text);
        let name = shell.to_possible_value().unwrap().get_name().to_owned();
        files.push((root().join("completions").join(format!("pcapml.{name}")), text));
    }
    files.push(printed("docs/FEATURES.md", &["features", "--list", "--format", "md"]));
    files.push(printed("docs/RECORDS.md", &["dissect", "--list=md"]));
    files
}

/// A page that a command prints.
fn printed(page: &str, arguments: &[&str]) -> (PathBuf, Vec<u8>) {
    (root().join(page), Sandbox::new().pcapml(arguments).expect(0).out.into_bytes())
}

fn manual(command: &Command, name: &str, files: &mut Vec<(PathBuf, Vec<u8>)>) {
    let mut page = Vec::new();
    let spaced = name.replace('-', " ");
    let titled = command.clone().bin_name(spaced).display_name(name.to_owned());
    clap_mangen::Man::new(titled).title(name.to_uppercase()).manual("pcapml").render(&mut page).unwrap();
    files.push((root().join("man").join(format!("{name}.1")), page));
    for subcommand in command.get_subcommands() {
        manual(subcommand, &format!("{name}-{}", subcommand.get_name()), files);
    }
}

#[test]
fn man_pages_and_completions_are_fresh() {
    let generate = std::env::var_os("PCAPML_GENERATE").is_some();
    for (path, content) in generated() {
        if generate {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, &content).unwrap();
        }
        let committed = fs::read(&path).unwrap_or_default();
        assert!(
            committed == content,
            "{} is stale: run PCAPML_GENERATE=1 cargo test --test it generated",
            path.display()
        );
    }
    let pages = fs::read_dir(root().join("man")).unwrap().count();
    assert_eq!(
        pages,
        generated().iter().filter(|(path, _)| path.extension().unwrap() == "1").count(),
        "a page of no command"
    );
}

#[test]
fn every_option_is_documented_and_named_once() {
    fn check(command: &Command) {
        let mut names = std::collections::HashSet::new();
        assert!(command.get_about().is_some(), "{}", command.get_name());
        for argument in command.get_arguments() {
            assert!(argument.get_help().is_some(), "{} {}", command.get_name(), argument.get_id());
            if let Some(long) = argument.get_long() {
                assert!(names.insert(long.to_owned()), "{} --{long}", command.get_name());
            }
            if let Some(short) = argument.get_short() {
                assert!(names.insert(short.to_string()), "{} -{short}", command.get_name());
            }
        }
        command.get_subcommands().for_each(check);
    }
    let mut command = Args::command();
    command.build();
    command.debug_assert();
    let mut command = Args::command().disable_help_subcommand(true);
    command.build();
    check(&command);
}
