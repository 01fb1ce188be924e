//! The tasks that live as long as the process: the first to end ends it, for half an operator is worse than none.

use std::{any::Any, panic::AssertUnwindSafe};

use futures::FutureExt;
use tokio::task::JoinSet;

/// Why a task that should run forever didn't.
#[derive(Debug, thiserror::Error)]
pub enum Ended {
    #[error("the task {0} ended; it should run until the process stops")]
    Early(&'static str),
    #[error("the task {0} panicked: {1}")]
    Panicked(&'static str, String),
    #[error("the task {0} failed: {1}")]
    Failed(&'static str, #[source] Box<dyn std::error::Error + Send + Sync>),
}

/// A set of named tasks, stopped when it's dropped.
#[derive(Default)]
pub struct Tasks(JoinSet<(&'static str, Result<(), Ended>)>);

impl Tasks {
    /// Runs a task that never ends.
    pub fn spawn(&mut self, name: &'static str, task: impl Future<Output = ()> + Send + 'static) {
        self.spawn_fallible(name, task.map(Ok::<(), std::convert::Infallible>));
    }

    /// Runs a task that ends only on an error, or when it's told to.
    pub fn spawn_fallible<E>(
        &mut self,
        name: &'static str,
        task: impl Future<Output = Result<(), E>> + Send + 'static,
    ) where
        E: std::error::Error + Send + Sync + 'static,
    {
        self.0.spawn(async move {
            let ended = match AssertUnwindSafe(task).catch_unwind().await {
                Ok(Ok(())) => Ok(()),
                Ok(Err(error)) => Err(Ended::Failed(name, Box::new(error))),
                Err(panic) => Err(Ended::Panicked(name, message(&*panic))),
            };
            (name, ended)
        });
    }

    /// Waits for the first task to end, which none should; forever when there is none.
    pub async fn first_end(&mut self) -> Ended {
        match self.0.join_next().await {
            Some(Ok((name, Ok(())))) => Ended::Early(name),
            Some(Ok((_, Err(ended)))) => ended,
            Some(Err(error)) => Ended::Panicked("unknown", error.to_string()),
            None => std::future::pending().await,
        }
    }

    /// Stops them where they wait, and waits until none runs any more.
    pub async fn stop(&mut self) {
        self.0.shutdown().await;
    }

    /// Waits until all have ended, as servers do when they are told to.
    ///
    /// # Errors
    /// The first that failed or panicked.
    pub async fn all_ended(&mut self) -> Result<(), Ended> {
        while let Some(joined) = self.0.join_next().await {
            let (_, ended) = joined.map_err(|error| Ended::Panicked("unknown", error.to_string()))?;
            ended?;
        }
        Ok(())
    }
}

/// What a panic said.
pub fn message(panic: &(dyn Any + Send)) -> String {
    let text =
        panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("without a message").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_is_reported_with_the_task() {
        let mut tasks = Tasks::default();
        tasks.spawn("idle", std::future::pending());
        tasks.spawn("broken", async { panic!("out of {}", "luck") });
        assert_eq!(tasks.first_end().await.to_string(), "the task broken panicked: out of luck");
    }

    #[tokio::test]
    async fn an_end_is_an_error_until_the_end_was_asked_for() {
        let mut tasks = Tasks::default();
        tasks.spawn("short", async {});
        assert!(matches!(tasks.first_end().await, Ended::Early("short")));
        tasks.spawn("short", async {});
        assert!(tasks.all_ended().await.is_ok());
    }
}
