//! What the extractive model says in its own words.

use lectern_domain::language::Language;

/// The documents that were found do not answer.
pub(super) const fn not_answered(language: Language) -> &'static str {
    match language {
        Language::Fr => "Les documents ne répondent pas à cette question.",
        Language::En => "The documents do not answer this question.",
        Language::De => "Die Dokumente beantworten diese Frage nicht.",
        Language::Es => "Los documentos no responden a esta pregunta.",
        Language::It => "I documenti non rispondono a questa domanda.",
        Language::Pt => "Os documentos não respondem a esta pergunta.",
    }
}

/// No passage was found, or none was looked for.
pub(super) const fn no_documents(language: Language) -> &'static str {
    match language {
        Language::Fr => "Aucun document n'a été trouvé pour répondre à cette question.",
        Language::En => "No document was found that could answer this question.",
        Language::De => "Es wurde kein Dokument gefunden, das diese Frage beantworten könnte.",
        Language::Es => "No se ha encontrado ningún documento que responda a esta pregunta.",
        Language::It => "Non è stato trovato alcun documento che risponda a questa domanda.",
        Language::Pt => "Não foi encontrado nenhum documento que responda a esta pergunta.",
    }
}
