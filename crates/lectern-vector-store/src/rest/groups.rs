//! Changes in requests of bounded size.

/// The longest request, in bytes: some providers take no more than 10 MiB.
const MOST_BYTES: usize = 5 * 1024 * 1024;

/// The most changes of one request.
const MOST_CHANGES: usize = 1_000;

/// Groups that keep the bounds, in order; an item that is longer than a request may be goes alone.
pub(crate) fn groups<T>(items: Vec<T>, bytes: impl Fn(&T) -> usize) -> Vec<Vec<T>> {
    let mut groups: Vec<Vec<T>> = Vec::new();
    let mut sum = 0;
    for item in items {
        let more = bytes(&item);
        sum += more;
        match groups.last_mut().filter(|group| sum <= MOST_BYTES && group.len() < MOST_CHANGES) {
            Some(group) => group.push(item),
            None => {
                sum = more;
                groups.push(vec![item]);
            }
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_keep_their_bounds() {
        let check = |lengths: &[usize], expect: &[usize]| {
            let groups = groups(lengths.to_vec(), |length| *length);
            assert_eq!(groups.iter().map(Vec::len).collect::<Vec<_>>(), expect);
        };
        check(&[], &[]);
        check(&[1; 2_500], &[1_000, 1_000, 500]);
        check(&[MOST_BYTES - 1, 1, 1], &[2, 1]);
        check(&[1, MOST_BYTES + 1, 1], &[1, 1, 1]);
    }
}
