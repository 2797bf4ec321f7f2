//! The group: integers modulo a prime of 3072 bits, generator 2 (RFC 5054, appendix A, number 5).
#![allow(unreachable_pub)] // the macro writes `pub`

use crypto_bigint::{U256, U3072, const_monty_params, modular::ConstMontyForm};
use sha2::{Digest as _, Sha256};

const_monty_params!(
    Prime,
    U3072,
    "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74\
     020BBEA63B139B22514A08798E3404DDEF9519B3CD3A431B302B0A6DF25F1437\
     4FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED\
     EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF05\
     98DA48361C55D39A69163FA8FD24CF5F83655D23DCA3AD961C62F356208552BB\
     9ED529077096966D670C354E4ABC9804F1746C08CA18217C32905E462E36CE3B\
     E39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF695581718\
     3995497CEA956AE515D2261898FA051015728E5A8AAAC42DAD33170D04507A33\
     A85521ABDF1CBA64ECFB850458DBEF0A8AEA71575D060C7DB3970F85A6E1E4C7\
     ABF5AE8CDB0933D71E8C94E04A25619DCEE3D2261AD2EE6BF12FFA06D98A0864\
     D87602733EC86A64521F2B18177B200CBBE117577A615D6C770988C0BAD946E2\
     08E24FA074E5AB3143DB5BFCE0FD108E4B82D120A93AD2CAFFFFFFFFFFFFFFFF",
    "The prime."
);

/// How many bytes an element has.
pub(super) const LEN: usize = 384;

pub(super) type Element = ConstMontyForm<Prime, { U3072::LIMBS }>;

/// The element that these bytes stand for, highest first; more than the prime is reduced.
pub(super) fn element(bytes: &[u8; LEN]) -> Element {
    Element::new(&U3072::from_be_slice(bytes))
}

pub(super) fn bytes(element: &Element) -> [u8; LEN] {
    let mut bytes = [0; LEN];
    let written = element.retrieve().to_be_bytes();
    for (to, from) in bytes.iter_mut().zip(AsRef::<[u8]>::as_ref(&written)) {
        *to = *from;
    }
    bytes
}

pub(super) fn exponent(bytes: &[u8; 32]) -> U256 {
    U256::from_be_slice(bytes)
}

/// Two to this power.
pub(super) fn power_of_two(exponent: &U256) -> Element {
    Element::new(&U3072::from_u8(2)).pow(exponent)
}

/// The multiplier that keeps a server from guessing twice with one answer: *k* in the RFC.
pub(super) fn multiplier() -> Element {
    let prime =
        <Prime as crypto_bigint::modular::ConstMontyParams<{ U3072::LIMBS }>>::PARAMS.modulus().to_be_bytes();
    let mut hash = Sha256::new();
    hash.update([0]);
    hash.update(AsRef::<[u8]>::as_ref(&prime));
    hash.update([2]);
    small(&hash.finalize().into())
}

/// A hash as an element.
fn small(hash: &[u8; 32]) -> Element {
    let mut wide = [0; LEN];
    for (to, from) in wide.iter_mut().skip(LEN - hash.len()).zip(hash) {
        *to = *from;
    }
    element(&wide)
}

/// Hands over a number in the form that clients hash: without leading zeros, but with one if the highest bit is set.
pub(super) fn shortest(number: &[u8], mut hash: impl FnMut(&[u8])) {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    let digits = number.get(zeros..).unwrap_or_default();
    if digits.first().is_none_or(|byte| byte & 0x80 != 0) {
        hash(&[0]);
    }
    hash(digits);
}
