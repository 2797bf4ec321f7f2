//! Pre Sign-up and Custom Message.

use custom_auth::{
    Action, Clock as _, MessageTemplate, NumberFit, NumberRules, Occurrence, PhoneNumber, SignUpPolicy,
    TriggerRefusal,
};
use serde_json::{Value, json};

use super::{
    PHONE,
    common::{Person, SignIn, World, policy},
    event, fixture, handled,
};

pub(crate) fn with_sign_ups(sign_ups: SignUpPolicy) -> World {
    World::under(policy().sign_up(Some(sign_ups)))
}

/// A sign-up of `user` with this number.
fn sign_up(world: &World, user: &str, phone: &Value) -> Result<Value, TriggerRefusal> {
    let nothing = json!({"autoConfirmUser": false, "autoVerifyEmail": false, "autoVerifyPhone": false});
    let attributes = json!({"userAttributes": {"phone_number": phone}, "validationData": null});
    let mut event: Value = serde_json::from_slice(&event("PreSignUp_SignUp", attributes, &nothing)).unwrap();
    event["userName"] = json!(user);
    handled(world, &world.engine(), &serde_json::to_vec(&event).unwrap())
}

#[test]
fn a_sign_up_is_confirmed_at_once_and_its_number_is_not_verified() {
    let world = with_sign_ups(SignUpPolicy::default());
    let response = handled(&world, &world.engine(), &fixture("pre_sign_up/sign_up_full.json")).unwrap();
    assert_eq!(
        response,
        json!({"autoConfirmUser": true, "autoVerifyEmail": false, "autoVerifyPhone": false})
    );
}

#[test]
fn where_codes_confirm_sign_ups_nothing_is_confirmed_by_the_trigger() {
    let world = with_sign_ups(SignUpPolicy::builder().auto_confirm(false).build().unwrap());
    let response = sign_up(&world, "ana", &json!(PHONE)).unwrap();
    assert_eq!(
        response,
        json!({"autoConfirmUser": false, "autoVerifyEmail": false, "autoVerifyPhone": false})
    );
}

#[test]
fn a_number_is_verified_by_a_sign_up_only_where_that_danger_was_chosen() {
    let world = with_sign_ups(SignUpPolicy::builder().danger_auto_verify_phone(true).build().unwrap());
    assert_eq!(sign_up(&world, "ana", &json!(PHONE)).unwrap()["autoVerifyPhone"], json!(true));
}

#[test]
fn flags_that_came_as_strings_go_back_as_booleans() {
    let world = with_sign_ups(SignUpPolicy::builder().auto_confirm(false).build().unwrap());
    let strings = json!({"autoConfirmUser": "false", "autoVerifyEmail": "false", "autoVerifyPhone": "true"});
    let event = event("PreSignUp_SignUp", json!({}), &strings);
    let response = handled(&world, &world.engine(), &event).unwrap();
    assert_eq!(
        response,
        json!({"autoConfirmUser": false, "autoVerifyEmail": "false", "autoVerifyPhone": false})
    );
}

#[test]
fn a_sign_up_without_a_sound_number_is_refused() {
    let world = with_sign_ups(SignUpPolicy::default());
    for phone in [json!(null), json!(""), json!("15550100123"), json!("+1 555 0100 123"), json!(7)] {
        assert_eq!(sign_up(&world, "ana", &phone), Err(TriggerRefusal::NumberInvalid), "{phone}");
    }
    let none = fixture("pre_sign_up/sign_up_no_attributes.json");
    assert_eq!(handled(&world, &world.engine(), &none), Err(TriggerRefusal::NumberInvalid));
    assert_eq!(world.audit.count(Occurrence::SignUpNumberInvalid), 6);
}

#[test]
fn a_sign_up_from_where_nobody_is_texted_is_refused() {
    let world = with_sign_ups(SignUpPolicy::default());
    assert_eq!(sign_up(&world, "ana", &json!("+18765550100")), Err(TriggerRefusal::NumberNotSupported));
    assert_eq!(world.audit.count(Occurrence::SignUpBlocked), 1);
}

/// Takes numbers that end in 1 for premium-rate, those in 2 for none at all.
#[derive(Debug)]
struct LastDigit;

impl NumberRules for LastDigit {
    fn check(&self, phone: &PhoneNumber) -> NumberFit {
        match phone.e164().bytes().last() {
            Some(b'1') => NumberFit::WrongKind,
            Some(b'2') => NumberFit::NoSuchNumber,
            _ => NumberFit::Fits,
        }
    }
}

