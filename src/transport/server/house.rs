//! What a server does by itself, now and then, whether or not anybody asks.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::spawn_blocking;
use tokio::time::sleep;

use super::desk::Desk;
use super::told;

/// The pause between two times.
const PAUSE: Duration = Duration::from_mins(1);

/// Keeps house until the server closes; then another one may.
pub(super) async fn keep(desk: Arc<Desk>, mut closed: watch::Receiver<bool>) {
    // Servers that share a store are told apart by this.
    let Some(holder) = desk.front.name() else { return };
    let mut holds = false;
    loop {
        let (desk, name) = (Arc::clone(&desk), holder.clone());
        tokio::select! {
            () = sleep(PAUSE) => {}
            () = told(&mut closed) => {
                if holds {
                    // Otherwise it ends by itself.
                    let _ = spawn_blocking(move || desk.front.leave_house(&name)).await;
                }
                return;
            }
        }
        let (collecting, collector) = (Arc::clone(&desk), name.clone());
        match spawn_blocking(move || collecting.front.collect(&collector)).await {
            Ok(Ok(_)) | Err(_) => {}
            Ok(Err(why)) => tracing::warn!("what nobody uses stays for now: {why}"),
        }
        match spawn_blocking(move || desk.front.keep_house(&name)).await {
            Ok(Ok(0)) | Err(_) => {}
            Ok(Ok(removed)) => {
                holds = true;
                tracing::debug!(removed, "sessions that had ended were removed");
            }
            Ok(Err(why)) => tracing::warn!("sessions that have ended stay for now: {why}"),
        }
    }
}
