//! A dormant account where the loop is Cognito's: Post Authentication can only refuse, and the host decides elsewhere.

use custom_auth::{TriggerRefusal, UserStatus, UserStore as _};
use time::Duration;

use super::{PHONE, common::Person, proofs::House};

/// Ana's account, proven once and then asleep.
fn asleep() -> House {
    let house = House::new(UserStatus::Confirmed);
    house.prove();
    assert!(house.post_authentication().is_ok());
    house.world.clock.advance(Duration::days(180));
    house
}

fn dormant(house: &House) -> Option<custom_auth::accounts::Dormant> {
    house.world.run(house.auth.dormant(&Person::known("ana", PHONE).requester())).unwrap()
}

#[test]
fn i10_whoever_proved_the_number_of_a_dormant_account_gets_a_new_one_and_the_old_one_is_left_alone() {
    let house = asleep();
    assert_eq!(dormant(&house), None, "nobody has proven anything");
    house.prove();
    assert_eq!(house.post_authentication(), Err(TriggerRefusal::AccountDormant));
    let old = house.account();
    let sleeper = dormant(&house).unwrap();
    let new = house.world.run(house.accounts.start_anew(sleeper)).unwrap();
    assert_ne!(new.user_name, "ana");
    let leads_to = house.world.run(house.users.find_by_phone(&PHONE.parse().unwrap())).unwrap();
    assert_eq!(leads_to.map(|account| account.user_name), Some(new.user_name));
    assert_eq!(house.account().last_success, old.last_success);
    assert_eq!(dormant(&house), None, "the number is another account's");
}

#[test]
fn i10_a_dormant_account_opens_again_after_another_proof_of_the_hosts() {
    let house = asleep();
    house.prove();
    assert_eq!(house.post_authentication(), Err(TriggerRefusal::AccountDormant));
    let sleeper = dormant(&house).unwrap();
    house.world.run(house.accounts.wake(sleeper)).unwrap();
    assert!(house.post_authentication().is_ok());
    assert_eq!(dormant(&house), None);
}

#[test]
fn a_proof_of_five_minutes_ago_wakes_nobody() {
    let house = asleep();
    house.prove();
    house.world.wait(300);
    assert_eq!(dormant(&house), None);
}