#[test]
fn a_number_of_the_wrong_kind_can_neither_sign_up_nor_be_texted() {
    let world = with_sign_ups(SignUpPolicy::default());
    let auth = world.builder(world.keys.clone()).numbers(LastDigit).build().unwrap();
    let of = |phone: &str| {
        let attributes = json!({"userAttributes": {"phone_number": phone}});
        handled(&world, &auth, &event("PreSignUp_SignUp", attributes, &json!({})))
    };
    assert_eq!(of("+919999900001"), Err(TriggerRefusal::NumberNotSupported));
    assert_eq!(of("+919999900002"), Err(TriggerRefusal::NumberInvalid));
    assert_eq!(of("+919999900003"), Ok(json!({"autoConfirmUser": true, "autoVerifyPhone": false})));
    for (phone, texts) in [("+919999900001", 0), ("+919999900002", 0), ("+919999900003", 1)] {
        let mut sign_in = SignIn::new(auth.clone(), Person::known("ana", phone));
        world.run(sign_in.present(Action::Answer, world.clock.now()));
        assert_eq!(world.texts.count(), texts, "{phone}");
    }
}

#[test]
fn a_sign_up_that_cognito_asks_about_again_counts_once() {
    let world = with_sign_ups(SignUpPolicy::builder().sign_ups_per_number(1).build().unwrap());
    for _ in 0..3 {
        assert!(sign_up(&world, "ana", &json!(PHONE)).is_ok());
    }
    assert_eq!(sign_up(&world, "bo", &json!(PHONE)), Err(TriggerRefusal::TooManySignUps));
    world.wait(86_401);
    assert!(sign_up(&world, "bo", &json!(PHONE)).is_ok());
}

#[test]
fn a_number_is_signed_up_so_often_a_day_whatever_the_name() {
    let world = with_sign_ups(SignUpPolicy::default());
    for user in ["a", "b", "c", "d", "e"] {
        assert!(sign_up(&world, user, &json!(PHONE)).is_ok());
    }
    assert_eq!(sign_up(&world, "f", &json!(PHONE)), Err(TriggerRefusal::TooManySignUps));
    assert!(sign_up(&world, "f", &json!("+919999900002")).is_ok());
    assert_eq!(world.audit.count(Occurrence::SignUpThrottled), 1);
}

#[test]
fn all_together_are_signed_up_so_often_a_day() {
    let world = with_sign_ups(SignUpPolicy::builder().sign_ups_per_day(2).build().unwrap());
    for (user, phone) in [("a", "+919999900001"), ("b", "+919999900002")] {
        assert!(sign_up(&world, user, &json!(phone)).is_ok());
    }
    assert_eq!(sign_up(&world, "c", &json!("+919999900003")), Err(TriggerRefusal::TooManySignUps));
}

#[test]
fn i9_no_sign_up_is_admitted_while_the_ledger_is_down() {
    let world = with_sign_ups(SignUpPolicy::default());
    world.ledger.down(true);
    assert_eq!(sign_up(&world, "ana", &json!(PHONE)), Err(TriggerRefusal::Unavailable));
}

#[test]
fn the_text_with_a_sign_ups_code_is_ours_where_it_was_given() {
    let words = Some(MessageTemplate::for_sign_up("Example"));
    let world = with_sign_ups(SignUpPolicy::builder().message(words).build().unwrap());
    for path in ["custom_message/sign_up.json", "custom_message/resend_code.json"] {
        let response = handled(&world, &world.engine(), &fixture(path)).unwrap();
        let text = "{####} is your code for Example. Do not share it.";
        assert_eq!(response, json!({"smsMessage": text, "emailMessage": null, "emailSubject": null}));
    }
}

#[test]
fn without_words_of_ours_or_a_mark_for_the_code_cognitos_stand() {
    let bytes = fixture("custom_message/sign_up.json");
    let world = with_sign_ups(SignUpPolicy::default());
    assert_eq!(world.run(world.engine().handle(&bytes)).unwrap(), bytes);
    let words = Some(MessageTemplate::for_sign_up("Example"));
    let world = with_sign_ups(SignUpPolicy::builder().message(words).build().unwrap());
    for mark in [json!(null), json!(""), json!("x".repeat(200))] {
        let event =
            event("CustomMessage_SignUp", json!({"codeParameter": mark}), &json!({"smsMessage": null}));
        assert_eq!(handled(&world, &world.engine(), &event), Ok(json!({"smsMessage": null})));
    }
}
