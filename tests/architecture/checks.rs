//! A reader of sources, just good enough: comments and texts fall away, then tests, then paths are looked at.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// Which layers each one may know beside itself, lowest first.
const LAYERS: &[(&str, &[&str])] = &[
    ("types", &[]),
    ("srp", &["types"]),
    ("policy", &["types"]),
    ("machine", &["types", "policy"]),
    ("limits", &["types", "policy"]),
    ("ports", &["types", "limits"]),
    ("tokens", &["types"]),
    ("wire", &["types", "machine"]),
    ("error", &["wire"]),
    ("accounts", &["types", "srp", "policy", "limits", "ports"]),
    ("engine", &["types", "policy", "machine", "limits", "ports", "wire", "error", "accounts"]),
    ("pool", &["types", "srp", "policy", "limits", "ports", "error", "engine", "accounts"]),
    ("aws", &["ports"]),
    ("adapters", &["types", "ports", "limits", "aws"]),
    (
        "hosts",
        &["types", "policy", "ports", "tokens", "wire", "error", "engine", "accounts", "pool", "adapters"],
    ),
    ("testing", &["types", "srp", "policy", "machine", "limits", "ports", "wire", "engine"]),
    ("conformance", &["types", "policy", "machine", "limits", "ports", "wire", "engine", "testing"]),
];

/// No clock, randomness, log, waiting or outer world below the ports.
const PURE: &[&str] = &["types", "srp", "policy", "machine", "limits"];
const IMPURE: &[&str] = &[
    "async",
    "await",
    "async_trait",
    "futures",
    "futures_timer",
    "tokio",
    "tracing",
    "rand",
    "Clock",
    "Entropy",
    "SystemTime",
    "Instant",
    "fs",
    "net",
    "env",
    "thread",
];
const NOWHERE: &[&str] = &["println!", "eprintln!", "print!", "eprint!", "dbg!", "todo!", "unimplemented!"];
const TESTS_ONLY: &[&str] = &[".unwrap()", ".expect( ", "panic!(", "unreachable!("];
/// Whole files that are declared under `#[cfg(test)]`; others are called `tests.rs` or `…_tests.rs`, or lie in `tests/`.
const TEST_FILES: &[&str] = &["src/limits/reference.rs", "src/machine/table.rs"];
const MOST_LINES: usize = 400;

pub(crate) fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every file below `folder` that ends like this.
pub(crate) fn files(folder: &Path, endings: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let Ok(entries) = fs::read_dir(folder) else { return found };
    for path in entries.map(|entry| entry.unwrap().path()) {
        // What other people's packages hold is theirs.
        if path.is_dir() && !path.ends_with("node_modules") {
            found.extend(files(&path, endings));
        } else if path.is_file()
            && endings.iter().any(|ending| path.extension().is_some_and(|e| e == *ending))
        {
            found.push(path);
        }
    }
    found.sort();
    found
}

pub(crate) fn sources(folder: &str) -> Vec<Source> {
    let root = root();
    let read = |path: PathBuf| {
        let name = path.strip_prefix(&root).unwrap().to_string_lossy().replace('\\', "/");
        Source::new(&name, &fs::read_to_string(&path).unwrap())
    };
    files(&root.join(folder), &["rs"]).into_iter().map(read).collect()
}

pub(crate) struct Source {
    pub(crate) path: String,
    lines: usize,
    /// Without comments, texts and tests.
    code: String,
}

impl Source {
    pub(crate) fn new(path: &str, text: &str) -> Self {
        let is_test = path.ends_with("_tests.rs")
            || path.ends_with("/tests.rs")
            || path.contains("/tests/")
            || TEST_FILES.contains(&path);
        let code = if is_test { String::new() } else { without_tests(&without_texts(text)) };
        Self { path: path.to_owned(), lines: text.lines().count(), code }
    }

    pub(crate) fn has(&self, text: &str) -> bool {
        self.code.contains(text)
    }

