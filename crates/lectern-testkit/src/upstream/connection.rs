//! One connection of a client: requests are answered one after the other.

use super::{
    End, Scripted, Shared,
    answers::{self, Answer},
    request,
};
use std::{io, sync::Arc};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

/// Serves a connection until either side closes it. Errors of the socket mean that the client left.
pub(super) async fn serve(mut socket: TcpStream, shared: Arc<Shared>) {
    let mut buffer = Vec::new();
    while let Ok(Some(request)) = request::read(&mut socket, &mut buffer).await {
        let scripted = {
            let mut state = shared.state();
            state.recorded.push(request.clone());
            state.script.pop_front().unwrap_or(Scripted::Behave)
        };
        shared.received.send_modify(|count| *count += 1);
        let keep = match scripted {
            Scripted::Behave => match answers::answer(&shared, &request) {
                Answer::Json(status, body) => json(&mut socket, status, &[], &body.to_string()).await,
                Answer::Events(pieces) => stream(&mut socket, &shared, &pieces, End::Whole, false).await,
            },
            Scripted::Status(status, body) => json(&mut socket, status, &[], &body).await,
            Scripted::StatusWith(status, headers, body) => json(&mut socket, status, &headers, &body).await,
            Scripted::HangUp => Ok(false),
            Scripted::Silence => silence(&mut socket).await,
            Scripted::Stream(pieces, end) => stream(&mut socket, &shared, &pieces, end, false).await,
            Scripted::Gated(pieces, end) => stream(&mut socket, &shared, &pieces, end, true).await,
        };
        match keep {
            Ok(true) => {}
            Ok(false) => return,
            Err(_) => {
                shared.left.send_modify(|count| *count += 1);
                return;
            }
        }
    }
}

async fn json(socket: &mut TcpStream, status: u16, headers: &[(&str, String)], body: &str) -> io::Result<bool> {
    // A redirect needs a target for a client that would follow it.
    let location = if (300..400).contains(&status) { "location: /elsewhere\r\n" } else { "" };
    let own = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect::<String>();
    // One of the caller's replaces the usual one.
    let kind = if headers.iter().any(|(name, _)| *name == "content-type") { "" } else { "content-type: application/json\r\n" };
    let head = format!("HTTP/1.1 {status} Scripted\r\n{kind}{own}{location}content-length: {}\r\n\r\n", body.len());
    socket.write_all(format!("{head}{body}").as_bytes()).await?;
    Ok(true)
}

async fn stream(socket: &mut TcpStream, shared: &Shared, pieces: &[Vec<u8>], end: End, gated: bool) -> io::Result<bool> {
    socket.set_nodelay(true)?;
    socket.write_all(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n").await?;
    for piece in pieces {
        if gated {
            tokio::select! {
                permit = shared.gate.acquire() => permit.map_err(io::Error::other)?.forget(),
                left = silence(socket) => return left,
            }
        }
        socket.write_all(format!("{:x}\r\n", piece.len()).as_bytes()).await?;
        socket.write_all(piece).await?;
        socket.write_all(b"\r\n").await?;
    }
    match end {
        End::Whole => socket.write_all(b"0\r\n\r\n").await.map(|()| true),
        End::Cut => Ok(false),
        End::Silence => silence(socket).await,
    }
}

/// Waits until the client leaves, which is an error here.
async fn silence(socket: &mut TcpStream) -> io::Result<bool> {
    let mut byte = [0];
    match socket.read(&mut byte).await? {
        0 => Err(io::ErrorKind::ConnectionReset.into()),
        // It sends a second request before it has the first one's answer: nothing here does that.
        _ => Err(io::Error::other("a pipelined request")),
    }
}
