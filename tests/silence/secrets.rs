//! What must not be seen, and a search for it in every spelling.

use core::fmt::{Debug, Display};
use std::{collections::HashMap, error::Error};

use custom_auth::{CodeKeys, PhoneNumber, pool::SealKey, testing::SplitMix64};
use data_encoding::{BASE64, BASE64URL_NOPAD, HEXLOWER};

pub(crate) const PHONE: &str = "+919999900077";
pub(crate) const KEY: &[u8; 32] = b"code-key-canary-J7q_x2Vb9LmZr4Wt";
const NAMES_KEY: &[u8; 32] = b"name-key-canary-Hd83kfQp0sNcY6ue";
const SEAL_KEY: &[u8; 32] = b"seal-key-canary-Aq1zXs2wC3edVf4r";

/// The keys of one world, which must be seen nowhere.
#[derive(Clone)]
pub(crate) struct Canaries {
    code: [u8; 32],
    names: [u8; 32],
    seal: [u8; 32],
}

impl Canaries {
    pub(crate) const FIXED: Self = Self { code: *KEY, names: *NAMES_KEY, seal: *SEAL_KEY };

    pub(crate) fn random(random: &mut SplitMix64) -> Self {
        let mut key = || {
            let mut key = [0; 32];
            key.chunks_mut(8).for_each(|eight| eight.copy_from_slice(&random.next().to_le_bytes()));
            key
        };
        Self { code: key(), names: key(), seal: key() }
    }

    pub(crate) fn keys(&self) -> CodeKeys {
        CodeKeys::from_bytes("k1", &self.code).unwrap().with_names_key(&self.names).unwrap()
    }

    pub(crate) fn seal_key(&self) -> SealKey {
        SealKey::from_bytes(&self.seal)
    }
}

/// Byte strings that must be nowhere.
#[derive(Debug)]
pub(crate) struct Secrets(Vec<(&'static str, String)>);

/// A byte is a character here: searching texts is quick.
fn text(bytes: &[u8]) -> String {
    bytes.iter().copied().map(char::from).collect()
}

impl Secrets {
    pub(crate) fn new(canaries: &Canaries, phone: PhoneNumber) -> Self {
        let mut all = Self(Vec::new());
        let Canaries { code, names, seal } = canaries;
        for (name, key) in [("code key", code), ("names key", names), ("seal key", seal)] {
            all.add(name, key);
            all.0.push((name, format!("{key:?}")));
        }
        all.add_phone(phone);
        all
    }

    pub(crate) fn add_phone(&mut self, phone: PhoneNumber) {
        self.add("phone", &phone.e164().as_bytes()[1..]);
        // Without the calling code it is as telling.
        self.add("phone", &phone.e164().as_bytes()[1 + phone.calling_code().len()..]);
    }

    pub(crate) fn add_code(&mut self, code: &str) {
        assert!(code.len() >= 10, "long enough not to occur by chance");
        self.add("code", code.as_bytes());
        self.0.push(("code", text(&code.parse::<u64>().unwrap().to_be_bytes())));
    }

    /// As it is, in hex and in base64.
    fn add(&mut self, name: &'static str, bytes: &[u8]) {
        let base64 = BASE64.encode(bytes).trim_end_matches('=').to_owned();
        let url = Some(BASE64URL_NOPAD.encode(bytes)).filter(|url| *url != base64);
        let spellings = [text(bytes), HEXLOWER.encode(bytes), base64].into_iter().chain(url);
        self.0.extend(spellings.map(|spelling| (name, spelling)));
    }

    pub(crate) fn found_in(&self, bytes: &[u8]) -> Option<&'static str> {
        let all = text(bytes);
        self.0.iter().find(|(_, secret)| all.contains(secret)).map(|(name, _)| *name)
    }
}

/// Everything that was seen anywhere, and where first: much is seen again and again.
#[derive(Debug, Default)]
pub(crate) struct Seen(HashMap<Vec<u8>, String>, usize);

impl Seen {
    pub(crate) fn bytes(&mut self, what: impl Display, bytes: impl AsRef<[u8]>) {
        self.1 += 1;
        self.0.entry(bytes.as_ref().to_vec()).or_insert_with(|| what.to_string());
    }

    pub(crate) fn debug(&mut self, what: impl Display, value: &dyn Debug) {
        self.bytes(format!("{{:?}} of {what}"), format!("{value:?}"));
        self.bytes(format!("{{:#?}} of {what}"), format!("{value:#?}"));
    }

    /// `Debug` and `Display` of an error and of all that caused it.
    pub(crate) fn error(&mut self, what: impl Display, error: &(dyn Error + 'static)) {
        let mut next = Some(error);
        while let Some(error) = next {
            self.debug(&what, &error);
            self.bytes(format!("{{}} of {what}"), error.to_string());
            next = error.source();
        }
    }

    pub(crate) fn count(&self) -> usize {
        self.1
    }

    pub(crate) fn assert_holds_no(&self, secrets: &Secrets) {
        for (bytes, what) in &self.0 {
            if let Some(secret) = secrets.found_in(bytes) {
                let start = bytes.get(..bytes.len().min(400)).unwrap_or_default();
                panic!("the {secret} is in {what}, which begins {}", String::from_utf8_lossy(start));
            }
        }
    }
}

#[test]
fn the_search_finds_every_spelling() {
    let mut secrets = Secrets::new(&Canaries::FIXED, PHONE.parse().unwrap());
    secrets.add_code("0123456789");
    for (text, name) in [
        ("to +919999900077.", "phone"),
        (&PHONE[3..], "phone"),
        ("393139393939393030303737", "phone"),
        ("0123456789", "code"),
        (&BASE64.encode(KEY), "code key"),
        (&HEXLOWER.encode(KEY), "code key"),
        (&format!("{KEY:?}"), "code key"),
        ("…J7q code-key-canary-J7q_x2Vb9LmZr4Wt", "code key"),
    ] {
        assert_eq!(secrets.found_in(text.as_bytes()), Some(name), "{text}");
    }
    assert_eq!(secrets.found_in(b"+91***77 k1 1790000000000"), None);
}
