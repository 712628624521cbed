//! Names whose owner changes his mind between a check and its use.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use futures::future::BoxFuture;
use tidings::fetch::{Fetcher, Names, Settings};
use tidings::model::FailureKind;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use url::Url;

use super::{document, plain, response, settings};

const ALLOWED: Ipv4Addr = Ipv4Addr::new(127, 1, 0, 1);
const PRIVATE: Ipv4Addr = Ipv4Addr::new(127, 200, 0, 1);

/// Gives the answers in turn, the last one for ever, and counts the questions.
#[derive(Debug)]
struct Fickle {
    answers: Vec<Vec<Ipv4Addr>>,
    questions: Mutex<usize>,
}

impl Fickle {
    fn with(answers: &[&[Ipv4Addr]]) -> Arc<Self> {
        Arc::new(Self { answers: answers.iter().map(|a| a.to_vec()).collect(), questions: Mutex::default() })
    }

    fn questions(&self) -> usize {
        *self.questions.lock().unwrap()
    }
}

impl Names for Fickle {
    fn addresses<'a>(&'a self, _host: &'a str) -> BoxFuture<'a, io::Result<Vec<SocketAddr>>> {
        let mut questions = self.questions.lock().unwrap();
        let answer = &self.answers[(*questions).min(self.answers.len() - 1)];
        *questions += 1;
        let answer = answer.iter().map(|ip| SocketAddr::from((*ip, 0))).collect();
        Box::pin(async { Ok(answer) })
    }
}

/// Answers on every address of loopback, closing after each answer; which addresses were connected to, in order.
async fn everywhere(header: &'static str) -> (u16, Arc<Mutex<Vec<IpAddr>>>) {
    let listener = TcpListener::bind("0.0.0.0:0").await.unwrap();
    let (port, dialled) = (listener.local_addr().unwrap().port(), Arc::new(Mutex::new(vec![])));
    let noted = Arc::clone(&dialled);
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            noted.lock().unwrap().push(stream.local_addr().unwrap().ip());
            tokio::spawn(async move {
                let mut head = [0; 4096];
                while stream.read(&mut head).await.is_ok_and(|n| n > 0) {
                    let _ = stream.write_all(&response("200 OK", header, b"here")).await;
                    if header.contains("close") {
                        return;
                    }
                }
            });
        }
    });
    (port, dialled)
}

fn fetcher(names: &Arc<Fickle>) -> Fetcher {
    let settings = Settings { allow_networks: vec!["127.1.0.0/16".parse().unwrap()], ..settings() };
    Fetcher::asking(&settings, names.clone()).unwrap()
}

fn url(port: u16) -> Url {
    format!("http://fickle.example:{port}/a").parse().unwrap()
}

#[tokio::test]
async fn the_address_that_was_checked_is_the_one_dialled() {
    let names = Fickle::with(&[&[ALLOWED], &[PRIVATE]]);
    let (port, dialled) = everywhere("Connection: close\r\n").await;
    let fetcher = fetcher(&names);
    assert_eq!(document(fetcher.get(plain(&url(port))).await).1, b"here");
    assert_eq!((names.questions(), dialled.lock().unwrap().clone()), (1, vec![IpAddr::V4(ALLOWED)]));
    let refused = fetcher.get(plain(&url(port))).await.unwrap_err();
    assert_eq!(refused.kind, FailureKind::Refused, "{refused:?}");
    assert!(refused.reason.contains("127.200.0.1"), "{}", refused.reason);
    assert_eq!((names.questions(), dialled.lock().unwrap().clone()), (2, vec![IpAddr::V4(ALLOWED)]));
}

#[tokio::test]
async fn a_name_that_leads_to_both_leads_to_the_allowed_one() {
    let names = Fickle::with(&[&[PRIVATE, ALLOWED], &[ALLOWED, PRIVATE], &[PRIVATE, PRIVATE, ALLOWED]]);
    let (port, dialled) = everywhere("Connection: close\r\n").await;
    let fetcher = fetcher(&names);
    for _ in 0..5 {
        document(fetcher.get(plain(&url(port))).await);
    }
    assert_eq!(dialled.lock().unwrap().clone(), [IpAddr::V4(ALLOWED); 5]);
}

#[tokio::test]
async fn a_connection_that_is_open_stays_where_it_was_checked() {
    let names = Fickle::with(&[&[ALLOWED], &[PRIVATE]]);
    let (port, dialled) = everywhere("").await;
    let fetcher = fetcher(&names);
    for _ in 0..3 {
        document(fetcher.get(plain(&url(port))).await);
    }
    assert_eq!((names.questions(), dialled.lock().unwrap().clone()), (1, vec![IpAddr::V4(ALLOWED)]));
}

#[tokio::test]
async fn between_robots_and_the_page_a_name_may_change_but_not_to_a_private_address() {
    let names = Fickle::with(&[&[ALLOWED], &[PRIVATE]]);
    let (port, dialled) = everywhere("Connection: close\r\n").await;
    let url = url(port);
    let refused = fetcher(&names).get(tidings::fetch::Request::of(&url)).await.unwrap_err();
    assert_eq!(refused.kind, FailureKind::Refused, "{refused:?}");
    assert_eq!(dialled.lock().unwrap().clone(), [IpAddr::V4(ALLOWED)]);
}
