//! The pool driver, over triggers, users and a ledger written here.

#[cfg(test)]
#[path = "../common/cases.rs"]
mod cases;
#[cfg(test)]
mod errors;
#[cfg(test)]
mod events;
#[cfg(test)]
mod existence;
#[cfg(test)]
mod indistinct;
#[cfg(test)]
mod retry;
#[cfg(test)]
mod sign_up;
#[cfg(test)]
mod support;
#[cfg(test)]
mod tokens;
#[cfg(test)]
mod whole;
