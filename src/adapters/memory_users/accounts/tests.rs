use std::collections::HashSet;

use super::*;

fn phone(n: usize) -> PhoneNumber {
    format!("+919999900{n:03}").parse().expect("a number")
}

#[test]
fn two_accounts_with_one_password_keep_different_things_of_it_and_not_itself() {
    let mut accounts = Accounts::new(NumberRule::FirstHolds);
    let secret = Password::from_text("sesame".to_owned());
    for (n, name) in ["a", "b"].into_iter().enumerate() {
        let user = NewUser::new(name.to_owned(), phone(n), UserStatus::Confirmed, Timestamp::UNIX_EPOCH);
        assert!(matches!(accounts.create(user.password(secret.clone()), 2), Ok(CreateUser::Created(_))));
    }
    let kept = accounts.by_name.values().map(|account| match &account.password {
        Some(KeptPassword::Random(kept)) => *kept,
        other => panic!("{other:?}"),
    });
    let kept: HashSet<_> = kept.collect();
    assert_eq!(kept.len(), 2);
    assert!(kept.iter().all(|kept| !kept.starts_with(b"sesame")));
}

/// What can be done to the maps, over two names and two numbers.
#[derive(Clone, Copy, Debug)]
enum Act {
    Create(&'static str, usize, bool),
    Delete(&'static str),
    Prove(&'static str, usize, usize),
    Release(&'static str, usize),
}

fn every_act() -> Vec<Act> {
    let mut acts = Vec::new();
    for name in ["a", "b"] {
        acts.push(Act::Delete(name));
        for number in [0, 1] {
            acts.push(Act::Create(name, number, false));
            acts.push(Act::Release(name, number));
            acts.extend([0, 1].map(|to| Act::Prove(name, number, to)));
        }
        acts.push(Act::Create(name, 0, true));
    }
    acts
}

fn act(accounts: &mut Accounts, act: Act) {
    match act {
        Act::Create(name, number, confirmed) => {
            let status = if confirmed { UserStatus::Confirmed } else { UserStatus::Unconfirmed };
            let user = NewUser::new(name.to_owned(), phone(number), status, Timestamp::UNIX_EPOCH);
            drop(accounts.create(user, 2));
        }
        Act::Delete(name) => drop(accounts.delete_if(name, Unproven::Unconfirmed)),
        Act::Prove(name, from, to) => drop(accounts.prove(name, &phone(from), &phone(to))),
        Act::Release(name, number) => drop(accounts.release(name, &phone(number), None)),
    }
}

/// Every sequence of four acts, under both rules.
#[test]
fn i10_after_any_four_acts_every_number_leads_to_one_who_has_it_and_to_its_prover_first() {
    let mut seen = HashSet::new();
    for rule in [NumberRule::FirstHolds, NumberRule::VerifiedHolds] {
        let acts = every_act();
        for first in &acts {
            for second in &acts {
                for third in &acts {
                    for fourth in &acts {
                        let mut accounts = Accounts::new(rule);
                        for one in [first, second, third, fourth] {
                            act(&mut accounts, *one);
                        }
                        let sequence = || format!("{rule:?}: {first:?}, {second:?}, {third:?}, {fourth:?}");
                        check_numbers(&accounts, rule, &sequence);
                        seen.insert(format!("{rule:?} {:?}", ["a", "b"].map(|name| accounts.by_name(name))));
                    }
                }
            }
        }
    }
    assert!(seen.len() > 80, "the acts lead to {} states only", seen.len());
}

fn check_numbers(accounts: &Accounts, rule: NumberRule, sequence: &dyn Fn() -> String) {
    for (number, holder) in &accounts.holders {
        let account = accounts.by_name(holder).unwrap_or_else(|| panic!("leads to nobody: {}", sequence()));
        assert_eq!(account.phone, *number, "{}", sequence());
        assert!(account.phone_verified || rule == NumberRule::FirstHolds, "{}", sequence());
    }
    for (name, account) in &accounts.by_name {
        let Subscriber { phone, phone_verified, was_verified, .. } = &account.subscriber;
        assert!(!phone_verified || accounts.holders.get(phone) == Some(name), "{}", sequence());
        assert!(!phone_verified || *was_verified, "{}", sequence());
    }
}
