//! Other programs: started, given their input, and ended with all they started if they take too long.

use std::ffi::OsStr;
use std::io::{self, Read as _, Write as _};
use std::process::{Child, ChildStdin, Command, ExitStatus, Output, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::time;

use crate::sys::worker::{self, Thread};

/// A program to run. Its arguments are passed as they are; no shell reads them.
pub(crate) fn command(program: impl AsRef<OsStr>) -> Command {
    Command::new(program)
}

/// What became of a program that had limited time.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum ProcessEnd {
    Exited(ExitStatus),
    /// It was ended, with all it started.
    OutOfTime,
}

/// How long output is waited for after the program has ended. What it left running may keep its output open.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// How often it is waited for. What was left running may also go on writing.
const MOST_WAITS: usize = 10;

/// How much of the standard error is kept: its end says why.
const MOST_ERRORS: usize = 64 * 1024;

/// How much of an output is kept.
#[derive(Debug, Clone, Copy)]
enum Keep {
    All,
    /// As many bytes, from its end.
    Last(usize),
}

/// Runs a program to its end. Of its standard error, the last 64 KiB are returned.
pub(crate) fn run(command: &mut Command, input: &[u8]) -> io::Result<Output> {
    command.stdout(Stdio::piped());
    let (ending, stdout, stderr) = run_for(command, input, None)?;
    match ending {
        ProcessEnd::Exited(status) => Ok(Output { status, stdout, stderr }),
        ProcessEnd::OutOfTime => Err(io::ErrorKind::TimedOut.into()),
    }
}

/// Runs a program that may take `limit`, and returns the last 64 KiB of its standard error. Its standard output is
/// dropped. Started from a terminal, it stays in the group of this process: it may have to ask for a password, and
/// Ctrl-C is meant for it as well. Otherwise all it started is ended with it.
pub(crate) fn run_within(
    command: &mut Command,
    input: &[u8],
    limit: Duration,
) -> io::Result<(ProcessEnd, Vec<u8>)> {
    command.stdout(Stdio::null());
    if has_own_group() {
        set_own_group(command);
    }
    let (ending, _, stderr) = run_for(command, input, Some(limit))?;
    Ok((ending, stderr))
}

/// How a program ended, its output and its standard error.
type Ended = (ProcessEnd, Vec<u8>, Vec<u8>);

fn run_for(command: &mut Command, input: &[u8], limit: Option<Duration>) -> io::Result<Ended> {
    // What still reads or writes when the program has ended goes with the runtime.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    command.stdin(Stdio::piped()).stderr(Stdio::piped());
    let mut own = Command::new(command.get_program());
    std::mem::swap(&mut own, command);
    let mut command = tokio::process::Command::from(own);
    let input = input.to_owned();
    runtime.block_on(async move {
        let mut child = command.kill_on_drop(true).spawn()?;
        let mut stdin = child.stdin.take().expect("it is piped");
        // A program that does not want its input closes its end.
        tokio::spawn(async move { stdin.write_all(&input).await });
        let stdout = child.stdout.take().map(|stdout| Listener::start(stdout, Keep::All));
        let stderr = child.stderr.take().expect("it is piped");
        let stderr = Listener::start(stderr, Keep::Last(MOST_ERRORS));
        let ending = match limit {
            None => ProcessEnd::Exited(child.wait().await?),
            Some(limit) => match time::timeout(limit, child.wait()).await {
                Ok(status) => ProcessEnd::Exited(status?),
                Err(_) => {
                    end(&mut child).await;
                    ProcessEnd::OutOfTime
                }
            },
        };
        let stdout = match stdout {
            Some(stdout) => stdout.end().await,
            None => Vec::new(),
        };
        Ok((ending, stdout, stderr.end().await))
    })
}

/// Reads what a program writes while it runs.
struct Listener {
    read: Arc<Mutex<Vec<u8>>>,
    task: tokio::task::JoinHandle<()>,
}

impl Listener {
    fn start(mut pipe: impl AsyncRead + Unpin + Send + 'static, keep: Keep) -> Self {
        let read: Arc<Mutex<Vec<u8>>> = Arc::default();
        let kept = Arc::clone(&read);
        let task = tokio::spawn(async move {
            let mut part = vec![0; 16 * 1024];
            while let Ok(length @ 1..) = pipe.read(&mut part).await {
                let mut kept = kept.lock();
                kept.extend_from_slice(&part[..length]);
                if let Keep::Last(most) = keep {
                    let surplus = kept.len().saturating_sub(most);
                    kept.drain(..surplus);
                }
            }
        });
        Self { read, task }
    }

