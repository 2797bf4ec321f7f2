use data_encoding::HEXLOWER;
use zeroize::Zeroizing;

use super::*;
use crate::types::{Password, PasswordVerifier};

const REALM: &str = "CustomAuth";
const USER: &str = "b3c1f4a0-1111-4222-8333-444455556666";

fn password(text: &str) -> Password {
    Password::from_text(text.to_owned())
}

fn kept(text: &str) -> PasswordVerifier {
    verifier_of(REALM, USER, &password(text), [0x80; 16])
}

/// Whether a client that thinks of this realm, user and password gets in.
fn gets_in(realm: &str, user: &str, text: &str, (a, b): (u8, u8)) -> bool {
    let own = [a; 32];
    let offer =
        offer(&HEXLOWER.encode(&client::public(&own)), &kept("s3same Öffne"), &Zeroizing::new([b; 32]))
            .unwrap();
    let b: [u8; 384] = HEXLOWER.decode(offer.srp_b.as_bytes()).unwrap().try_into().unwrap();
    let salt = HEXLOWER.decode(offer.salt.as_bytes()).unwrap();
    let key = client::key((realm, user, &password(text)), &own, (&salt, &b)).unwrap();
    let claim = Claim {
        realm,
        user_name: user,
        secret_block: b"block",
        timestamp: "Sat Nov 28 10:00:00 UTC 2026",
        signature: &[],
    };
    let signature = client::sign(&key, &claim).unwrap();
    let mut forged = signature.clone();
    forged[0] ^= 1;
    assert!(!offer.key.signed(&Claim { signature: &forged, ..claim }));
    assert!(!offer.key.signed(&Claim { signature: &[], ..claim }));
    let claim = Claim { realm: REALM, user_name: USER, signature: &signature, ..claim };
    assert!(!offer.key.signed(&Claim { secret_block: b"another", ..claim }));
    assert!(!offer.key.signed(&Claim { timestamp: "later", ..claim }));
    offer.key.signed(&claim)
}

#[test]
fn whoever_knows_the_password_proves_it_and_nobody_else() {
    for secrets in [(1, 2), (0x7f, 0xff), (3, 3)] {
        assert!(gets_in(REALM, USER, "s3same Öffne", secrets));
        assert!(!gets_in(REALM, USER, "s3same Öffnf", secrets));
        assert!(!gets_in(REALM, USER, "", secrets));
    }
    assert!(!gets_in("Other", USER, "s3same Öffne", (1, 2)));
    assert!(!gets_in(REALM, "b3c1", "s3same Öffne", (1, 2)));
}

#[test]
fn a_password_that_is_sent_is_checked_against_its_verifier_user_and_realm() {
    let verifier = kept("correct horse");
    assert!(is_of(&verifier, REALM, USER, &password("correct horse")));
    assert!(!is_of(&verifier, REALM, USER, &password("correct house")));
    assert!(!is_of(&verifier, "Other", USER, &password("correct horse")));
    assert!(!is_of(&verifier, REALM, "another", &password("correct horse")));
    assert_ne!(verifier, verifier_of(REALM, USER, &password("correct horse"), [0x81; 16]));
}

#[test]
fn a_public_value_that_would_fix_the_key_is_refused_and_so_is_junk() {
    let prime = HEXLOWER.encode(
        &<group::Prime as crypto_bigint::modular::ConstMontyParams<{ crypto_bigint::U3072::LIMBS }>>::PARAMS
            .modulus()
            .to_be_bytes(),
    );
    let (verifier, secret) = (kept("x"), Zeroizing::new([9; 32]));
    for a in [
        "",
        "0",
        "00",
        &"0".repeat(768),
        &prime,
        &prime.to_uppercase(),
        "g",
        "-1",
        " 2",
        "0x2",
        "2é",
        &"f".repeat(769),
    ] {
        assert!(offer(a, &verifier, &secret).is_none(), "{a}");
    }
    for a in ["1", "2", "abc", "ABC", &"f".repeat(768), &format!("00{}", "f".repeat(768))] {
        assert!(offer(a, &verifier, &secret).is_some(), "{a}");
    }
}

/// The multiplier is the one that every client of Cognito's has.
#[test]
fn numbers_are_those_of_a_client_made_for_cognito() {
    let mut hashed = Vec::new();
    group::shortest(&[0, 0, 0x80, 1], |part| hashed.extend_from_slice(part));
    group::shortest(&[0, 0x7f], |part| hashed.extend_from_slice(part));
    group::shortest(&[0], |part| hashed.extend_from_slice(part));
    assert_eq!(hashed, [0, 0x80, 1, 0x7f, 0]);
    assert_eq!(
        HEXLOWER.encode(&group::bytes(&group::multiplier())).trim_start_matches('0'),
        "538282c4354742d7cbbde2359fcf67f9f5b3a6b08791e5011b43b8a5b66d9ee6"
    );
}

#[test]
fn the_realm_is_what_stands_behind_the_last_underline() {
    assert_eq!(realm("ap-south-1_EXAMPLE01"), "EXAMPLE01");
    assert_eq!(realm("us_gov_west_Ab1"), "Ab1");
    assert_eq!(realm("none"), "none");
}
