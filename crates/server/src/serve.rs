//! The `serve` command: from the first word to the last answer.

use super::commands::open_with_units;
use super::say;
use causo::features::lobby::Voice;
use causo::features::notifications::channels::Channels;
use causo::features::notifications::push::{Reach, WebPush};
use causo::features::notifications::sender;
use causo::features::questions::{self, carrier, zalo};
use causo::platform::chores;
use causo::platform::db::{Address, Databases, read_alone};
use causo::platform::migrate;
use causo::platform::problem::{AppError, AppResult};
use causo::{App, demo, simulate};
use domain::refusal::Refusal;
use std::net::SocketAddr;
use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot;

/// How long requests that have begun may take when the server stops listening.
const DRAIN_MAX: Duration = Duration::from_secs(5);

/// Serves until it is asked to end, and for as long as `drain` after that. `push` switches
/// Web Push on: whom push services may ask, and which of them are called. `zalo` is the official
/// account that residents write to, `recordings` a folder of clips that boards and kiosks play.
pub fn serve(
    url: &str,
    replica: Option<&str>,
    push: Option<(&str, Reach)>,
    zalo: Option<zalo::Config>,
    recordings: Option<&Path>,
    listen: SocketAddr,
    drain: Duration,
) -> AppResult<()> {
    let deployment = open_with_units(url)?;
    let (clock, demo) = (deployment.clock()?, deployment.demo_shift_ms()?.is_some());
    let simulated = deployment.simulated_seed()?.is_some();
    let new = read_alone(&deployment.conn, migrate::is_new)?;
    let replica = replica.map(migrate::address_of).transpose()?;
    if replica.as_ref().is_some_and(Address::is_file) {
        return Err(AppError::problem("cli.replica"));
    }
    let databases = Databases {
        primary: deployment.address.clone(),
        replica,
    };
    if let Some(account) = &zalo {
        read_alone(&deployment.conn, |tx| questions::need_place(tx, account))?;
    }
    let push = push.map(|(contact, reach)| {
        WebPush::open(&deployment.conn, &deployment.secret, contact, reach)
    });
    let channels = Channels {
        push: push.transpose()?,
        simulated: demo,
        zalo,
    };
    let voice = recordings.map(Voice::open).transpose()?.unwrap_or_default();
    let app = App::start(&databases, clock, &deployment.secret, demo, channels, voice)?;
    drop(deployment);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .max_blocking_threads(32)
        .build()
        .map_err(|fault| AppError::Internal(fault.to_string()))?;
    runtime.block_on(async move {
        let listener = tokio::net::TcpListener::bind(listen)
            .await
            .map_err(|_| Refusal::new("cli.address_in_use").with("address", listen.to_string()))?;
        let listening = listener
            .local_addr()
            .map_err(|fault| AppError::Internal(fault.to_string()))?;
        say(&format!("Cầu Số đang chạy: http://{listening}"));
        if simulated {
            say(simulate::LOGINS);
        } else if demo {
            say(demo::LOGINS);
        } else if new {
            say("Chưa có ai đăng nhập được. Tạo quản trị viên: causo admin create --login … --name …");
        }
        tell_supervisor("READY=1");
        tokio::spawn(chores::keep(Arc::clone(&app)));
        tokio::spawn(sender::keep(Arc::clone(&app)));
        tokio::spawn(carrier::keep(Arc::clone(&app)));
        let service =
            causo::router(Arc::clone(&app)).into_make_service_with_connect_info::<SocketAddr>();
        // An answer's last part must not wait for the phone's word that it has the rest.
        let listener = axum::serve::ListenerExt::tap_io(listener, |stream| {
            if let Err(fault) = stream.set_nodelay(true) {
                tracing::debug!(%fault, "no TCP_NODELAY");
            }
        });
        let (closing, closed) = oneshot::channel();
        let until = async move {
            drained(&app, drain).await;
            // Nobody waits for it when serving has ended by itself.
            let _ = closing.send(());
        };
        let served = axum::serve(listener, service).with_graceful_shutdown(until);
        let patience_over = async {
            let _ = closed.await;
            tokio::time::sleep(DRAIN_MAX).await;
        };
        tokio::select! {
            done = served.into_future() => done.map_err(|fault| AppError::Internal(fault.to_string())),
            // Who has not finished by now would stay for ever.
            () = patience_over => Ok(()),
        }
    })
}

/// Waits until it is time to stop listening: asked to end, and nobody sent here any more,
/// or asked again.
async fn drained(app: &App, drain: Duration) {
    stopped().await;
    app.begin_to_end();
    tell_supervisor("STOPPING=1");
    tokio::select! {
        () = tokio::time::sleep(drain) => {}
        () = stopped() => {}
    }
}

/// Tells systemd, if it asks (`Type=notify`).
fn tell_supervisor(state: &str) {
    if let Some(socket) = std::env::var_os("NOTIFY_SOCKET") {
        let sent = UnixDatagram::unbound().and_then(|our| our.send_to(state.as_bytes(), socket));
        if let Err(fault) = sent {
            tracing::warn!(%fault, state, "the supervisor cannot be told");
        }
    }
}

/// Waits for Ctrl-C or SIGTERM.
async fn stopped() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}
