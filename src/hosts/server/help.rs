//! What can be set, as `--help` says it.

use super::Settings;

impl Settings {
    /// What can be set, for `--help`.
    pub const HELP: &'static str = "\
CUSTOM_AUTH_ADDR       address and port to listen on                       127.0.0.1:8080
CUSTOM_AUTH_ADMIN_ADDR address and port for the operator: Admin calls,     not served
                       /healthz and /metrics; let nobody else reach it
CUSTOM_AUTH_DATA       folder for keys, accounts and texts                 custom-auth-data
CUSTOM_AUTH_POOL_ID    the user pool's id, region_name                     local_CustomAuth
CUSTOM_AUTH_CLIENT_ID  the app client's id                                 customauth
CUSTOM_AUTH_AUDIT      what happens, line by line: stderr, or off          stderr
CUSTOM_AUTH_ISSUER     the issuer in tokens, where jwks.json is found      http://ADDR/POOL_ID
CUSTOM_AUTH_LAMBDA     invoke URL of the function that defines, creates    the crate's own challenges
                       and verifies challenges; plain http
CUSTOM_AUTH_LAMBDA_TOKENS
                       on: that function is also asked for the claims and  off
                       groups in tokens
CUSTOM_AUTH_SIGN_UP_PASSWORD                                                session
                       a password that comes with a sign-up: session, kept by whoever confirms
                       with the sign-up's Session; keep, as on Cognito, also for whoever signs
                       a stranger's number up; ignore, and passwords open nothing
CUSTOM_AUTH_SINGLE_PROOF
                       on: a password alone signs in, and so does the      on; with a function, or a
                       Session of ConfirmSignUp alone; off: neither does   plan of more steps, off
CUSTOM_AUTH_SMS        who sends texts: outbox:PATH, a file in its place   outbox:DATA/outbox.jsonl
CUSTOM_AUTH_STORE      accounts and limits: redb:PATH, or memory           redb:DATA/store.redb
CUSTOM_AUTH_POLICY     limits and lifetimes, as a JSON object, such as     {}
                       {\"sends_per_phone\": [[30, 600]]}: docs/server.md
CUSTOM_AUTH_DOOR       limits of connections and requests, as a JSON       {}
                       object, such as {\"burst\": 300}: docs/server.md
CUSTOM_AUTH_KEYS       keys that codes are made with, name:base64[,...]    made once, in DATA/codes.key
CUSTOM_AUTH_TOKEN_KEY  keys that tokens are signed with                    made once, in DATA/tokens.key
CUSTOM_AUTH_SEAL_KEY   key that sessions are sealed with, base64           made once, in DATA/sessions.key
";

    /// Which of these names of variables look like settings and are none: mistyped, most likely, so whoever starts the server is to be told.
    #[must_use]
    pub fn mistyped(names: impl IntoIterator<Item = String>) -> Vec<String> {
        let is_setting = |name: &str| Self::HELP.lines().any(|line| line.split(' ').next() == Some(name));
        names.into_iter().filter(|name| name.starts_with("CUSTOM_AUTH_") && !is_setting(name)).collect()
    }
}
