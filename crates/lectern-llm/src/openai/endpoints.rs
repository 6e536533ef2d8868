//! The endpoints that can answer a request, and in which order they are tried.

use super::OpenAiClient;

/// Endpoints that serve the same model, the one whose turn it is first. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Endpoints {
    /// At least one.
    clients: Vec<OpenAiClient>,
}

impl From<OpenAiClient> for Endpoints {
    fn from(client: OpenAiClient) -> Self {
        Self { clients: vec![client] }
    }
}

impl Endpoints {
    /// These endpoints, beginning with number `turn`, counted on from the first after the last; none where there are none.
    pub(crate) fn in_turn(mut clients: Vec<OpenAiClient>, turn: usize) -> Option<Self> {
        let first = turn.checked_rem(clients.len())?;
        clients.rotate_left(first);
        Some(Self { clients })
    }

    /// The addresses, in the order of the turns.
    pub fn urls(&self) -> impl Iterator<Item = &str> {
        self.clients.iter().map(OpenAiClient::url)
    }

    /// No attempt at any of them yet.
    pub(super) fn no_tries(&self) -> Vec<u32> {
        vec![0; self.clients.len()]
    }

    /// The endpoint to try next and its place in `tries`: one that is not left alone before one that is, then one that this request has
    /// tried less often, then the one whose turn it is.
    pub(super) fn next(&self, tries: &[u32]) -> (usize, &OpenAiClient) {
        let place =
            (0..self.clients.len()).min_by_key(|&place| (self.clients[place].rest.is_on(), tries[place], place)).unwrap_or_default();
        (place, &self.clients[place])
    }

    /// Whether there is one that this request has not tried and that is not left alone.
    pub(super) fn has_fresh(&self, tries: &[u32]) -> bool {
        let (place, client) = self.next(tries);
        tries[place] == 0 && !client.rest.is_on()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Endpoint, HttpClient, HttpOptions};
    use std::time::Duration;

    #[test]
    fn turns_rests_and_tries_decide_who_is_next() {
        let http = HttpClient::new(HttpOptions::default()).unwrap();
        let clients: Vec<_> =
            ["http://a", "http://b", "http://c"].map(|url| OpenAiClient::new(http.clone(), &Endpoint::new(url)).unwrap()).into();
        assert!(Endpoints::in_turn(Vec::new(), 3).is_none());
        let endpoints = Endpoints::in_turn(clients, 4).unwrap();
        let next = |tries: &[u32]| endpoints.next(tries).1.url().to_owned();
        assert_eq!(endpoints.urls().collect::<Vec<_>>(), ["http://b/v1/", "http://c/v1/", "http://a/v1/"]);
        assert_eq!(
            (next(&[0, 0, 0]), next(&[1, 0, 0]), next(&[1, 1, 1])),
            ("http://b/v1/".into(), "http://c/v1/".into(), "http://b/v1/".into())
        );
        let rest = |place: usize| endpoints.clients[place].rest.begin(Duration::from_secs(3600), None);
        rest(0);
        assert_eq!((next(&[0, 0, 0]), next(&[0, 1, 0])), ("http://c/v1/".into(), "http://a/v1/".into()));
        assert!(endpoints.has_fresh(&[0, 1, 0]) && !endpoints.has_fresh(&[0, 1, 1]));
        rest(1);
        rest(2);
        assert_eq!(next(&[0, 1, 1]), "http://b/v1/", "all are left alone: the one that was not tried");
        assert!(!endpoints.has_fresh(&[0, 1, 1]));
    }
}
