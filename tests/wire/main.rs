//! Cognito's trigger events: what is read of them, and that nothing but `response` is written.

mod answers;
mod fixtures;
mod grammar;
mod oracle;
mod random;
mod reading;
mod refused;