    /// What was read, when the pipe is closed, or nothing more has come for a while.
    async fn end(mut self) -> Vec<u8> {
        for _ in 0..MOST_WAITS {
            let before = self.read.lock().len();
            let is_closed = time::timeout(LAST_WORDS, &mut self.task).await.is_ok();
            if is_closed || self.read.lock().len() == before {
                break;
            }
        }
        std::mem::take(&mut *self.read.lock())
    }
}

/// Whether programs with limited time get a process group.
#[cfg(unix)]
fn has_own_group() -> bool {
    use std::io::{IsTerminal, stdin};
    !stdin().is_terminal()
}

#[cfg(not(unix))]
fn has_own_group() -> bool {
    false
}

#[cfg(unix)]
fn set_own_group(command: &mut Command) {
    use std::os::unix::process::CommandExt as _;
    command.process_group(0);
}

#[cfg(not(unix))]
fn set_own_group(_: &mut Command) {}

/// Ends a program, and what it started if that is in its group.
async fn end(child: &mut tokio::process::Child) {
    #[cfg(unix)]
    if has_own_group()
        && let Some(group) = child.id().and_then(|id| rustix::process::Pid::from_raw(id.cast_signed()))
    {
        // A group that has ended in the meantime is not there any more.
        let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
    }
    let _ = child.kill().await;
}

/// Runs a program that talks to the person at the terminal, such as an editor, to its end.
pub(crate) fn run_in_terminal(command: &mut Command) -> io::Result<ExitStatus> {
    command.status()
}

/// Starts a program that goes on by itself, such as an editor or a browser. It gets no input, and its output is
/// dropped.
pub(crate) fn open(command: &mut Command) -> io::Result<()> {
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
    // Until its end is asked for, a process that has ended stays in the table of processes.
    worker::in_background("opened program", move || {
        let _ = child.wait();
    });
    Ok(())
}

/// A program that is given its input piece by piece. Its standard output is dropped. It is ended when this is dropped
/// before it has finished.
#[derive(Debug)]
pub(crate) struct Piped {
    child: Child,
    /// Dropped to end its input.
    stdin: Option<ChildStdin>,
    stderr: Receiver<Vec<u8>>,
}

impl Piped {
    /// Starts a program.
    pub(crate) fn start(command: &mut Command) -> io::Result<Self> {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn()?;
        let stdin = child.stdin.take();
        let mut pipe = child.stderr.take().expect("it is piped");
        let (sender, stderr) = mpsc::sync_channel(1);
        // A program that complains at length before it has read all would wait for this process, and this one for it.
        Thread::start("standard error", move || {
            let mut stderr = Vec::new();
            // What was read before a failure is what can be shown.
            let _ = pipe.read_to_end(&mut stderr);
            let _ = sender.send(stderr);
        })
        .map_err(io::Error::other)?
        .detach();
        Ok(Self { child, stdin, stderr })
    }

    /// Gives it some of its input.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        match &mut self.stdin {
            Some(stdin) => stdin.write_all(bytes),
            None => Err(io::ErrorKind::BrokenPipe.into()),
        }
    }

    /// Ends its input, and waits for its end. Returns how it ended and what it wrote to its standard error.
    pub(crate) fn finish(mut self) -> io::Result<(ExitStatus, Vec<u8>)> {
        self.stdin = None;
        let status = self.child.wait()?;
        Ok((status, self.stderr.recv_timeout(LAST_WORDS).unwrap_or_default()))
    }
}

