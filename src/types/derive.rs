//! How a code comes to be: it is derived, never stored.

use hmac::Mac as _;
use zeroize::Zeroize as _;

use super::binding::{absorb, first_half};
use super::{Binding, CodeKeys, LiveChallenge, OneTimeCode};

impl CodeKeys {
    /// The code of `challenge` for `binding`, or `None` if its key is not listed.
    ///
    /// `digits(HMAC-SHA-256(key, …))` over the length-prefixed purpose, pool, client, user, phone, nonce, issue,
    /// expiry and number of digits. 128 bits of it are reduced to at most ten digits, so a code's bias is below
    /// 10^10 / 2^128, about 3 × 10^-29. A decoy's code is bound to no phone; nobody is ever told it.
    #[must_use]
    pub fn derive(&self, challenge: &LiveChallenge, binding: &Binding<'_>) -> Option<OneTimeCode> {
        let mut mac = self.find(challenge.key_id)?.clone();
        absorb(&mut mac, b"custom-auth/code/1");
        absorb(&mut mac, binding.purpose.as_bytes());
        absorb(&mut mac, binding.pool.as_str().as_bytes());
        absorb(&mut mac, binding.client.as_str().as_bytes());
        absorb(&mut mac, binding.user.as_str().as_bytes());
        absorb(&mut mac, binding.phone.as_ref().map_or("", |phone| phone.e164()).as_bytes());
        mac.update(challenge.nonce.as_bytes());
        mac.update(&challenge.issued_at.as_unix_millis().to_be_bytes());
        mac.update(&challenge.expires_at.as_unix_millis().to_be_bytes());
        mac.update(&[challenge.code_length.digits()]);
        let mut bits = first_half(mac);
        let code = OneTimeCode::from_number(u128::from_be_bytes(bits), challenge.code_length);
        bits.zeroize();
        Some(code)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use time::Duration;

    use super::super::{ClientId, CodeLength, Nonce, PhoneNumber, Purpose, Timestamp, UserName, UserPoolId};
    use super::*;

    fn binding() -> Binding<'static> {
        Binding {
            pool: UserPoolId::new("ap-south-1_EXAMPLE01"),
            client: ClientId::new("1example"),
            user: UserName::new("ana"),
            phone: "+919999900001".parse().ok(),
            purpose: Purpose::SignIn,
        }
    }

    fn challenge(keys: &CodeKeys, nonce: u128, digits: u8) -> LiveChallenge {
        let start = Timestamp::from_unix_millis(1_790_000_000_000);
        let length = CodeLength::new(digits).unwrap();
        LiveChallenge::new(
            keys.signing_key_id(),
            Nonce::from_bytes(nonce.to_be_bytes()),
            start,
            Duration::minutes(5),
            length,
        )
    }

    fn keys() -> CodeKeys {
        CodeKeys::from_bytes("k1", &[7; 32]).unwrap()
    }

    fn code(challenge: &LiveChallenge, binding: &Binding<'_>) -> String {
        keys().derive(challenge, binding).unwrap().expose_secret().to_owned()
    }

    #[test]
    fn a_known_input_gives_the_code_that_other_versions_gave() {
        // Computed apart, with another language's HMAC. A change makes every code under way wrong during a deployment.
        assert_eq!(code(&challenge(&keys(), 1, 10), &binding()), "3787258695");
    }

    #[test]
    fn i6_every_member_of_the_binding_changes_the_code() {
        let (keys, base) = (keys(), binding());
        let challenge = challenge(&keys, 1, 10);
        let phone: Option<PhoneNumber> = "+919999900002".parse().ok();
        let others = [
            Binding { pool: UserPoolId::new("ap-south-1_EXAMPLE02"), ..base },
            Binding { client: ClientId::new("2example"), ..base },
            Binding { user: UserName::new("bob"), ..base },
            Binding { phone, ..base },
            Binding { phone: None, ..base },
        ];
        for other in others {
            assert_ne!(code(&challenge, &base), code(&challenge, &other), "{other:?}");
        }
    }

