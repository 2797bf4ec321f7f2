use std::sync::Arc;

use super::*;
use crate::{adapters::MemoryUsers, testing::Faulty};

const RULES: [NumberRule; 2] = [NumberRule::FirstHolds, NumberRule::VerifiedHolds];

#[test]
fn the_memory_store_conforms_under_both_rules() {
    for rule in RULES {
        user_store_conforms(UserStoreTraits::new(rule), || MemoryUsers::new().under(rule));
        user_store_conforms(UserStoreTraits::new(rule), || MemoryUsers::bounded(64).under(rule));
    }
}

#[test]
fn the_memory_store_conforms_boxed_shared_and_wrapped() {
    let first = UserStoreTraits::new(NumberRule::FirstHolds);
    user_store_conforms(first, || Box::new(MemoryUsers::new()) as Box<dyn UserStore>);
    user_store_conforms(first, || Arc::new(MemoryUsers::new()) as Arc<dyn UserStore>);
    user_store_conforms(first, || Faulty::new(MemoryUsers::new()));
}

#[test]
fn the_memory_store_is_bounded() {
    for rule in RULES {
        user_store_is_bounded(UserStoreTraits::new(rule), |room| MemoryUsers::bounded(room).under(rule));
    }
}
