//! Made-up people: accounts with a proven number, each of which has signed in before.

use std::sync::Arc;

use custom_auth::{CreateUser, NewUser, PhoneNumber, Timestamp, UserStatus, UserStore};

/// Area code 555 is nobody's, so no number here is anybody's.
pub(crate) fn phone(number: u32) -> PhoneNumber {
    format!("+1555{number:07}").parse().unwrap()
}

fn name(number: u32) -> String {
    format!("0588acd1-0000-4000-8000-{number:012x}")
}

/// Long before any run.
const MADE: Timestamp = Timestamp::from_unix_millis(1_790_000_000_000);

/// Makes the accounts of the numbers from 0 on.
pub(crate) async fn settle(users: Arc<dyn UserStore>, accounts: u32) {
    // So many at once that a store that waits for the disk waits seldom.
    let mut workers = tokio::task::JoinSet::new();
    for worker in 0..1024 {
        let users = Arc::clone(&users);
        workers.spawn(async move {
            for number in (worker..accounts).step_by(1024) {
                settle_one(&*users, number).await;
            }
        });
    }
    workers.join_all().await;
}

pub(crate) async fn settle_one(users: &dyn UserStore, number: u32) {
    let (name, phone) = (name(number), phone(number));
    let user = NewUser::new(name.clone(), phone, UserStatus::Confirmed, MADE);
    assert!(matches!(users.create(user).await.unwrap(), CreateUser::Created(_)));
    users.mark_phone_verified(&name, &phone).await.unwrap().unwrap();
    users.note_success(&name, MADE).await.unwrap().unwrap();
}
