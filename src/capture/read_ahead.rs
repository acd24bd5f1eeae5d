//! A stream that is read in a thread of its own, a few chunks ahead: unpacking then costs no waiting.

use std::io::{self, ErrorKind, Read};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use super::CHUNK;

/// How many chunks may wait.
const CHUNKS: usize = 4;

/// The reading end.
pub(super) struct ReadAhead {
    full: Receiver<io::Result<Vec<u8>>>,
    empty: SyncSender<Vec<u8>>,
    current: Vec<u8>,
    at: usize,
}

impl ReadAhead {
    /// Starts reading `stream`; the thread ends with the stream, or when `self` is dropped.
    pub(super) fn new(stream: Box<dyn Read + Send>) -> io::Result<Self> {
        let (send_full, full) = sync_channel(CHUNKS);
        let (empty, take_empty) = sync_channel(CHUNKS);
        thread::Builder::new().name("unpack".to_owned()).spawn(move || pump(stream, &take_empty, &send_full))?;
        Ok(Self { full, empty, current: Vec::new(), at: 0 })
    }
}

fn pump(mut stream: Box<dyn Read + Send>, empty: &Receiver<Vec<u8>>, full: &SyncSender<io::Result<Vec<u8>>>) {
    loop {
        let mut chunk = empty.try_recv().unwrap_or_default();
        chunk.resize(CHUNK, 0);
        let read = fill(&mut stream, &mut chunk);
        let (count, failure) = match read {
            Ok(count) => (count, None),
            Err((count, error)) => (count, Some(error)),
        };
        chunk.truncate(count);
        // The bytes before a fault are good: they go first.
        if count > 0 && full.send(Ok(chunk)).is_err() {
            return;
        }
        if let Some(error) = failure {
            // The receiver may be gone already; then nobody wants to know.
            let _ = full.send(Err(error));
            return;
        }
        if count < CHUNK {
            return;
        }
    }
}

fn fill(stream: &mut dyn Read, chunk: &mut [u8]) -> Result<usize, (usize, io::Error)> {
    let mut count = 0;
    while let Some(free) = chunk.get_mut(count..).filter(|free| !free.is_empty()) {
        match stream.read(free) {
            Ok(0) => break,
            Ok(read) => count += read,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err((count, error)),
        }
    }
    Ok(count)
}

impl Read for ReadAhead {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at == self.current.len() {
            let spent = match self.full.recv() {
                Ok(next) => std::mem::replace(&mut self.current, next?),
                // The thread has ended: so has the stream.
                Err(_) => return Ok(0),
            };
            self.at = 0;
            // If the thread has ended there is nobody to reuse it.
            let _ = self.empty.try_send(spent);
        }
        let rest = self.current.get(self.at..).unwrap_or_default();
        let count = (&mut { rest }).read(buffer)?;
        self.at += count;
        Ok(count)
    }
}
