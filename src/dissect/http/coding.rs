//! Content codings, undone as bytes come: gzip (RFC 1952), deflate (1950 and, as many send it, 1951), br (7932), zstd (8878),
//! and several on each other.
//!
//! A decoder works into a buffer of fixed size, so that what a few bytes expand to never stands in memory, and all that any
//! of them gives counts against a budget.

use brotli_decompressor::{BrotliDecompressStream, BrotliResult, BrotliState, StandardAlloc};
use flate2::{Decompress, FlushDecompress, Status};
use zstd::stream::raw::{DParameter, Decoder as Zstd, Operation};

/// Codings on each other, at most.
const MAX_STACKED: usize = 4;

/// Each decoder gives so many bytes at a time.
pub(super) const STEP: usize = 16 << 10;

/// The largest window of Zstandard, as a power of two: 8 MiB, which RFC 9659 allows for the web.
const ZSTD_WINDOW: u32 = 23;

/// Codings on each other, in the order in which they are undone.
#[derive(Debug, Default)]
pub(super) struct Codings(Vec<Coding>);

/// Why decoding ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// It is not what it says.
    Corrupt,
    /// It expands to more than is allowed.
    TooMuch,
}

/// How a body is encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Name {
    Gzip,
    Deflate,
    Brotli,
    Zstd,
}

/// One coding.
struct Coding {
    name: Name,
    /// The first bytes, until they show whether it is what it says.
    prefix: Vec<u8>,
    state: State,
    output: Vec<u8>,
}

enum State {
    /// Its first bytes are not all there.
    Begins,
    Decodes(Box<dyn Decoder>),
    /// It came to its end; another part may follow.
    Over,
    /// What follows the end is no part of it.
    Behind,
    /// It is not encoded, though it says so.
    Plain,
    /// Nothing more comes, or nothing more is decoded.
    Cut,
}

/// Undoes a coding.
trait Decoder: Send {
    /// Reads and writes as much as it can; none if the bytes make no sense.
    fn step(&mut self, input: &[u8], output: &mut [u8]) -> Option<Step>;

    /// How much memory it takes, about, in bytes.
    fn held(&self) -> usize;
}

#[derive(Debug, Clone, Copy)]
struct Step {
    read: usize,
    written: usize,
    /// This is an end; there may be another beginning behind it.
    ends: bool,
}

impl Codings {
    /// Those of these names, given in the order in which they were applied; none if one is not known.
    pub(super) fn new(names: &[String]) -> Option<Self> {
        let mut codings = Vec::new();
        for name in names.iter().rev() {
            let name = match name.as_str() {
                "gzip" | "x-gzip" => Name::Gzip,
                "deflate" => Name::Deflate,
                "br" => Name::Brotli,
                "zstd" => Name::Zstd,
                "identity" | "" => continue,
                _ => return None,
            };
            codings.push(Coding { name, prefix: Vec::new(), state: State::Begins, output: Vec::new() });
        }
        (codings.len() <= MAX_STACKED).then_some(Self(codings))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// True if all that is encoded has come to its end.
    pub(super) fn is_over(&self) -> bool {
        self.0.iter().all(|coding| matches!(coding.state, State::Over | State::Behind | State::Plain))
    }

    /// True if something is not encoded as it says.
    pub(super) fn is_other(&self) -> bool {
        self.0.iter().any(|coding| matches!(coding.state, State::Plain))
    }

    /// Decodes bytes.
    pub(super) fn decode(&mut self, bytes: &[u8], budget: &mut u64, each: &mut dyn FnMut(&[u8])) -> Result<(), Fault> {
        decode(&mut self.0, bytes, budget, each)
    }

    /// Hands out bytes that are too few to be encoded.
    pub(super) fn finish(&mut self, each: &mut dyn FnMut(&[u8])) {
        if let [coding] = self.0.as_mut_slice()
            && matches!(coding.state, State::Begins)
            && !coding.prefix.is_empty()
        {
            each(&coding.prefix);
            coding.state = State::Plain;
        }
    }
}

impl Codings {
    /// Lets go of the decoders.
    pub(super) fn let_go(&mut self) {
        for coding in &mut self.0 {
            coding.output = Vec::new();
            if matches!(coding.state, State::Decodes(_)) {
                coding.state = State::Cut;
            }
        }
    }

