//! What kind of thing a question asks for, told by its question words.

use super::terms::{fold, words};

/// What an answer should hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Expected {
    /// A number: how many, how much.
    Number,
    /// A date or a year.
    Time,
    /// A name: who, where.
    Name,
    /// Anything.
    Anything,
}

/// What having the kind of thing that is asked for adds to a sentence's score.
const BONUS: f64 = 0.1;

const NUMBER: [&str; 18] = [
    "combien",
    "many",
    "much",
    "viele",
    "viel",
    "wieviel",
    "cuanto",
    "cuanta",
    "cuantos",
    "cuantas",
    "quanto",
    "quanta",
    "quanti",
    "quante",
    "quantos",
    "quantas",
    "pourcentage",
    "percentage",
];
const TIME: [&str; 12] = ["quand", "when", "wann", "cuando", "quando", "annee", "year", "jahr", "ano", "anno", "date", "siecle"];
const NAME: [&str; 20] = [
    "qui", "ou", "who", "whom", "where", "wer", "wem", "wen", "wo", "quien", "quienes", "donde", "chi", "dove", "quem", "onde", "ville",
    "pays", "city", "country",
];

impl Expected {
    /// What a question asks for.
    pub(super) fn of(question: &str) -> Self {
        let words: Vec<_> = words(question).map(|word| fold(&word.to_lowercase())).collect();
        let any = |list: &[&str]| words.iter().any(|word| list.contains(&word.as_str()));
        // «Qui» and «ou» are also relative pronouns and a conjunction: they ask at the start alone.
        let starts = words.iter().take(2).any(|word| NAME.contains(&word.as_str()));
        if any(&NUMBER) {
            Self::Number
        } else if any(&TIME) {
            Self::Time
        } else if starts {
            Self::Name
        } else {
            Self::Anything
        }
    }

    /// What a sentence gains by holding it.
    pub(super) fn bonus(self, sentence: &str) -> f64 {
        let number = || words(sentence).any(|word| word.starts_with(|c: char| c.is_numeric()));
        let year = || words(sentence).any(|word| matches!(word.len(), 3..=4) && word.bytes().all(|byte| byte.is_ascii_digit()));
        let name = || words(sentence).skip(1).any(|word| word.starts_with(char::is_uppercase));
        let holds = match self {
            Self::Number => number(),
            Self::Time => year() || number(),
            Self::Name => name(),
            Self::Anything => false,
        };
        if holds { BONUS } else { 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn question_words_tell_what_is_asked() {
        let cases = [
            ("Combien de ponts ?", Expected::Number),
            ("En quelle année ?", Expected::Time),
            ("Qui paie ?", Expected::Name),
            ("Où va le train ?", Expected::Name),
            ("Quel train ou quel bus prendre ?", Expected::Anything),
            ("How many?", Expected::Number),
            ("Wann öffnet das Rathaus?", Expected::Time),
        ];
        for (question, expected) in cases {
            assert_eq!(Expected::of(question), expected, "{question}");
        }
    }
}