impl Drop for Piped {
    fn drop(&mut self) {
        // One that has ended cannot be ended again, which is not a failure.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(20);

    fn shell(script: &str) -> Command {
        let mut command = command("sh");
        command.args(["-c", script]);
        command
    }

    fn within(script: &str, limit: Duration) -> (ProcessEnd, String) {
        let (ending, stderr) = run_within(&mut shell(script), b"{}", limit).expect("it can be run");
        (ending, String::from_utf8(stderr).expect("it is text"))
    }

    fn code(ending: &ProcessEnd) -> Option<i32> {
        match ending {
            ProcessEnd::Exited(status) => status.code(),
            ProcessEnd::OutOfTime => None,
        }
    }

    #[test]
    fn a_program_gets_its_input_and_gives_its_output() {
        let output = run(&mut shell("cat; echo said >&2; exit 3"), b"words").expect("it can be run");
        assert_eq!((output.stdout, output.stderr), (b"words".to_vec(), b"said\n".to_vec()));
        assert_eq!(output.status.code(), Some(3));
        let missing = run(&mut command("./no-such-program"), b"").unwrap_err();
        assert_eq!(missing.kind(), io::ErrorKind::NotFound);
    }

    #[test]
    fn much_may_be_read_and_written_at_the_same_time() {
        let input = b"0123456789abcdef".repeat(1 << 18);
        let output = run(&mut shell("cat"), &input).expect("it can be run");
        assert!(output.stdout == input);
        let output = run(&mut shell("cat >&2; echo end >&2"), &input).expect("it can be run");
        assert_eq!(output.stderr.len(), MOST_ERRORS);
        assert!(output.stderr.ends_with(b"defend\n"));
    }

    #[test]
    fn a_program_that_reads_nothing_is_fine() {
        let long = vec![b'x'; 1 << 20];
        assert!(run(&mut command("true"), &long).is_ok_and(|output| output.status.success()));
        let sleeping = run_within(command("sleep").arg("1000"), &long, Duration::from_millis(100));
        assert_eq!(sleeping.expect("it can be run").0, ProcessEnd::OutOfTime);
    }

    #[test]
    fn a_program_that_does_not_end_is_ended() {
        let (ending, stderr) = within("echo waiting >&2; exec sleep 1000", Duration::from_millis(200));
        assert_eq!((ending, stderr.as_str()), (ProcessEnd::OutOfTime, "waiting\n"));
        let (ending, stderr) = within("cat >/dev/null; echo last >&2; exit 3", LONG);
        assert_eq!((code(&ending), stderr.as_str()), (Some(3), "last\n"));
    }

    #[test]
    fn what_a_program_started_is_ended_with_it() {
        if !has_own_group() {
            return;
        }
        let folder = tempfile::tempdir().expect("there is room");
        let pipe = folder.path().join("pipe");
        let made = run(command("mkfifo").arg(&pipe), b"").expect("it can be run");
        assert!(made.status.success());
        // The child of the shell holds the pipe open: reading ends when it has ended.
        let script = format!("sleep 1000 >{} & wait", pipe.display());
        let reader = std::thread::spawn(move || std::fs::read(pipe));
        assert_eq!(within(&script, Duration::from_millis(300)).0, ProcessEnd::OutOfTime);
        assert_eq!(reader.join().expect("it reads").expect("it can be read"), b"");
    }

    #[test]
    fn what_a_program_leaves_running_is_not_waited_for() {
        // It keeps the standard error and the output open.
        assert_eq!(code(&within("sleep 5 & exit 0", LONG).0), Some(0));
        let output = run(&mut shell("echo done; sleep 5 & exit 0"), b"").expect("it can be run");
        assert_eq!(output.stdout, b"done\n");
    }

    #[test]
    fn input_can_be_given_in_pieces() {
        let folder = tempfile::tempdir().expect("there is room");
        let file = folder.path().join("input");
        let script = format!("cat >{}; echo said >&2", file.display());
        let mut piped = Piped::start(&mut shell(&script)).expect("it starts");
        piped.write(b"one ").and_then(|()| piped.write(b"two")).expect("it reads");
        let (status, stderr) = piped.finish().expect("it ends");
        assert!(status.success());
        assert_eq!(stderr, b"said\n");
        assert_eq!(std::fs::read(file).expect("it was written"), b"one two");
    }

    #[test]
    fn an_opened_program_goes_on_by_itself() {
        let folder = tempfile::tempdir().expect("there is room");
        let file = folder.path().join("opened");
        open(command("mkfifo").arg(&file)).expect("it starts");
        let began = std::time::Instant::now();
        while !file.exists() {
            assert!(began.elapsed() < LONG, "it did nothing");
            std::thread::yield_now();
        }
        assert!(open(&mut command("./no-such-program")).is_err());
    }
}
