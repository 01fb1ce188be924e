//! How the process is told to stop, and how much time passes until it does.

use std::{io, time::Duration};

use tokio::signal::unix::{SignalKind, signal};

/// A Service's endpoints follow a Pod's end with a delay: until then new connections still come in.
pub const DRAIN: Duration = Duration::from_secs(3);

/// Requests that are still being answered after this long are cut.
pub const GRACE: Duration = Duration::from_secs(10);

/// Who asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// The kubelet, with SIGTERM: others still send requests for a moment.
    ByTheKubelet,
    /// A person at a terminal, with Ctrl-C.
    ByAPerson,
}

/// Waits until the process is told to stop.
///
/// # Errors
/// When the signals can't be listened for.
pub async fn asked() -> io::Result<Asked> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(tokio::select! {
        _ = terminate.recv() => Asked::ByTheKubelet,
        _ = interrupt.recv() => Asked::ByAPerson,
    })
}
