//! Ids, access keys and secrets (IAM user guide, "IAM identifiers", "Unique identifiers").

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use openvpc_model::{AccountId, Secret};
use rand::RngCore;

const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// A prefix such as `AROA` and 17 more characters.
pub fn unique_id(prefix: &str, rng: &mut dyn RngCore) -> String {
    let mut bits = [0; 17];
    rng.fill_bytes(&mut bits);
    let rest = bits.iter().map(|b| char::from(BASE32[usize::from(b & 31)]));
    prefix.chars().chain(rest).collect()
}

/// An access key's id: `AKIA` or `ASIA`, and 16 characters that tell the account, as those of AWS do.
pub fn access_key_id(prefix: &str, account: &AccountId, rng: &mut dyn RngCore) -> String {
    access_key_id_with(prefix, account, rng.next_u64())
}

/// As [`access_key_id`], of 39 bits of `random`.
pub fn access_key_id_with(prefix: &str, account: &AccountId, random: u64) -> String {
    let account: u128 = account.as_str().parse().unwrap_or_default();
    let high = (1 << 47) | (account << 7);
    let bits = (high << 32) | u128::from(random & ((1 << 39) - 1));
    let rest = (0..16).rev().map(|at| {
        let digit = (bits >> (at * 5)) & 31;
        char::from(BASE32[digit as usize])
    });
    prefix.chars().chain(rest).collect()
}

/// The account that an access key's id tells, if it has the form.
pub fn account_of(access_key_id: &str) -> Option<AccountId> {
    let rest = access_key_id
        .strip_prefix("AKIA")
        .or_else(|| access_key_id.strip_prefix("ASIA"))?;
    if rest.len() != 16 {
        return None;
    }
    let bits = rest.bytes().try_fold(0u128, |bits, byte| {
        let digit = BASE32.iter().position(|b| *b == byte)?;
        Some((bits << 5) | digit as u128)
    })?;
    let account = (bits >> 39) & ((1 << 40) - 1);
    format!("{account:012}").parse().ok()
}

/// 40 characters, as AWS's secrets have.
pub fn secret(rng: &mut dyn RngCore) -> Secret {
    let mut bits = [0; 30];
    rng.fill_bytes(&mut bits);
    Secret(STANDARD_NO_PAD.encode(bits))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use rand::rngs::SmallRng;

    #[test]
    fn a_keys_id_tells_its_account() {
        let mut rng = SmallRng::seed_from_u64(1);
        for account in ["123456789012", "000000000000", "999999999999"] {
            let account: AccountId = account.parse().unwrap();
            for prefix in ["AKIA", "ASIA"] {
                let id = access_key_id(prefix, &account, &mut rng);
                assert_eq!((id.len(), &id[..4]), (20, prefix));
                assert_eq!(account_of(&id), Some(account.clone()));
            }
        }
        assert_eq!(account_of("test"), None);
        assert_eq!(account_of("AKIA0000000000000000"), None);
    }

    #[test]
    fn ids_and_secrets_have_the_lengths_of_aws() {
        let mut rng = SmallRng::seed_from_u64(1);
        assert_eq!(unique_id("AROA", &mut rng).len(), 21);
        assert_eq!(secret(&mut rng).0.len(), 40);
        assert_ne!(secret(&mut rng).0, secret(&mut rng).0);
    }
}