    /// `types` for `src/types/phone.rs`, `error` for `src/error.rs`; empty for the root.
    fn layer(&self) -> &str {
        let inner = self.path.strip_prefix("src/").unwrap_or(&self.path);
        let layer = inner.split('/').next().unwrap_or_default().trim_end_matches(".rs");
        if layer == "lib" { "" } else { layer }
    }

    /// `memory_ledger` for `src/adapters/memory_ledger/shard.rs`.
    fn module(&self) -> &str {
        self.path.split('/').nth(2).unwrap_or_default().trim_end_matches(".rs")
    }

    fn words(&self) -> BTreeSet<&str> {
        self.code.split(|c: char| !is_name(c)).collect()
    }
}

pub(crate) fn check(source: &Source) -> Vec<String> {
    let mut found = Vec::new();
    let layer = source.layer();
    let mut tell = |what: String| found.push(format!("{}: {what}", source.path));
    if source.lines > MOST_LINES {
        tell(format!("{} lines", source.lines));
    }
    for word in NOWHERE {
        let at_a_word = |(at, _)| !source.code[..at].ends_with(is_name);
        let prints_its_seed = layer == "testing" && *word == "eprintln!";
        if source.code.match_indices(word).any(at_a_word) && !prints_its_seed {
            tell(format!("{word} is forbidden"));
        }
    }
    for call in TESTS_ONLY.iter().filter(|call| source.has(call)) {
        let allowed = layer == "conformance" || (layer == "testing" && *call == "panic!(");
        if !allowed {
            tell(format!("{call} outside tests"));
        }
    }
    if source.words().contains("unsafe") {
        tell("unsafe".to_owned());
    }
    for word in source.words().into_iter().filter(|word| PURE.contains(&layer) && IMPURE.contains(word)) {
        tell(format!("{word} in a pure layer"));
    }
    if source.code.replace("(in super::super)", "").contains("super::super") {
        tell("super::super".to_owned());
    }
    if statements(&source.code, "use").any(|text| text.contains('*')) {
        tell("a glob".to_owned());
    }
    if !layer.is_empty() {
        for import in imports(source) {
            if let Some(why) = forbidden(source, &import) {
                tell(why);
            }
        }
    }
    found
}

/// Where a path leads from the crate's root: layer and, of adapters, the module.
fn imports(source: &Source) -> Vec<Vec<String>> {
    let mut found = heads(&source.code, "crate");
    let is_layers_own = source.path.ends_with("/mod.rs") && source.path.matches('/').count() == 2
        || source.path.matches('/').count() == 1;
    let above = heads(&source.code, "super");
    if is_layers_own {
        found.extend(above);
    } else if source.path.matches('/').count() == 2 {
        let layer = source.layer().to_owned();
        found.extend(above.into_iter().map(|path| [vec![layer.clone()], path].concat()));
    }
    found
}

fn forbidden(source: &Source, import: &[String]) -> Option<String> {
    let layer = source.layer();
    let name = import.first()?;
    let Some((_, known)) = LAYERS.iter().find(|(known, _)| *known == layer) else {
        return Some(format!("{layer} is no layer of the house"));
    };
    let target = match name.chars().next()? {
        first if first.is_uppercase() => front_door(name)?,
        _ => (name.clone(), import.get(1).cloned().unwrap_or_default()),
    };
    if target.0 == layer {
        // An adapter reaches what is its own by `self` and `super`.
        let other = layer == "adapters" && source.module() != "mod" && target.1 != source.module();
        return other.then(|| format!("an adapter knows another: {}", target.1));
    }
    let allowed = known.contains(&target.0.as_str());
    (!allowed).then(|| format!("{layer} must not know {}", import.join("::")))
}

/// Which layer the front door has a name from.
fn front_door(name: &str) -> Option<(String, String)> {
    let text = without_texts(&fs::read_to_string(root().join("src/lib.rs")).unwrap());
    let found = statements(&text, "use").find(|line| line.split(|c| !is_name(c)).any(|word| word == name))?;
    let layer = found.split("::").next()?.trim().to_owned();
    Some((layer, String::new()))
}

