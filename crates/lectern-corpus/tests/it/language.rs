//! Telling languages apart.

use lectern_corpus::detect;
use lectern_domain::language::Language;

#[test]
fn six_languages_are_told_apart() {
    let cases = [
        (
            Language::Fr,
            "Le conseil municipal se réunit chaque premier mardi du mois à la mairie, et les habitants peuvent assister aux débats sans s'inscrire.",
        ),
        (
            Language::En,
            "The town council meets on the first Tuesday of every month at the town hall, and residents may attend the debates without registering.",
        ),
        (
            Language::De,
            "Der Gemeinderat tagt an jedem ersten Dienstag des Monats im Rathaus, und die Einwohner können die Beratungen ohne Anmeldung verfolgen.",
        ),
        (
            Language::Es,
            "El consejo municipal se reúne el primer martes de cada mes en el ayuntamiento, y los vecinos pueden asistir a los debates sin inscribirse.",
        ),
        (
            Language::It,
            "Il consiglio comunale si riunisce il primo martedì di ogni mese in municipio, e gli abitanti possono assistere ai dibattiti senza iscriversi.",
        ),
        (
            Language::Pt,
            "A câmara municipal reúne-se na primeira terça-feira de cada mês, e os moradores podem assistir às discussões sem que seja preciso inscrever-se.",
        ),
    ];
    for (language, text) in cases {
        assert_eq!(detect([text, text].into_iter()), Some(language), "{text}");
    }
}

#[test]
fn too_little_is_not_clear() {
    for samples in [vec![], vec![""], vec!["123 456", "---"], vec!["ok"]] {
        assert_eq!(detect(samples.into_iter()), None);
    }
}

#[test]
fn no_more_is_looked_at_than_is_needed() {
    let long = "Les habitants de la commune élisent leurs conseillers. ".repeat(1000);
    let mut asked = 0;
    let endless = std::iter::repeat(long.as_str()).inspect(|_| asked += 1);
    assert_eq!(detect(endless), Some(Language::Fr));
    assert!(asked <= 12, "{asked}");
}