    /// How much memory the decoders take, about, in bytes.
    pub(super) fn held(&self) -> usize {
        let held = |coding: &Coding| match &coding.state {
            State::Decodes(decoder) => decoder.held(),
            _ => 0,
        };
        self.0.iter().map(|coding| coding.output.capacity() + held(coding)).sum()
    }
}

fn decode(
    codings: &mut [Coding],
    mut bytes: &[u8],
    budget: &mut u64,
    each: &mut dyn FnMut(&[u8]),
) -> Result<(), Fault> {
    let Some((coding, rest)) = codings.split_first_mut() else {
        each(bytes);
        return Ok(());
    };
    if matches!(coding.state, State::Begins) {
        let missing = coding.name.signs().saturating_sub(coding.prefix.len()).min(bytes.len());
        let (prefix, behind) = bytes.split_at_checked(missing).unwrap_or((bytes, &[]));
        coding.prefix.extend_from_slice(prefix);
        bytes = behind;
        if coding.prefix.len() < coding.name.signs() {
            return Ok(());
        }
        coding.state = coding.name.begin(&coding.prefix).map_or(State::Plain, State::Decodes);
        let prefix = std::mem::take(&mut coding.prefix);
        coding.run(&prefix, rest, budget, each)?;
    }
    coding.run(bytes, rest, budget, each)
}

impl Coding {
    /// Decodes bytes, and what comes of them by the codings below it.
    fn run(
        &mut self,
        mut bytes: &[u8],
        below: &mut [Coding],
        budget: &mut u64,
        each: &mut dyn FnMut(&[u8]),
    ) -> Result<(), Fault> {
        self.output.resize(STEP, 0);
        // Nothing is left in a decoder whose last step did not fill the output.
        while !bytes.is_empty() {
            let decoder = match &mut self.state {
                State::Plain => return decode(below, bytes, budget, each),
                State::Decodes(decoder) => decoder,
                State::Over => {
                    self.state = self.name.goes_on(bytes);
                    continue;
                }
                State::Begins | State::Behind | State::Cut => return Ok(()),
            };
            let mut full = true;
            while full {
                let step = decoder.step(bytes, &mut self.output).ok_or(Fault::Corrupt)?;
                bytes = bytes.get(step.read..).unwrap_or_default();
                full = step.written == self.output.len();
                *budget = budget.checked_sub(step.written as u64).ok_or(Fault::TooMuch)?;
                decode(below, self.output.get(..step.written).unwrap_or_default(), budget, each)?;
                if step.ends {
                    self.state = State::Over;
                    break;
                }
                if !full && step.read == 0 && step.written == 0 {
                    return if bytes.is_empty() { Ok(()) } else { Err(Fault::Corrupt) };
                }
            }
        }
        Ok(())
    }
}

impl Name {
    /// How many bytes show whether something is encoded so.
    fn signs(self) -> usize {
        match self {
            Self::Gzip | Self::Deflate => 2,
            Self::Brotli => 1,
            Self::Zstd => 4,
        }
    }

    /// The decoder for what begins so; none if it is not encoded so.
    fn begin(self, prefix: &[u8]) -> Option<Box<dyn Decoder>> {
        match (self, prefix) {
            (Self::Gzip, [0x1f, 0x8b]) => Some(Box::new(Decompress::new_gzip(15))),
            // RFC 1950, 2.2; without this header it is bare.
            (Self::Deflate, [method, flags]) => {
                let has_header = method & 15 == 8 && (u16::from(*method) << 8 | u16::from(*flags)) % 31 == 0;
                Some(Box::new(Decompress::new(has_header)))
            }
            (Self::Brotli, _) => {
                let alloc = StandardAlloc::default;
                Some(Box::new(Brotli(Box::new(BrotliState::new(alloc(), alloc(), alloc())))))
            }
            (Self::Zstd, [0x28, 0xb5, 0x2f, 0xfd] | [0x50..=0x5f, 0x2a, 0x4d, 0x18]) => {
                let mut zstd = Zstd::new().ok()?;
                zstd.set_parameter(DParameter::WindowLogMax(ZSTD_WINDOW)).ok()?;
                Some(Box::new(ZstdFrames(zstd, 0)))
            }
            _ => None,
        }
    }

    /// What becomes of it behind an end: gzip and Zstandard may have several parts.
    fn goes_on(self, rest: &[u8]) -> State {
        let prefix: &[u8] = match (self, rest) {
            (Self::Gzip, [0x1f, ..]) => &[0x1f, 0x8b],
            (Self::Zstd, [0x28 | 0x50..=0x5f, ..]) => &[0x28, 0xb5, 0x2f, 0xfd],
            _ => return State::Behind,
        };
        self.begin(prefix).map_or(State::Behind, State::Decodes)
    }
}

impl Decoder for Decompress {
    fn step(&mut self, input: &[u8], output: &mut [u8]) -> Option<Step> {
        let (read, written) = (self.total_in(), self.total_out());
        let status = self.decompress(input, output, FlushDecompress::None).ok()?;
        Some(Step {
            read: (self.total_in() - read) as usize,
            written: (self.total_out() - written) as usize,
            ends: status == Status::StreamEnd,
        })
    }

    /// A window of 32 KiB, and tables.
    fn held(&self) -> usize {
        48 << 10
    }
}

struct Brotli(Box<BrotliState<StandardAlloc, StandardAlloc, StandardAlloc>>);

impl Decoder for Brotli {
    fn step(&mut self, input: &[u8], output: &mut [u8]) -> Option<Step> {
        let (mut left, mut read, mut room, mut written, mut total) = (input.len(), 0, output.len(), 0, 0);
        let result = BrotliDecompressStream(
            &mut left,
            &mut read,
            input,
            &mut room,
            &mut written,
            output,
            &mut total,
            &mut self.0,
        );
        let ends = matches!(result, BrotliResult::ResultSuccess);
        (!matches!(result, BrotliResult::ResultFailure)).then_some(Step { read, written, ends })
    }

    /// What is kept of the window, and tables.
    fn held(&self) -> usize {
        (64 << 10) + usize::try_from(self.0.ringbuffer_size).unwrap_or_default()
    }
}

/// A decoder, and how many bytes it gave.
struct ZstdFrames(Zstd<'static>, usize);

impl Decoder for ZstdFrames {
    fn step(&mut self, input: &[u8], output: &mut [u8]) -> Option<Step> {
        let status = self.0.run_on_buffers(input, output).ok()?;
        self.1 = self.1.saturating_add(status.bytes_written);
        Some(Step { read: status.bytes_read, written: status.bytes_written, ends: status.remaining == 0 })
    }

    /// Its window, as far as it was filled, and tables.
    fn held(&self) -> usize {
        (160 << 10) + self.1.min(1 << ZSTD_WINDOW)
    }
}

impl std::fmt::Debug for Coding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Coding").field("name", &self.name).finish_non_exhaustive()
    }
}
