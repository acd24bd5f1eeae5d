//! An output that is written in a thread of its own: reading and matching go on meanwhile.

use std::io::{self, Write};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use super::output::Stream;

/// How many buffers may wait.
const BUFFERS: usize = 4;

/// The end that takes bytes. What they come to is known later: a failure shows at a later write, or at the end.
pub(super) struct WriteBehind {
    /// None once the thread is known to have failed.
    full: Option<SyncSender<Vec<u8>>>,
    empty: Receiver<Vec<u8>>,
    thread: Option<JoinHandle<io::Result<Box<dyn Stream>>>>,
}

impl WriteBehind {
    /// Starts a thread that writes to `stream`; it ends with the stream, or when `self` is dropped.
    pub(super) fn new(stream: Box<dyn Stream>) -> io::Result<Self> {
        let (full, take_full) = sync_channel(BUFFERS);
        let (give_empty, empty) = sync_channel(BUFFERS);
        let write = move || drain(stream, &take_full, &give_empty);
        let thread = thread::Builder::new().name("write".to_owned()).spawn(write)?;
        Ok(Self { full: Some(full), empty, thread: Some(thread) })
    }

    /// What the thread says after its last write.
    fn join(&mut self) -> io::Result<Box<dyn Stream>> {
        self.full = None;
        let ended = || io::Error::other("the output has ended");
        match self.thread.take().ok_or_else(ended)?.join() {
            Ok(written) => written,
            Err(panic) => std::panic::resume_unwind(panic),
        }
    }
}

fn drain(
    mut stream: Box<dyn Stream>,
    full: &Receiver<Vec<u8>>,
    empty: &SyncSender<Vec<u8>>,
) -> io::Result<Box<dyn Stream>> {
    for buffer in full {
        stream.write_all(&buffer)?;
        // If there are buffers enough already, this one is not needed.
        let _ = empty.try_send(buffer);
    }
    Ok(stream)
}

impl Write for WriteBehind {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.take(&mut bytes.to_vec(), bytes.len()).map(|()| bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Stream for WriteBehind {
    fn finish(mut self: Box<Self>) -> io::Result<()> {
        self.join()?.finish()
    }

    fn take(&mut self, buffer: &mut Vec<u8>, count: usize) -> io::Result<()> {
        let mut next = self.empty.try_recv().unwrap_or_else(|_| Vec::with_capacity(buffer.capacity()));
        next.clear();
        next.extend_from_slice(&buffer[count..]);
        buffer.truncate(count);
        let taken = self.full.as_ref().is_some_and(|full| full.send(std::mem::replace(buffer, next)).is_ok());
        match taken {
            true => Ok(()),
            // The thread has gone: it says why.
            false => self.join().and(Err(io::ErrorKind::BrokenPipe.into())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Arc, Mutex};

    /// Takes so many bytes, then fails.
    struct Small {
        taken: Arc<Mutex<Vec<u8>>>,
        room: usize,
    }

    impl Write for Small {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let mut taken = self.taken.lock().unwrap();
            if taken.len() + bytes.len() > self.room {
                return Err(io::ErrorKind::StorageFull.into());
            }
            taken.extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Stream for Small {
        fn finish(self: Box<Self>) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn bytes_arrive_in_order() {
        let taken = Arc::default();
        let stream = Small { taken: Arc::clone(&taken), room: usize::MAX };
        let mut behind = WriteBehind::new(Box::new(stream)).unwrap();
        let expected: Vec<u8> = (0..100_000_u32).flat_map(u32::to_le_bytes).collect();
        expected.chunks(777).for_each(|chunk| behind.write_all(chunk).unwrap());
        Box::new(behind).finish().unwrap();
        assert!(*taken.lock().unwrap() == expected);
    }

    #[test]
    fn a_failure_is_told() {
        let mut behind = WriteBehind::new(Box::new(Small { taken: Arc::default(), room: 1_000 })).unwrap();
        let failure = loop {
            if let Err(error) = behind.write_all(&[0; 600]) {
                break error;
            }
        };
        assert_eq!(failure.kind(), io::ErrorKind::StorageFull);
        assert!(Box::new(behind).finish().is_err());
        let mut behind = WriteBehind::new(Box::new(Small { taken: Arc::default(), room: 1_000 })).unwrap();
        behind.write_all(&[0; 1_001]).unwrap();
        assert_eq!(Box::new(behind).finish().unwrap_err().kind(), io::ErrorKind::StorageFull);
    }
}
