//! Words that say nothing about what a question is about: articles, prepositions, pronouns, auxiliaries, question words.

use lectern_domain::language::Language;
use std::{
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

/// Whether a word, in small letters and without accents, is a stop word of the language.
pub(super) fn is_stop_word(word: &str, language: Language) -> bool {
    static SETS: LazyLock<HashMap<Language, HashSet<&'static str>>> =
        LazyLock::new(|| Language::ALL.map(|language| (language, list(language).split_ascii_whitespace().collect())).into());
    SETS.get(&language).is_some_and(|set| set.contains(word))
}

/// The language that most of the words are stop words of; English where no language is ahead.
pub(super) fn guess(words: &[String]) -> Language {
    let count = |language| words.iter().filter(|word| is_stop_word(word, language)).count();
    let mut best = (Language::En, count(Language::En));
    for language in Language::ALL {
        let found = count(language);
        if found > best.1 {
            best = (language, found);
        }
    }
    best.0
}

const fn list(language: Language) -> &'static str {
    match language {
        Language::Fr => FR,
        Language::En => EN,
        Language::De => DE,
        Language::Es => ES,
        Language::It => IT,
        Language::Pt => PT,
    }
}

const FR: &str = "a ai ainsi alors apres as au aucun aucune aujourd aupres auquel aussi autre autres aux auxquelles auxquels avaient avais avait \
    avant avec avez avoir avons ayant c ca car ce ceci cela celle celles celui cependant ces cet cette ceux chaque chez ci combien comme comment d dans \
    de depuis des desquelles desquels dit doit doivent donc dont du duquel elle elles en encore entre es est et etaient etais etait ete etes etre eu eut \
    eux fait faire faisait faut font fut furent h hui ici il ils j je jusqu jusque l la laquelle le lequel les lesquelles lesquels leur leurs lors lorsque \
    lui m ma mais me meme memes mes mon n ne ni nom non nos notre nous on ont or ou par parmi pas pendant permet peu peut peuvent peux plus pour pourquoi \
    pouvez pouvoir pres puis puisque qu quand que quel quelle quelles quels qui quoi quel s sa sans se selon sera seront ses si soient soit son sont \
    sous suis sur t ta te tel telle tes toi ton tous tout toute toutes tres trouve tu un une va vers veut voici voila vos votre vous vont y";
const EN: &str = "a about above after again all also am among an and any are as at be because been before being below between both but by can could d \
    did do does doing down during each for from further get gets got had has have having he her here hers him his how i if in into is it its just ll m \
    many may me might more most much must my no nor not now of off on once only or other our out over own re s same she should so some such t than that \
    the their them then there these they this those through to too under until up us ve very was we were what when where which while who whom whose why \
    will with would you your";
const DE: &str = "ab aber alle allem allen aller alles als also am an andere anderen auch auf aus bei beim bin bis bist da damit dann das dass dein dem den \
    denn der deren des dessen die dies diese diesem diesen dieser dieses doch dort du durch ein eine einem einen einer eines er es etwa fur gegen gibt hat \
    hatte hatten habe haben hier ich ihm ihn ihnen ihr ihre ihrem ihren ihrer im in ins ist ja jede jedem jeden jeder jedes kann kein keine konnen man \
    mehr mein mich mir mit muss mussen nach nicht noch nun nur ob oder ohne sehr sein seine seinem seinen seiner sich sie sind so soll uber um und uns \
    unter vom von vor wann war waren warum was weil welche welchem welchen welcher welches wem wen wenn wer werden weshalb wessen wie wieviel wieso wir \
    wird wo woher wohin wurde wurden zu zum zur zwischen";
const ES: &str = "a al algo algun alguna ante antes aquel aquella asi aun cada como con contra cual cuales cuando cuanta cuantas cuanto cuantos de debe deben \
    del desde donde dos e el ella ellas ellos en entre era eran es esa esas ese eso esos esta estaba estan estar estas este esto estos fue fueron ha hace \
    hacer haber habia han hasta hay he la las le les lo los mas me mi mis mucho muy ni no nos nosotros o os otra otro para pero por porque puede pueden puedo que \
    quien quienes se sea segun ser si sido sin sobre son su sus tal tambien tan te tiene tienen todo todos tras tu tus un una uno unos usted y ya yo";
const IT: &str = "a ad agli ai al alla alle allo anche avere aveva c che chi ci come con contro cosa cui d da dagli dai dal dalla dalle dallo de deve dei degli \
    del dell della delle dello di dopo dove due e ed egli era erano essere fa fare fra fu furono gli ha hanno ho i il in io l la le lei lo loro lui ma \
    mi mia mio molto ne negli nei nel nell nella nelle nello noi non nostro o ogni per perche piu possono posso puo qual quale quali quando quanta quante quanti quanto \
    quella quelle quelli quello questa queste questi questo s se senza si sia sono su sua sue sugli sui sul sulla sulle sullo suo suoi tra tu tutti tutto \
    un una uno vi voi";
const PT: &str = "a ao aos aquela aquele as ate com como contra cada da das de dela dele deles depois desde do dos e ela elas ele eles em entre era eram essa essas \
    esse esses esta estao estar estas estava este estes eu faz fazer foi foram ha isso isto ja la lhe mais mas me meu meus minha muito na nao nas nem no nos nossa \
    nosso num numa o onde os ou para pela pelas pelo pelos podem pode por porque posso qual quais quando quanta quantas quanto quantos que quem se seja sem ser \
    seu seus sao sob sobre sua suas tal tambem te tem tenho ter teu toda todo todos tu um uma uns voce voces";