/// The first two names of every path that begins with `root::`, of every member of a list.
fn heads(code: &str, root: &str) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices(root) {
        let before = code[..at].chars().next_back().unwrap_or(' ');
        let rest = &code[at + root.len()..];
        if is_name(before) || before == '$' || code[..at].ends_with("super::") {
            continue;
        }
        match rest.strip_prefix("::") {
            Some(rest) => {
                let members = match rest.strip_prefix('{') {
                    Some(list) => members(list),
                    None => vec![rest],
                };
                found.extend(members.into_iter().map(first_two));
            }
            None if rest.trim_start().starts_with("as ") => found.push(vec!["self".to_owned()]),
            None => {}
        }
    }
    found.retain(|path| path.first().is_some_and(|name| !name.is_empty() && name != "super"));
    found
}

/// The members of a list, up to its closing brace, at its own depth.
fn members(list: &str) -> Vec<&str> {
    let (mut depth, mut from, mut found) = (0, 0, Vec::new());
    for (at, c) in list.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => {
                found.push(list[from..at].trim());
                break;
            }
            '}' => depth -= 1,
            ',' if depth == 0 => {
                found.push(list[from..at].trim());
                from = at + 1;
            }
            _ => {}
        }
    }
    found.retain(|member| !member.is_empty());
    found
}

fn first_two(path: &str) -> Vec<String> {
    let name = |text: &str| text.chars().take_while(|c| is_name(*c)).collect::<String>();
    let first = name(path);
    let mut names = vec![first.clone()];
    if let Some(rest) = path[first.len()..].strip_prefix("::") {
        names.push(name(rest));
    }
    names
}

/// What stands between a keyword and the next semicolon.
fn statements<'a>(code: &'a str, keyword: &'a str) -> impl Iterator<Item = &'a str> {
    code.match_indices(keyword).filter_map(move |(at, _)| {
        let rest = code[at + keyword.len()..].strip_prefix([' ', '\n'])?;
        (!code[..at].ends_with(is_name)).then(|| rest.split(';').next().unwrap_or(rest))
    })
}

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Drops every item under `#[cfg(test)]`.
fn without_tests(code: &str) -> String {
    let (mut kept, mut rest) = (String::new(), code);
    while let Some(at) = rest.find("#[cfg(test)]") {
        kept.push_str(&rest[..at]);
        rest = &rest[at..];
        let (mut depth, mut end) = (0, rest.len());
        for (place, c) in rest.char_indices() {
            match c {
                '{' => depth += 1,
                '}' => depth -= 1,
                _ => {}
            }
            if depth == 0 && (c == ';' || c == '}') {
                end = place + 1;
                break;
            }
        }
        rest = &rest[end..];
    }
    kept + rest
}

/// Drops comments, and what stands in strings and characters.
fn without_texts(text: &str) -> String {
    let (mut kept, mut rest) = (String::new(), text);
    while let Some(c) = rest.chars().next() {
        let in_name = kept.ends_with(is_name);
        let hashes = rest.trim_start_matches(['b', 'r']).chars().take_while(|c| *c == '#').count();
        let raw =
            rest.trim_start_matches('b').strip_prefix('r').is_some_and(|r| r[hashes..].starts_with('"'));
        let skip = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |at| at + 2)
        } else if raw && !in_name {
            let open = rest.find('"').unwrap() + 1;
            let close = format!("\"{}", "#".repeat(hashes));
            open + rest[open..].find(&close).map_or(rest.len() - open, |at| at + close.len())
        } else if c == '"' {
            1 + closing(&rest[1..], '"')
        } else if c == '\'' && (rest[1..].starts_with('\\') || rest[1..].chars().nth(1) == Some('\'')) {
            1 + closing(&rest[1..], '\'')
        } else {
            kept.push(c);
            rest = &rest[c.len_utf8()..];
            continue;
        };
        kept.push(' ');
        rest = &rest[skip..];
    }
    kept
}

/// How far it is past the quote that closes.
fn closing(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == quote => return at + 1,
            _ => {}
        }
    }
    text.len()
}
