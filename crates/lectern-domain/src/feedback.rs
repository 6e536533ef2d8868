//! Opinions of answers.

use crate::{
    Invalid,
    ids::{FeedbackId, StreamId, UserId},
};

/// What an opinion is given for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FeedbackType {
    /// In passing, in a chat: good or not.
    Chat,
    /// Judging answers: a note with reasons.
    Evaluations,
}

/// What was good about an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Positive {
    /// It is clear.
    Clear,
    /// It is short.
    Concise,
    /// It is complete.
    Complete,
    /// Its sources can be trusted.
    ReliableSources,
}

/// What was bad about an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Negative {
    /// Mistakes of grammar.
    Grammar,
    /// Things that are not so.
    Hallucinations,
    /// Things that are not said exactly.
    Imprecision,
    /// It contradicts itself.
    Inconsistency,
    /// Sources are missing.
    MissingSources,
    /// It is too long.
    TooLong,
}

/// A word of a fixed list, as SQL and JSON have it.
macro_rules! words {
    ($name:ident { $($variant:ident => $word:literal),+ $(,)? }) => {
        impl $name {
            /// Every one, in the order in which they are listed to people.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word that stands for it in SQL and JSON.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word),+
                }
            }
        }
    };
}

words!(FeedbackType { Chat => "chat", Evaluations => "evaluations" });
words!(Positive { Clear => "clair", Concise => "synthetique", Complete => "complet", ReliableSources => "sources_fiables" });
words!(Negative {
    Grammar => "erreurs_grammaires",
    Hallucinations => "hallucinations",
    Imprecision => "imprecisions",
    Inconsistency => "inconsistance",
    MissingSources => "manque_de_sources",
    TooLong => "trop_long",
});

/// A mark: 0 to 5.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Note(i32);

impl Note {
    /// The lowest.
    pub const MIN: i32 = 0;
    /// The highest.
    pub const MAX: i32 = 5;

    /// The value.
    pub const fn value(self) -> i32 {
        self.0
    }
}

impl TryFrom<i32> for Note {
    type Error = Invalid;

    fn try_from(value: i32) -> Result<Self, Invalid> {
        if (Self::MIN..=Self::MAX).contains(&value) {
            Ok(Self(value))
        } else {
            Err(Invalid::new("note", format!("{value} is not between {} and {}", Self::MIN, Self::MAX)))
        }
    }
}

/// An opinion as it is given. Where there is one already, what is none here stays as it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewFeedback {
    /// What it is given for.
    pub feedback_type: FeedbackType,
    /// A mark.
    pub note: Option<Note>,
    /// What was good.
    pub positives: Option<Vec<Positive>>,
    /// What was bad.
    pub negatives: Option<Vec<Negative>>,
    /// Whether the answer is good.
    pub is_good: Option<bool>,
    /// In words of one's own.
    pub message: Option<String>,
}

impl NewFeedback {
    /// The rules between the fields: each type has fields of its own that it needs.
    ///
    /// # Errors
    /// [`Invalid`], in the words that clients know.
    pub fn check(&self) -> Result<(), Invalid> {
        fn some<T>(list: &Option<Vec<T>>) -> bool {
            list.as_ref().is_some_and(|items| !items.is_empty())
        }
        let rule = |text: &str| Err(Invalid::new("feedback", text));
        match self.feedback_type {
            FeedbackType::Chat if self.is_good.is_none() => rule("For 'chat' feedback, 'is_good' is required."),
            FeedbackType::Evaluations if self.note.is_none() => rule("For 'evaluations' feedback, 'note' is required."),
            FeedbackType::Evaluations if !some(&self.positives) && !some(&self.negatives) => {
                rule("For 'evaluations' feedback, at least 'positives' or 'negatives' is required.")
            }
            _ => Ok(()),
        }
    }
}

/// An opinion of an answer: one for each user and stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Feedback {
    /// Its id.
    pub id: FeedbackId,
    /// Whose it is.
    pub user: UserId,
    /// The stream whose answer it is about.
    pub stream: StreamId,
    /// What it is given for.
    pub feedback_type: FeedbackType,
    /// A mark; 0 where none was given.
    pub note: Option<i32>,
    /// What was good, in the words of [`Positive`].
    pub positives: Option<Vec<String>>,
    /// What was bad, in the words of [`Negative`].
    pub negatives: Option<Vec<String>>,
    /// Whether the answer is good.
    pub is_good: Option<bool>,
    /// In words of one's own.
    pub message: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn feedback(feedback_type: FeedbackType) -> NewFeedback {
        NewFeedback { feedback_type, note: None, positives: None, negatives: None, is_good: None, message: None }
    }

    #[track_caller]
    fn check(feedback: &NewFeedback, expect: Option<&str>) {
        assert_eq!(feedback.check().err().map(|error| error.message).as_deref(), expect);
    }

    #[test]
    fn a_type_needs_its_fields() {
        let chat = feedback(FeedbackType::Chat);
        check(&chat, Some("For 'chat' feedback, 'is_good' is required."));
        check(&NewFeedback { is_good: Some(false), ..chat }, None);
        let evaluation = feedback(FeedbackType::Evaluations);
        check(&evaluation, Some("For 'evaluations' feedback, 'note' is required."));
        let noted = NewFeedback { note: Some(Note(0)), positives: Some(vec![]), ..evaluation };
        check(&noted, Some("For 'evaluations' feedback, at least 'positives' or 'negatives' is required."));
        check(&NewFeedback { negatives: Some(vec![Negative::TooLong]), ..noted }, None);
    }

    #[test]
    fn a_note_is_between_0_and_5() {
        assert!(Note::try_from(-1).is_err() && Note::try_from(6).is_err());
        assert_eq!(Note::try_from(5).map(Note::value), Ok(5));
    }
}
