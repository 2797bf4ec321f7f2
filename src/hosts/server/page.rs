//! The page that people sign in on, and what it needs of the server.

use core::net::IpAddr;
use std::{
    fs::File,
    io::{self, Read as _, Seek as _, SeekFrom},
    path::PathBuf,
};

use serde::{Deserialize, Serialize};
use serde_json::json;

/// A file of the page, in the binary.
pub(super) struct Asset {
    pub(super) kind: &'static str,
    pub(super) text: &'static str,
}

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const SVG: &str = "image/svg+xml";
const JS: &str = "text/javascript; charset=utf-8";

pub(super) const ASSETS: [(&str, Asset); 7] = [
    ("/", Asset { kind: HTML, text: include_str!("page/index.html") }),
    ("/app.css", Asset { kind: CSS, text: include_str!("page/app.css") }),
    ("/app.js", Asset { kind: JS, text: include_str!("page/app.js") }),
    ("/countries.js", Asset { kind: JS, text: include_str!("page/countries.js") }),
    ("/icon.svg", Asset { kind: SVG, text: include_str!("page/icon.svg") }),
    ("/protocol.js", Asset { kind: JS, text: include_str!("page/protocol.js") }),
    ("/typed.js", Asset { kind: JS, text: include_str!("page/typed.js") }),
];

/// What the page is told, and what it may show.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) config: String,
    /// The file that texts are appended to in development; `None` where they are really sent.
    outbox: Option<PathBuf>,
}

/// How much of the outbox is looked at: its end.
const LOOKED_AT: u64 = 16_384;
const SHOWN: usize = 20;

#[derive(Deserialize, Serialize)]
struct Text {
    to: String,
    body: String,
}

impl Page {
    /// The client that the page signs in to.
    pub(super) fn new(pool_id: &str, client_id: &str, outbox: Option<PathBuf>) -> Self {
        let config = json!({"poolId": pool_id, "clientId": client_id, "outbox": outbox.is_some()});
        Self { config: config.to_string(), outbox }
    }

    /// The newest texts, oldest first. `None` where there is no outbox, or for anybody but this machine itself: the texts hold codes. A
    /// name of another machine's in `host` is a page of somebody else's that had its name pointed here.
    pub(super) fn outbox(&self, from: Option<IpAddr>, host: Option<&str>) -> Option<io::Result<String>> {
        let path = self.outbox.as_ref()?;
        let is_here =
            from.is_some_and(|address| address.to_canonical().is_loopback()) && host.is_some_and(is_local);
        is_here.then(|| texts(path))
    }
}

fn is_local(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => return rest.starts_with("::1]"),
        None => host.split(':').next().unwrap_or_default(),
    };
    name == "localhost" || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn texts(path: &PathBuf) -> io::Result<String> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(LOOKED_AT)))?;
    let mut end = Vec::new();
    file.take(LOOKED_AT).read_to_end(&mut end)?;
    // A line that is cut or being written is no JSON, and left out.
    let mut newest: Vec<Text> = end
        .split(|byte| *byte == b'\n')
        .rev()
        .filter_map(|line| serde_json::from_slice(line).ok())
        .take(SHOWN)
        .collect();
    newest.reverse();
    Ok(json!({"messages": newest}).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_this_machine_are_local() {
        for host in ["localhost", "localhost:8080", "127.0.0.1:8080", "127.1.2.3", "[::1]:8080"] {
            assert!(is_local(host), "{host}");
        }
        for host in [
            "",
            "example.com",
            "127.0.0.1.example.com",
            "localhost.example.com:80",
            "192.0.2.1",
            "[2001:db8::1]",
        ] {
            assert!(!is_local(host), "{host}");
        }
    }

    #[test]
    fn i7_texts_are_shown_to_this_machine_alone_and_only_where_there_is_an_outbox() {
        let path = std::env::temp_dir().join(format!("custom-auth-page-{}", std::process::id()));
        std::fs::write(
            &path,
            "{\"to\":\"+15550100123\",\"body\":\"a\"}\n{\"to\":\"+15550100123\",\"body\":\"b\"}\n{\"to\"",
        )
        .unwrap();
        let page = Page::new("p_1", "c", Some(path.clone()));
        let (here, away): (IpAddr, IpAddr) = ([127, 0, 0, 1].into(), [192, 0, 2, 1].into());
        let shown = page.outbox(Some(here), Some("127.0.0.1:8080")).unwrap().unwrap();
        assert_eq!(
            shown,
            r#"{"messages":[{"body":"a","to":"+15550100123"},{"body":"b","to":"+15550100123"}]}"#
        );
        assert!(page.outbox(Some(away), Some("127.0.0.1:8080")).is_none());
        assert!(page.outbox(Some(here), Some("evil.example")).is_none());
        assert!(page.outbox(Some(here), None).is_none());
        assert!(page.outbox(None, Some("127.0.0.1")).is_none());
        assert!(Page::new("p_1", "c", None).outbox(Some(here), Some("127.0.0.1")).is_none());
        std::fs::remove_file(path).unwrap();
    }
}
