mod agreement;
mod flaw;
mod flawed;
mod model;

use std::sync::Arc;

use self::{
    flaw::Flaw,
    flawed::{Flawed, Shows, Torn},
};
use super::*;
use crate::{
    adapters::MemoryUsers,
    ports::NumberRule::{FirstHolds, VerifiedHolds},
    testing::Faulty,
};

const RULES: [NumberRule; 2] = [FirstHolds, VerifiedHolds];

#[test]
fn the_memory_store_conforms_under_both_rules() {
    for rule in RULES {
        user_store_conforms(UserStoreTraits::new(rule), || MemoryUsers::new().under(rule));
        user_store_conforms(UserStoreTraits::new(rule), || MemoryUsers::bounded(64).under(rule));
    }
}

#[test]
fn the_memory_store_conforms_boxed_shared_and_wrapped() {
    let first = UserStoreTraits::new(FirstHolds);
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

#[test]
fn the_plain_rules_conform() {
    for rule in RULES {
        user_store_conforms(UserStoreTraits::new(rule), || Flawed::new(Flaw::None, rule, 1_000));
        user_store_is_bounded(UserStoreTraits::new(rule), |room| Flawed::new(Flaw::None, rule, room));
    }
}

#[test]
#[should_panic(expected = "races::gone is no case of the suite")]
fn a_case_that_is_left_out_must_be_there() {
    user_store_conforms(traits(FirstHolds).leaving_out(&["races::gone"]), MemoryUsers::new);
}

#[test]
fn a_case_that_is_left_out_is_not_run() {
    let store = || Flawed::new(Flaw::None, FirstHolds, 1_000).showing(Shows::Numbers);
    user_store_conforms(
        traits(FirstHolds).leaving_out(&["creation::a_new_account_is_found_as_it_was_made"]),
        store,
    );
}

macro_rules! caught {
    ($($name:ident: $traits:expr, $make:expr => $sentence:literal;)+) => { $(
        #[test]
        #[should_panic(expected = $sentence)]
        fn $name() {
            user_store_conforms($traits, || $make);
        }
    )+ };
}

macro_rules! flaws_caught {
    ($($name:ident: $flaw:ident => $sentence:literal;)+) => { $(
        #[test]
        fn $name() {
            for rule in RULES {
                let trial = || user_store_conforms(UserStoreTraits::new(rule), || Flawed::new(Flaw::$flaw, rule, 1_000));
                let panic = std::panic::catch_unwind(trial).expect_err("a flawed store conforms");
                let words = panic.downcast_ref::<String>().map(String::as_str);
                let words = words.or_else(|| panic.downcast_ref::<&str>().copied()).expect("words");
                assert!(words.contains($sentence), "under {rule:?} it was caught by another sentence: {words}");
            }
        }
    )+ };
}

flaws_caught! {
    a_store_that_confirms_the_disabled_is_caught: ConfirmsDisabled => "Disabled must make it Disabled";
    a_store_that_creates_by_updating_is_caught: CreatesByUpdating => "answered with the account that holds it, unchanged";
    a_store_that_forgets_when_it_made_accounts_is_caught: ForgetsMoments => "not as it was asked for";
    a_store_that_forgets_strange_statuses_is_caught: ForgetsStrangeStatuses => "not as it was asked for";
    a_store_that_ignores_taken_names_is_caught: IgnoresNames => "a taken name must be answered";
    i10_a_store_in_which_proof_is_inherited_is_caught: InheritsProof => "not as it was asked for";
    a_store_that_makes_who_is_verified_is_caught: MakesWhoIsVerified => "of nobody must answer";
    i10_a_store_that_verifies_the_confirmed_is_caught: VerifiesTheConfirmed => "not as it was asked for";

    i10_a_store_that_changes_from_any_number_is_caught: ChangesFromAnyNumber => "from the number that the account has";
    i10_a_store_that_changes_to_unproven_numbers_is_caught: ChangesUnproven => "the new number, proven";
    i10_a_store_that_deletes_what_lets_go_is_caught: DeletesWhatLetsGo => "whose number was released is not found";
    i10_a_store_that_forgets_what_was_verified_is_caught: ForgetsWhatWasVerified => "the account that had the number before";
    i10_a_store_that_leads_where_a_number_was_left_is_caught: LeadsWhereItWasLeft => "whose holder changed to another one";
    i10_a_store_that_leaves_others_verified_is_caught: LeavesOthersVerified => "still verified in another";
    a_store_in_which_leaving_takes_a_number_from_others_is_caught: LeavingTakesItFromOthers => "a number that was proven does not lead";
    i10_a_store_that_releases_any_number_is_caught: ReleasesAnyNumber => "released only if";
    i10_a_store_that_releases_numbers_in_use_is_caught: ReleasesTheUsed => "released only if";
    a_store_that_releases_the_next_ones_number_is_caught: ReleasesTwice => "released once more";
    i10_a_store_that_releases_without_unverifying_is_caught: ReleasesWithoutUnverifying => "must un-verify";
    i6_a_store_that_verifies_any_phone_is_caught: VerifiesAnyPhone => "not the account's own";

    a_store_that_forgets_new_passwords_is_caught: ForgetsNewPasswords => "that it was made with";
    a_store_that_gives_nobody_a_password_is_caught: GivesNobodyAPassword => "nobody must have no password";
    i10_a_store_in_which_passwords_are_inherited_is_caught: InheritsPasswords => "must not inherit a password";
    a_store_that_keeps_more_than_a_verifier_is_caught: KeepsMoreThanVerifiers => "nothing but its verifier";
    i10_a_store_that_keeps_old_passwords_is_caught: KeepsOldPasswords => "a replaced password must open nothing";
    i10_a_store_that_keeps_old_verifiers_is_caught: KeepsOldVerifiers => "must have no verifier any more";
    i10_a_store_that_opens_without_a_password_is_caught: OpensWithoutAPassword => "password";
    a_store_whose_successes_go_back_is_caught: SuccessGoesBack => "last success must never go back";
    i10_a_store_that_takes_passwords_of_the_refused_is_caught: TakesPasswordsOfTheRefused => "password of a refused account";
    i10_a_store_in_which_tokens_live_again_is_caught: TokensLiveAgain => "revoked tokens must never live again";

    a_store_that_deletes_either_way_is_caught: DeletesEitherWay => "must be kept and shown";
    i10_a_store_that_deletes_the_confirmed_is_caught: DeletesTheConfirmed => "must be kept and shown";
    i10_a_store_that_deletes_the_once_verified_is_caught: DeletesTheOnceVerified => "must be kept and shown";
    a_store_that_deletes_the_unproven_only_is_caught: DeletesTheUnprovenOnly => "however it stands";
    i10_a_store_that_deletes_the_used_is_caught: DeletesTheUsed => "must be kept and shown";
    a_store_whose_deletions_take_anothers_number_is_caught: DeletionTakesTheNumber => "was deleted is not found by its number";
    a_store_that_leaves_a_number_behind_is_caught: KeepsTheNumber => "still found by its number";
    i10_a_store_that_keeps_the_used_unconfirmed_is_caught: KeepsTheUsedUnconfirmed => "must be deleted as Unconfirmed";

    a_store_that_lists_one_page_is_caught: EndsAfterAPage => "old enough must be listed";
    a_store_that_lists_either_way_is_caught: ListsEitherWay => "old enough must be listed";
    a_store_that_lists_the_young_is_caught: ListsTheYoung => "old enough must be listed";
    a_store_that_lists_twice_is_caught: ListsTwice => "must be listed once";
    a_store_that_lists_too_many_is_caught: ListsTooMany => "no longer than was asked for";
    a_store_whose_pages_move_on_by_themselves_is_caught: MovesOnByItself => "is not whole";
    a_store_whose_listing_never_ends_is_caught: NeverEnds => "never ends";
    a_store_that_pages_by_offset_is_caught: PagesByOffset => "did not change was listed 0 times";
    a_store_that_skips_accounts_between_pages_is_caught: SkipsOne => "old enough must be listed";
}

const fn traits(rule: NumberRule) -> UserStoreTraits {
    UserStoreTraits::new(rule)
}

fn torn(torn: Torn, rule: NumberRule) -> Flawed {
    Flawed::new(Flaw::None, rule, 1_000).torn(torn)
}

caught! {
    a_store_that_asks_and_then_creates_is_caught:
        traits(FirstHolds), torn(Torn::Creates, FirstHolds) => "asked for at once was given";
    a_store_that_asks_and_then_creates_is_caught_by_name:
        traits(VerifiedHolds), torn(Torn::Creates, VerifiedHolds) => "a name that 64 asked for at once was given";
    i10_a_store_that_asks_and_then_deletes_is_caught:
        traits(FirstHolds), torn(Torn::Deletes, FirstHolds) => "was proven and deleted";
    i10_a_store_that_asks_and_then_deletes_is_caught_under_the_other_rule:
        traits(VerifiedHolds), torn(Torn::Deletes, VerifiedHolds) => "was proven and deleted";
    a_store_that_writes_accounts_back_whole_is_caught:
        traits(FirstHolds), torn(Torn::Changes, FirstHolds) => "account";
    i10_a_store_that_asks_and_then_proves_is_caught:
        traits(FirstHolds), torn(Torn::Numbers, FirstHolds) => "at once";
    i10_a_store_that_asks_and_then_proves_is_caught_under_the_other_rule:
        traits(VerifiedHolds), torn(Torn::Numbers, VerifiedHolds) => "at once";
    a_store_under_the_other_rule_than_it_says_is_caught:
        traits(FirstHolds), Flawed::new(Flaw::None, VerifiedHolds, 1_000) => "is not found by its number";
    i10_a_store_whose_numbers_lead_to_the_unverified_is_caught:
        traits(VerifiedHolds), Flawed::new(Flaw::None, FirstHolds, 1_000) => "is not found by its number";
    i10_a_store_that_leads_to_the_first_is_caught:
        traits(FirstHolds), Flawed::new(Flaw::LeadsToTheFirst, FirstHolds, 1_000) => "a number that was proven does not lead";
    a_store_whose_released_numbers_stay_taken_is_caught:
        traits(FirstHolds), Flawed::new(Flaw::StaysTakenWhenReleased, FirstHolds, 1_000) => "free";
    a_store_that_checks_no_passwords_though_it_says_so_is_caught:
        traits(FirstHolds).without_passwords(), MemoryUsers::new() => "that it was made with";
    a_store_whose_new_passwords_do_not_confirm_though_it_says_so_is_caught:
        traits(FirstHolds).replacing_confirms(), MemoryUsers::new() => "must change nothing that is shown";
    i7_a_store_whose_debug_shows_numbers_is_caught:
        traits(FirstHolds), Flawed::new(Flaw::None, FirstHolds, 1_000).showing(Shows::Numbers) => "shows a phone number";
    i7_a_store_whose_debug_shows_passwords_is_caught:
        traits(FirstHolds), Flawed::new(Flaw::None, FirstHolds, 1_000).showing(Shows::Passwords) => "shows a password";
}

macro_rules! caught_when_full {
    ($($name:ident: $flaw:ident, $torn:ident => $sentence:literal;)+) => { $(
        #[test]
        #[should_panic(expected = $sentence)]
        fn $name() {
            let make = |room| Flawed::new(Flaw::$flaw, FirstHolds, room).torn(Torn::$torn);
            user_store_is_bounded(traits(FirstHolds), make);
        }
    )+ };
}

caught_when_full! {
    a_store_that_counts_and_then_creates_is_caught: None, Creates => "took in";
    a_store_that_evicts_when_full_is_caught: EvictsWhenFull, Nothing => "took in";
    a_full_store_that_hides_its_holders_is_caught: RefusesHoldersWhenFull, Nothing => "failed: the store is full";
}
