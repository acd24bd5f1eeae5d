//! Captures as output: pcapng or pcap, in one file, in one for each link type, or in chunks.

use std::path::{Path, PathBuf};

use super::output::{Closed, Output, OutputRules};
use crate::capture::{Block, Dialect, Losses, MAX_BLOCK, PcapWriter, PcapngWriter, SnapLen, carried, kind};
use crate::error::{Error, Result};
use crate::packet::{Interface, LinkType, Opt, Packet};

/// The two formats.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Container {
    /// Blocks: everything can be kept.
    Pcapng,
    /// One link type, no comments.
    Pcap,
}

impl Container {
    /// What a file of this name is expected to be: pcap if it ends in `.pcap` (or `.cap`, `.dmp`), whatever packs it.
    pub fn of_name(path: &Path) -> Option<Self> {
        let packed = path.extension().is_some_and(|end| end == "gz" || end == "zst");
        let name = if packed { path.with_extension("") } else { path.to_owned() };
        match name.extension()?.to_str()? {
            "pcap" | "cap" | "dmp" => Some(Self::Pcap),
            "pcapng" | "ntar" => Some(Self::Pcapng),
            _ => None,
        }
    }
}

/// How captures are written.
#[derive(Debug, Clone)]
pub struct CaptureShape {
    /// The format.
    pub container: Container,
    /// For pcapng: the section's options, a little-endian list without its end.
    pub section: Vec<u8>,
    /// For pcapng: what to state as snap lengths.
    pub snap_len: SnapLen,
    /// For pcapng: who must be able to read it.
    pub dialect: Dialect,
    /// For pcap: count nanoseconds even if the first interfaces do not.
    pub nanoseconds: bool,
    /// One file for each link type, named `<name>_linktype-<n>.<ending>`.
    pub per_link_type: bool,
    /// Number the files: `<name>_00001.<ending>`.
    pub numbered: bool,
}

/// Captures under construction; none has its name before [`CaptureFiles::commit`].
pub struct CaptureFiles {
    path: PathBuf,
    rules: OutputRules,
    shape: CaptureShape,
    chunk: u32,
    open: Vec<(Option<LinkType>, Writer)>,
    closed: Vec<Closed>,
    link_types: Vec<LinkType>,
    losses: Losses,
    /// Blocks that files begun later need too, such as secrets that decrypt their packets.
    held: Vec<u8>,
}

// The writers differ in size by less than a tenth.
enum Writer {
    Pcapng(PcapngWriter<Output>),
    Pcap(PcapWriter<Output>),
}

impl CaptureFiles {
    /// Begins the output. With one file for all, it is created now; others when their first interface is known.
    ///
    /// # Errors
    /// If the file exists, is an input or cannot be created.
    pub fn create(path: &Path, rules: OutputRules, shape: CaptureShape) -> Result<Self> {
        let mut files = Self {
            path: path.to_owned(),
            rules,
            chunk: 1,
            open: Vec::new(),
            closed: Vec::new(),
            link_types: Vec::new(),
            losses: Losses::default(),
            held: Vec::new(),
            shape,
        };
        let several = files.shape.per_link_type || files.shape.numbered;
        if several && path == Path::new("-") {
            return Err(Error::request("several files cannot go to standard output").advise("give a file name"));
        }
        if !files.shape.per_link_type {
            files.writer(LinkType(0))?;
        }
        Ok(files)
    }

    #[inline]
    fn writer(&mut self, link_type: LinkType) -> Result<&mut Writer> {
        match self.open.as_slice() {
            [(None, _)] => Ok(&mut self.open[0].1),
            _ => self.writer_for(link_type),
        }
    }

    fn writer_for(&mut self, link_type: LinkType) -> Result<&mut Writer> {
        let key = self.shape.per_link_type.then_some(link_type);
        let at = match self.open.iter().position(|(known, _)| *known == key) {
            Some(at) => at,
            None => {
                let output = Output::create(&self.name(key), &self.rules)?;
                let mut writer = self.begin(output);
                if let Writer::Pcapng(writer) = &mut writer {
                    writer.raw(&self.held)?;
                }
                self.open.push((key, writer));
                self.open.len() - 1
            }
        };
        Ok(&mut self.open[at].1)
    }

    fn begin(&self, output: Output) -> Writer {
        let shape = &self.shape;
        match shape.container {
            Container::Pcap => Writer::Pcap(PcapWriter::new(output, shape.nanoseconds)),
            Container::Pcapng => {
                Writer::Pcapng(PcapngWriter::new(output, &shape.section, shape.snap_len, shape.dialect))
            }
        }
    }

