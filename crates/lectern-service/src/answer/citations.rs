//! Which passages an answer cites.

/// The numbers from 1 to `count` that stand in square brackets in a text, each once, in the order of the passages: `[2]`, `[1, 3]`.
pub(super) fn cited(text: &str, count: usize) -> Vec<usize> {
    let mut found = vec![false; count + 1];
    for part in text.split('[').skip(1) {
        let Some((inside, _)) = part.split_once(']') else { continue };
        for number in inside.split(',') {
            if let Ok(number) = number.trim().parse::<usize>()
                && (1..=count).contains(&number)
            {
                found[number] = true;
            }
        }
    }
    (1..=count).filter(|&number| found[number]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, count: usize, expect: &[usize]) {
        assert_eq!(cited(text, count), expect);
    }

    #[test]
    fn numbers_in_brackets_are_citations() {
        check("A [2]. B [1, 3]. C [2].", 3, &[1, 2, 3]);
        check("Nothing here.", 3, &[]);
    }

    #[test]
    fn other_brackets_are_not() {
        check("[note] [0] [4] [1", 3, &[]);
    }
}
