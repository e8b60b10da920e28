//! Host names that exist for this process alone, so that a name with several addresses can be tried anywhere.

use crate::getaddrinfo::{AddrInfo, AiFlags, GaiError, Hints, system_getaddrinfo};
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

static HOSTS: Mutex<Option<HashMap<String, Vec<IpAddr>>>> = Mutex::new(None);

/// Gives a host name to a list of addresses: from now on [`getaddrinfo`](crate::getaddrinfo()) answers it, in this
/// order. A name without addresses is unknown at once, and no name server is asked.
pub fn register_host(name: &str, addresses: &[IpAddr]) {
    let mut hosts = HOSTS.lock().unwrap_or_else(PoisonError::into_inner);
    hosts.get_or_insert_default().insert(name.to_owned(), addresses.to_owned());
}

/// What the system would answer if it knew the name; `None` if the name is not registered.
pub(crate) fn registered(
    name: &str,
    service: Option<&str>,
    hints: &Hints,
) -> Option<Result<Vec<AddrInfo>, GaiError>> {
    if hints.flags.contains(AiFlags::AI_NUMERICHOST) {
        return None;
    }
    let hosts = HOSTS.lock().unwrap_or_else(PoisonError::into_inner);
    let addresses = hosts.as_ref()?.get(name)?;
    // The system itself resolves each address as a numeric host: family, type and service are then judged by it alone.
    let answers: Vec<_> = addresses
        .iter()
        .map(|address| system_getaddrinfo(Some(&address.to_string()), service, hints))
        .collect();
    Some(join(answers))
}

/// The addresses that suit the hints; the last refusal where none does.
fn join(answers: Vec<Result<Vec<AddrInfo>, GaiError>>) -> Result<Vec<AddrInfo>, GaiError> {
    let mut found = Vec::new();
    let mut refusal = None;
    for answer in answers {
        match answer {
            Ok(entries) => found.extend(entries),
            Err(error) => refusal = Some(error),
        }
    }
    if found.is_empty() { Err(refusal.unwrap_or(GaiError::UNKNOWN)) } else { Ok(found) }
}