    #[test]
    fn i6_every_member_of_the_record_changes_the_code() {
        let (keys, binding) = (keys(), binding());
        let base = challenge(&keys, 1, 10);
        let step = Duration::milliseconds(1);
        let others = [
            challenge(&keys, 2, 10),
            LiveChallenge { issued_at: base.issued_at + step, ..base },
            LiveChallenge { expires_at: base.expires_at + step, ..base },
        ];
        for other in others {
            assert_ne!(code(&base, &binding), code(&other, &binding), "{other:?}");
        }
    }

    #[test]
    fn a_key_that_is_not_listed_gives_no_code_and_a_verifying_key_gives_the_same_one() {
        let challenge = challenge(&keys(), 1, 6);
        let unknown = CodeKeys::from_bytes("k2", &[7; 32]).unwrap();
        assert!(unknown.derive(&challenge, &binding()).is_none());
        let rotated = unknown.with_verifying("k1", &[7; 32]).unwrap();
        assert_eq!(
            rotated.derive(&challenge, &binding()).unwrap().expose_secret(),
            code(&challenge, &binding())
        );
    }

    #[test]
    fn codes_are_uniform_every_digit_at_every_place() {
        const CODES: u32 = 1_000_000;
        let (keys, binding) = (keys(), binding());
        let mut counts = [[0_u32; 10]; 6];
        let mut cells = vec![0_u32; 1000];
        for nonce in 0..u128::from(CODES) {
            let code = keys.derive(&challenge(&keys, nonce, 6), &binding).unwrap();
            let digits = code.expose_secret().as_bytes();
            for (place, digit) in digits.iter().enumerate() {
                counts[place][usize::from(digit - b'0')] += 1;
            }
            cells[code.expose_secret().parse::<usize>().unwrap() / 1000] += 1;
        }
        let chi_square = |observed: &[u32]| {
            let expected = f64::from(CODES) / observed.len() as f64;
            observed.iter().map(|n| (f64::from(*n) - expected).powi(2) / expected).sum::<f64>()
        };
        // 9 degrees of freedom: 33.7 is passed with p = 0.9999 each; 999: 1,175 with p = 0.9999.
        for (place, observed) in counts.iter().enumerate() {
            assert!(chi_square(observed) < 33.7, "place {place}: {}", chi_square(observed));
        }
        assert!(chi_square(&cells) < 1_175.0, "{}", chi_square(&cells));
    }

    /// Texts that differ in one letter or in where one ends and the next begins.
    fn name() -> impl Strategy<Value = String> {
        "[ab]{1,3}"
    }

    proptest! {
        #[test]
        fn i6_codes_of_two_bindings_or_two_records_differ(
            one in (name(), name(), name(), 0_u8..3, 0_u8..3, 0_u128..3),
            other in (name(), name(), name(), 0_u8..3, 0_u8..3, 0_u128..3),
        ) {
            let [one_code, other_code] = [&one, &other].map(|(pool, client, user, phone, purpose, nonce)| {
                let binding = Binding {
                    pool: UserPoolId::new(pool),
                    client: ClientId::new(client),
                    user: UserName::new(user),
                    phone: (*phone > 0).then(|| format!("+91999990000{phone}").parse().unwrap()),
                    purpose: [Purpose::ChangeNumber, Purpose::SignIn, Purpose::SignUp][usize::from(*purpose)],
                };
                code(&challenge(&keys(), *nonce, 10), &binding)
            });
            // Ten digits: two that are not the same are, once in a million runs of ten thousand cases.
            prop_assert_eq!(one == other, one_code == other_code, "{:?} {:?}", one, other);
        }

        #[test]
        fn a_code_has_the_promised_number_of_digits(nonce: u128, digits in 6_u8..=10) {
            let code = code(&challenge(&keys(), nonce, digits), &binding());
            prop_assert!(code.len() == usize::from(digits) && code.bytes().all(|b| b.is_ascii_digit()));
        }
    }
}
