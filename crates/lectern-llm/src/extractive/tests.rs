use super::*;
use crate::SourcePassage;
use futures_util::TryStreamExt;
use lectern_domain::{ids::ChunkId, language::Language};

fn passage(language: Language, title: &str, text: &str) -> SourcePassage {
    SourcePassage { chunk: ChunkId(Uuid::nil()), title: title.to_owned(), heading: String::new(), text: text.to_owned(), language }
}

fn town() -> Vec<SourcePassage> {
    [
        ("Piscine municipale", "La piscine ouvre à 9 heures en semaine. L'entrée coûte 4,50 euros pour les adultes. Les enfants de moins de six ans ne paient pas."),
        ("Bibliothèque", "La bibliothèque prête dix livres à la fois.\n\nPour s'inscrire, il faut présenter :\n\n- une pièce d'identité,\n- un justificatif de domicile."),
        ("Histoire du pont", "Le pont a été bâti en 1902 par l'ingénieure Odile Varenne. Il fut repeint en 1977. Combien de voitures le traversent ?"),
    ]
    .map(|(title, text)| passage(Language::Fr, title, text))
    .to_vec()
}

#[track_caller]
fn check(question: &str, passages: &[SourcePassage], expected: &str, cited: &[usize]) {
    let answer = answer(question, passages);
    assert!(answer.text.starts_with(expected), "{question}: {answer:?}");
    assert_eq!(answer.cited, cited, "{question}: {answer:?}");
}

#[test]
fn the_sentence_that_bears_on_the_question_comes_first() {
    let town = town();
    check("Combien coûte l'entrée de la piscine ?", &town, "L'entrée coûte 4,50 euros pour les adultes [1].", &[1]);
    check("Qui a bâti le pont ?", &town, "Le pont a été bâti en 1902 par l'ingénieure Odile Varenne [3].", &[3]);
    check("En quelle année le pont fut-il repeint ?", &town, "Il fut repeint en 1977 [3].", &[3]);
    check(
        "Que faut-il pour s'inscrire à la bibliothèque ?",
        &town,
        "Pour s'inscrire, il faut présenter : une pièce d'identité, un justificatif de domicile [2].",
        &[2],
    );
}

#[test]
fn what_the_passages_do_not_say_is_declined() {
    let declined = "Les documents ne répondent pas à cette question.";
    for question in [
        "Quelle est la capitale de la Mongolie ?",
        "Comment renouveler un permis de chasse ?",
        "Which boundary layer equations describe supersonic flow?",
        "Et alors ?",
        "",
        "?!",
    ] {
        check(question, &town(), declined, &[]);
    }
    check("Combien coûte l'entrée ?", &[passage(Language::Fr, "", "")], declined, &[]);
}

#[test]
fn it_speaks_the_language_of_the_passages() {
    let cases = [
        (
            Language::En,
            "The ferry leaves at noon. Dogs travel free.",
            "When does the ferry leave?",
            "The ferry leaves at noon [1].",
            "The documents do not",
        ),
        (
            Language::De,
            "Die Fähre fährt mittags ab. Hunde reisen frei.",
            "Wann fährt die Fähre?",
            "Die Fähre fährt mittags ab [1].",
            "Die Dokumente",
        ),
        (
            Language::Es,
            "El barco sale a las doce. Los perros viajan gratis.",
            "¿Cuándo sale el barco?",
            "El barco sale a las doce [1].",
            "Los documentos",
        ),
        (
            Language::It,
            "Il traghetto parte a mezzogiorno. I cani non pagano.",
            "Quando parte il traghetto?",
            "Il traghetto parte a mezzogiorno [1].",
            "I documenti",
        ),
        (
            Language::Pt,
            "O barco parte ao meio-dia. Os cães não pagam.",
            "Quando parte o barco?",
            "O barco parte ao meio-dia [1].",
            "Os documentos",
        ),
    ];
    for (language, text, question, answered, declined) in cases {
        let passages = [passage(language, "", text)];
        check(question, &passages, answered, &[1]);
        check("Xylophon Quarzuhr Zwölftonmusik?", &passages, declined, &[]);
    }
}

#[test]
fn without_passages_it_says_so_in_the_language_of_the_question() {
    check("Où est la mairie de la commune ?", &[], "Aucun document", &[]);
    check("Where is the town hall?", &[], "No document", &[]);
    check("Wo ist das Rathaus der Stadt?", &[], "Es wurde kein Dokument", &[]);
    check("", &[], "No document", &[]);
}

#[test]
fn further_sentences_are_good_ones_and_say_something_else() {
    let passages = [
        passage(Language::En, "", "The ferry to Aldmere leaves at noon. It rains."),
        passage(Language::En, "", "The ferry to Aldmere leaves at noon."),
        passage(Language::En, "", "On Sundays the ferry to Aldmere leaves at ten."),
        passage(Language::En, "", "The mayor likes ferries."),
    ];
    let answer = answer("When does the ferry to Aldmere leave?", &passages);
    assert_eq!(answer.text, "The ferry to Aldmere leaves at noon [1]. On Sundays the ferry to Aldmere leaves at ten [3].");
    assert_eq!(answer.cited, [1, 3]);
}

#[test]
fn a_reference_in_a_passage_is_not_taken_for_a_source() {
    let passages = [passage(Language::En, "", "The tower[7] burnt down in 1821[12].")];
    assert_eq!(answer("When did the tower burn down?", &passages).text, "The tower burnt down in 1821 [1].");
}

#[tokio::test]
async fn the_model_streams_its_answer() {
    let request = crate::ChatRequest {
        model: EXTRACTIVE_MODEL.to_owned(),
        messages: Vec::new(),
        temperature: 0.0,
        question: "Qui a bâti le pont ?".to_owned(),
        passages: town(),
    };
    let events: Vec<_> = ExtractiveModel.stream(request).await.unwrap().try_collect().await.unwrap();
    let all = String::from_utf8(events.concat()).unwrap();
    assert!(all.starts_with("data: {\"id\":\"chatcmpl-") && all.ends_with("\n\ndata: [DONE]\n\n"), "{all}");
    assert!(all.contains("\"model\":\"lectern-extractive\"") && all.contains("\"object\":\"chat.completion.chunk\""), "{all}");
    assert!(events.len() > 4);
}
