//! A line between a client and a server that a test cuts, silences and restores.

use std::{net::SocketAddr, sync::Arc};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::watch,
    task::JoinHandle,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Open,
    /// Connections are closed, and new ones fail.
    Cut,
    /// Nothing arrives, and neither side notices. The bytes arrive when the line is restored, unless it was cut before.
    Silent,
}

/// The line; it ends with this value.
pub(crate) struct Proxy {
    port: u16,
    mode: Arc<watch::Sender<Mode>>,
    /// How many connections began.
    begun: Arc<watch::Sender<usize>>,
    serving: JoinHandle<()>,
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.mode.send_replace(Mode::Cut);
        self.serving.abort();
    }
}

impl Proxy {
    /// A line to a port of this machine.
    pub(crate) async fn to(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let own = listener.local_addr().unwrap().port();
        let (mode, begun) = (Arc::new(watch::Sender::new(Mode::Open)), Arc::new(watch::Sender::new(0)));
        let serving = {
            let (mode, begun) = (Arc::clone(&mode), Arc::clone(&begun));
            tokio::spawn(async move {
                while let Ok((client, _)) = listener.accept().await {
                    begun.send_modify(|count| *count += 1);
                    tokio::spawn(carry(client, port, mode.subscribe()));
                }
            })
        };
        Self { port: own, mode, begun, serving }
    }

    /// The same for a test without a runtime: a thread carries the data.
    pub(crate) fn on_a_thread(port: u16) -> Self {
        let (sender, receiver) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let proxy = Self::to(port).await;
                let mut begun = proxy.begun.subscribe();
                sender.send(proxy).unwrap();
                // Until the proxy is dropped.
                while begun.changed().await.is_ok() {}
            });
        });
        receiver.recv().unwrap()
    }

    /// The URL of a database at the other end.
    pub(crate) fn url(&self, database: &str) -> String {
        format!("postgres://synod@127.0.0.1:{}/{database}", self.port)
    }

    pub(crate) fn cut(&self) {
        self.mode.send_replace(Mode::Cut);
    }

    pub(crate) fn silence(&self) {
        self.mode.send_replace(Mode::Silent);
    }

    pub(crate) fn restore(&self) {
        self.mode.send_replace(Mode::Open);
    }

    /// Waits until this many more connections have begun.
    pub(crate) async fn attempts(&self, count: usize) {
        let mut begun = self.begun.subscribe();
        let enough = *begun.borrow_and_update() + count;
        begun.wait_for(|begun| *begun >= enough).await.unwrap();
    }
}

async fn carry(client: TcpStream, port: u16, mode: watch::Receiver<Mode>) {
    let mut arrival = mode.clone();
    if *arrival.wait_for(|mode| *mode != Mode::Silent).await.unwrap() == Mode::Cut {
        return;
    }
    let Ok(server) = TcpStream::connect(SocketAddr::from(([127, 0, 0, 1], port))).await else { return };
    let ((client_in, client_out), (server_in, server_out)) = (client.into_split(), server.into_split());
    tokio::select! {
        () = pump(client_in, server_out, mode.clone()) => {}
        () = pump(server_in, client_out, mode) => {}
    }
}

async fn pump(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, mut mode: watch::Receiver<Mode>) {
    let mut buffer = vec![0; 8192];
    loop {
        let mut cut = mode.clone();
        let read = tokio::select! {
            read = from.read(&mut buffer) => read.unwrap_or(0),
            _ = cut.wait_for(|mode| *mode == Mode::Cut) => return,
        };
        match mode.wait_for(|mode| *mode != Mode::Silent).await.as_deref() {
            Ok(Mode::Open) if read > 0 => {}
            _ => return,
        }
        if to.write_all(&buffer[..read]).await.is_err() {
            return;
        }
    }
}
