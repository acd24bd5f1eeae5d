//! `pcapml strip`: a capture without its labels.

use std::path::PathBuf;

use super::convert::{self, Chunks};
use super::{Context, Target, count};
use crate::capture::{Format, Item, Reader, Rewriter};
use crate::error::Result;
use crate::sample::comment::Recogniser;
use crate::sample::header;
use crate::sink::{Container, Output};

/// What to strip.
#[derive(Debug, Clone)]
pub struct Request {
    /// A labelled capture.
    pub input: PathBuf,
    /// The capture without labels.
    pub output: Target,
    /// Its format.
    pub container: Container,
    /// One output for each link type.
    pub per_link_type: bool,
    /// Write nothing if the input is faulty.
    pub strict: bool,
}

/// Strips a capture of its labels: comments that name samples, and the section's own line.
///
/// # Errors
/// If the input cannot be opened or the output cannot be written.
pub fn run(request: &Request, context: &mut Context) -> Result<()> {
    let reader = context.open(&request.input)?;
    let one_pcapng = request.container == Container::Pcapng && !request.per_link_type;
    if one_pcapng && reader.format() == Format::Pcapng {
        return rewrite(request, reader, context);
    }
    let request = convert::Request {
        input: request.input.clone(),
        output: request.output.clone(),
        container: request.container,
        chunks: Chunks::None,
        per_link_type: request.per_link_type,
        strict: request.strict,
    };
    let mut labels = Recogniser::default();
    let stripped = convert::convert(&request, reader, context, &mut |option| labels.is_label(option))?;
    context.note(format!("{} stripped", count(stripped, "label")));
    Ok(())
}

fn rewrite(request: &Request, mut reader: Reader, context: &Context) -> Result<()> {
    let rules = context.rules(&request.output, vec![request.input.clone()]);
    let mut out = Rewriter::new(Output::create(&request.output.path, &rules)?);
    let (mut stripped, mut labels) = (0, Recogniser::default());
    context.each_item(&mut reader, request.strict, |item| match item {
        Item::Section(block) => out.section(block, |option| !header::is_header(option.code, option.text())),
        Item::Packet(packet) => out.packet(packet, |option| {
            let label = labels.is_label(option);
            stripped += u64::from(label);
            !label
        }),
        Item::Interface(_, block) | Item::Other(block) => out.block(block),
    })?;
    out.finish()?.commit()?;
    context.note(format!("{} stripped", count(stripped, "label")));
    Ok(())
}
