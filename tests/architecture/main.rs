//! The house keeps its order: imports go downwards only, and what is forbidden is nowhere.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)] // it is a test

mod checks;
mod documents;
mod numbers;

use checks::{Source, check, sources};

#[test]
fn the_sources_keep_the_order_of_the_house() {
    let sources = sources("src");
    assert!(sources.len() > 80, "{} files", sources.len());
    let found: Vec<String> = sources.iter().flat_map(check).collect();
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

#[test]
fn only_the_systems_clock_reads_the_systems_clock() {
    let readers: Vec<String> = sources("src")
        .into_iter()
        .filter(|source| ["SystemTime::now", "Instant::now", "now_utc"].iter().any(|call| source.has(call)))
        .map(|source| source.path)
        .collect();
    assert_eq!(readers, ["src/ports/clock.rs"]);
}

#[test]
fn unsafe_code_is_forbidden_for_the_whole_package() {
    let manifest = std::fs::read_to_string(checks::root().join("Cargo.toml")).unwrap();
    let lints = manifest.split("[lints.rust]").nth(1).unwrap().split("\n[").next().unwrap();
    assert!(lints.lines().any(|line| line.trim() == r#"unsafe_code = "forbid""#));
}

/// What a small source of this path is told.
fn told(path: &str, text: &str) -> Vec<String> {
    check(&Source::new(path, text))
}

#[test]
fn an_import_upwards_is_found_in_every_spelling() {
    for (path, text) in [
        ("src/types/phone.rs", "use crate::policy::Policy;"),
        ("src/types/phone.rs", "use crate::{ports::Clock, types::Mark};"),
        ("src/types/phone.rs", "use crate::{\n    types::Mark,\n    ports::{Clock, Ledger},\n};"),
        ("src/types/phone.rs", "fn f() -> crate::ports::StoreError { todo() }"),
        ("src/types/phone.rs", "pub(crate) use crate::engine;"),
        ("src/types/phone.rs", "use crate::{self as root};"),
        ("src/types/phone.rs", "use crate as root;"),
        ("src/policy/plan.rs", "use crate::machine::Decision;"),
        ("src/policy/plan.rs", "use crate::limits::Quota;"),
        ("src/machine/create.rs", "use crate::limits::Quota;"),
        ("src/machine/create.rs", "use crate::ports::Clock;"),
        ("src/limits/log.rs", "use crate::ports::Ledger;"),
        ("src/ports/ledger.rs", "use crate::engine::CustomAuth;"),
        ("src/ports/ledger.rs", "use crate::wire::Event;"),
        ("src/wire/event.rs", "use crate::engine::CustomAuth;"),
        ("src/engine/mod.rs", "use crate::pool::UserPool;"),
        ("src/engine/mod.rs", "use crate::adapters::MemoryLedger;"),
        ("src/pool/run.rs", "use crate::adapters::MemoryLedger;"),
        ("src/pool/run.rs", "use crate::testing::ManualClock;"),
        ("src/adapters/memory_ledger.rs", "use crate::engine::CustomAuth;"),
        ("src/adapters/memory_ledger.rs", "use crate::adapters::outbox::Outbox;"),
        ("src/adapters/memory_ledger.rs", "use super::outbox::Outbox;"),
        ("src/adapters/memory_ledger.rs", "use super::{outbox};"),
        ("src/adapters/memory_ledger/shard.rs", "use crate::adapters::MemoryUsers;"),
        // A name that the front door re-exports is where it is from.
        ("src/types/phone.rs", "use crate::UserStore;"),
        ("src/adapters/memory_ledger.rs", "use crate::{CustomAuth, Ledger};"),
        ("src/adapters/memory_ledger.rs", "use crate::MemoryUsers;"),
        ("src/somewhere/new.rs", "use crate::types::Mark;"),
    ] {
        let imports = ["must not know", "knows another", "is no layer"];
        let mut told = told(path, text);
        told.retain(|line| imports.iter().any(|words| line.contains(words)));
        assert_eq!(told.len(), 1, "{path}: {text}: {told:?}");
    }
}

#[test]
fn an_import_downwards_is_not_minded() {
    for (path, text) in [
        ("src/types/phone.rs", "use crate::types::Mark;\nuse super::inline::Inline;"),
        ("src/types/phone.rs", "/// [`x`](crate::ports::Clock)\n// use crate::ports;\nfn f() {}"),
        ("src/types/phone.rs", "const TEXT: &str = \"use crate::ports; https://x\";\nfn f() {}"),
        ("src/limits/log.rs", "use crate::{policy::Policy, types::Timestamp};"),
        ("src/ports/ledger.rs", "use crate::limits::Quota;"),
        ("src/engine/mod.rs", "use crate::{ports::Clock, wire::Event};"),
        ("src/pool/run.rs", "use crate::{engine::CustomAuth, ports::{Clock, Entropy}};"),
        ("src/adapters/memory_ledger.rs", "use self::shard::Shard;\nuse crate::{Ledger, limits::Payer};"),
        ("src/testing/clock.rs", "use crate::ports::Clock;"),
        (
            "src/types/phone.rs",
            "fn f() {}\n#[cfg(test)]\nmod tests {\n    use crate::ports::Clock;\n    use super::*;\n}",
        ),
        ("src/types/phone.rs", "macro_rules! m { () => { $crate::types::Mark } }"),
    ] {
        assert_eq!(told(path, text), Vec::<String>::new(), "{path}: {text}");
    }
}

#[test]
fn what_is_forbidden_is_found() {
    for (path, text) in [
        ("src/types/phone.rs", "use super::super::policy::Policy;"),
        ("src/types/phone.rs", "use super::*;"),
        ("src/types/mod.rs", "pub use phone::*;"),
        ("src/types/mod.rs", "pub use {phone::*, code::Code};"),
        ("src/types/phone.rs", "fn f() { x.unwrap(); }"),
        ("src/types/phone.rs", "fn f() { x.expect(\"y\"); }"),
        ("src/types/phone.rs", "fn f() { x\n    .unwrap(); }"),
        ("src/types/phone.rs", "fn f() { panic!(\"y\"); }"),
        ("src/types/phone.rs", "fn f() { unreachable!(); }"),
        ("src/types/phone.rs", "fn f() { todo!(); }"),
        ("src/types/phone.rs", "fn f() { unsafe { g() } }"),
        ("src/types/phone.rs", "#[cfg(test)]\nmod tests { fn t() { x.unwrap(); } }\nfn f() { y.unwrap(); }"),
        ("src/machine/define.rs", "pub async fn define() {}"),
        ("src/machine/define.rs", "fn f(clock: &dyn Clock) {}"),
        ("src/machine/define.rs", "fn f() { tracing::info!(\"x\"); }"),
        ("src/machine/define.rs", "fn f() { println!(\"x\"); }"),
        ("src/policy/plan.rs", "use async_trait::async_trait;"),
        ("src/limits/log.rs", "use rand::rngs::SysRng;"),
        ("src/engine/mod.rs", "fn f() { eprintln!(\"x\"); }"),
        ("src/engine/mod.rs", "fn f() { dbg!(x); }"),
    ] {
        assert_eq!(told(path, text).len(), 1, "{path}: {text}: {:?}", told(path, text));
    }
    let long = "fn f() {}\n".repeat(401);
    assert_eq!(told("src/types/phone.rs", &long).len(), 1);
    assert!(told("src/types/phone.rs", &long[10..]).is_empty());
}

#[test]
fn tests_doubles_and_conformance_may_unwrap() {
    for (path, text) in [
        ("src/conformance/sms.rs", "fn f() { x.unwrap(); panic!(\"y\"); }"),
        ("src/adapters/outbox_tests.rs", "use super::*;\nfn f() { x.unwrap(); }"),
        ("src/types/phone.rs", "#[cfg(test)]\nmod tests {\n    use super::*;\n    fn t() { x.unwrap(); }\n}"),
        ("src/types/phone.rs", "/// ```\n/// x.unwrap();\n/// ```\nfn f() { x.unwrap_or(1); }"),
        ("src/types/phone.rs", "const A: char = '\"'; const B: &str = r#\"x\".unwrap()\"#;"),
    ] {
        assert_eq!(told(path, text), Vec::<String>::new(), "{path}: {text}");
    }
}
