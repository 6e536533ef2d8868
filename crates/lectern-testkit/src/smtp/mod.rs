//! A mail server on a port from the operating system, with TLS from the first byte, after `STARTTLS`, or not at all.
//!
//! It lets one user in, and takes mails from nobody else. Of every connection it tells, once it is closed, what was said on it, and where it
//! was encrypted: a test waits for that with [`SmtpServer::next`]. Its certificate is one of an [`Authority`] that the test makes.

mod authority;
mod conversation;

pub use authority::Authority;
pub use conversation::Conversation;

use tokio::{
    net::TcpListener,
    sync::{Mutex, mpsc},
    task::{JoinHandle, JoinSet},
};
use tokio_rustls::TlsAcceptor;

/// The most conversations that nobody has asked for yet.
const UNSEEN: usize = 64;

/// How connections are protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protection {
    /// TLS from the first byte.
    Tls,
    /// Plain at first; mails are taken under TLS alone.
    StartTls,
    /// Not at all, and `STARTTLS` is not offered.
    None,
}

/// Who is let in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Login {
    /// The name.
    pub user: String,
    /// The password.
    pub password: String,
}

/// What every connection is told and held to.
#[derive(Clone)]
struct Rules {
    protection: Protection,
    login: Login,
    acceptor: TlsAcceptor,
}

/// The running server. It stops, and its connections close, when it is dropped.
pub struct SmtpServer {
    port: u16,
    conversations: Mutex<mpsc::Receiver<Conversation>>,
    task: JoinHandle<()>,
}

impl SmtpServer {
    /// Starts a server with a certificate of the authority for the host, which need not be the one that it is reached by.
    pub async fn start(protection: Protection, login: Login, authority: &Authority, host: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port on the loopback interface");
        let port = listener.local_addr().expect("a bound listener has an address").port();
        let rules = Rules { protection, login, acceptor: authority.server(host).into() };
        let (told, conversations) = mpsc::channel(UNSEEN);
        Self { port, conversations: Mutex::new(conversations), task: tokio::spawn(accept(listener, rules, told)) }
    }

    /// The port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Waits for the end of the next conversation, in the order in which they ended.
    pub async fn next(&self) -> Conversation {
        self.conversations.lock().await.recv().await.expect("the server outlives its connections")
    }
}

impl Drop for SmtpServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Accepts connections until it is aborted; the set takes them with it.
async fn accept(listener: TcpListener, rules: Rules, told: mpsc::Sender<Conversation>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                if let Ok((socket, _)) = accepted {
                    let (rules, told) = (rules.clone(), told.clone());
                    connections.spawn(async move {
                        let conversation = conversation::hold(socket, &rules).await;
                        // Nobody may want to know any more.
                        let _ = told.send(conversation).await;
                    });
                }
            }
            Some(_) = connections.join_next() => {}
        }
    }
}
