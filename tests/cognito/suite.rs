//! The port's suite, races included: within one process the adapter keeps the whole contract.

use custom_auth::{
    NumberRule,
    conformance::{UserStoreTraits, user_store_conforms},
};

use super::{as_asked::AsAsked, fake::Fake, world::users};

/// What Cognito does otherwise than a store of one's own.
fn traits(rule: NumberRule) -> UserStoreTraits {
    UserStoreTraits::new(rule).without_passwords().without_foreign_statuses().replacing_confirms()
}

#[test]
fn a_pool_in_which_the_verified_hold_a_number_conforms() {
    let rule = NumberRule::VerifiedHolds;
    user_store_conforms(traits(rule), || AsAsked::new(users(&Fake::new(rule), rule)));
}

#[test]
fn a_pool_in_which_the_first_holds_a_number_conforms() {
    let rule = NumberRule::FirstHolds;
    // Cognito names the accounts of such a pool itself: nobody can ask for a name, or for one that is taken.
    let traits =
        traits(rule).leaving_out(&["creation::a_taken_name_is_left_to_its_holder", "races::one_wins_a_name"]);
    user_store_conforms(traits, || AsAsked::new(users(&Fake::new(rule), rule)));
}