    fn name(&self, link_type: Option<LinkType>) -> PathBuf {
        let mut mark = String::new();
        if let Some(link_type) = link_type {
            mark.push_str(&format!("_linktype-{}", link_type.0));
        }
        if self.shape.numbered {
            mark.push_str(&format!("_{:05}", self.chunk));
        }
        marked(&self.path, &mark)
    }

    /// Says that interface numbers are those of another source from now on.
    pub fn next_source(&mut self) {
        for (_, writer) in &mut self.open {
            if let Writer::Pcapng(writer) = writer {
                writer.next_source();
            }
        }
    }

    /// Announces an interface.
    ///
    /// # Errors
    /// When writing fails.
    pub fn interface(&mut self, interface: &Interface) -> Result<()> {
        if !self.link_types.contains(&interface.link_type) {
            self.link_types.push(interface.link_type);
        }
        match self.writer(interface.link_type)? {
            Writer::Pcapng(writer) => writer.interface(interface).map(drop),
            Writer::Pcap(writer) => {
                writer.interface(interface);
                Ok(())
            }
        }
    }

    /// Writes a packet; see [`PcapngWriter::packet`].
    ///
    /// # Errors
    /// When writing fails, or the format cannot hold the packet.
    #[inline]
    pub fn packet(&mut self, packet: &Packet, first: &[u8], keep: impl FnMut(&Opt) -> bool) -> Result<()> {
        match self.writer(packet.interface.link_type)? {
            Writer::Pcapng(writer) => writer.packet(packet, first, keep),
            Writer::Pcap(writer) => writer.packet(packet, keep),
        }
    }

    /// Carries a block along: what counts an interface's packets goes where that interface is, others into every file,
    /// those that are begun later too.
    ///
    /// # Errors
    /// When writing fails.
    pub fn block(&mut self, block: &Block) -> Result<()> {
        let mut taken = false;
        if block.kind == kind::INTERFACE_STATISTICS || !self.holds_blocks() {
            for (_, writer) in &mut self.open {
                if let Writer::Pcapng(writer) = writer {
                    taken |= writer.block(block)?;
                }
            }
        } else {
            let start = self.held.len();
            taken = carried(&mut self.held, block, |_| None);
            let bytes = self.held.get(start..).unwrap_or_default();
            for (_, writer) in &mut self.open {
                if let Writer::Pcapng(writer) = writer {
                    writer.raw(bytes)?;
                }
            }
            if self.held.len() > MAX_BLOCK {
                // It is in the files of now, and in no later one.
                self.held.truncate(start);
                taken = false;
            }
        }
        self.losses.blocks += u64::from(!taken);
        Ok(())
    }

    /// True if there may be files later that need the blocks of now.
    fn holds_blocks(&self) -> bool {
        let shape = &self.shape;
        let several = shape.per_link_type || shape.numbered;
        several && shape.container == Container::Pcapng && shape.dialect == Dialect::Pcapng
    }

    /// Ends the files that are open; packets from now on go into the next ones.
    ///
    /// # Errors
    /// When writing fails.
    pub fn next_chunk(&mut self) -> Result<()> {
        self.close()?;
        self.chunk += 1;
        Ok(())
    }

    fn close(&mut self) -> Result<()> {
        for (_, writer) in std::mem::take(&mut self.open) {
            let output = match writer {
                Writer::Pcapng(writer) => {
                    self.losses += writer.losses();
                    writer.finish()?
                }
                Writer::Pcap(writer) => {
                    self.losses += writer.losses();
                    writer.finish()?
                }
            };
            self.closed.push(output.close()?);
        }
        Ok(())
    }

    /// The link types of all interfaces announced.
    pub fn link_types(&self) -> &[LinkType] {
        &self.link_types
    }

    /// True if a pcap file must be begun anew, counting nanoseconds.
    pub fn was_too_coarse(&self) -> bool {
        self.open.iter().any(|(_, writer)| matches!(writer, Writer::Pcap(writer) if writer.was_too_coarse()))
    }

    /// Ends all files and gives them their names; what they could not hold.
    ///
    /// # Errors
    /// When writing or renaming fails.
    pub fn commit(mut self) -> Result<Losses> {
        self.close()?;
        for file in self.closed {
            file.commit()?;
        }
        Ok(self.losses)
    }
}

/// `dir/name.pcapng.gz` with `mark` before the endings.
fn marked(path: &Path, mark: &str) -> PathBuf {
    if mark.is_empty() {
        return path.to_owned();
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let unpacked = name.trim_end_matches(".gz").trim_end_matches(".zst");
    let stem = Path::new(unpacked).file_stem().map_or(0, |stem| stem.len());
    let (stem, ending) = name.split_at(stem);
    path.with_file_name(format!("{stem}{mark}{ending}"))
}
