//! Words that say nothing about a text: articles, prepositions, pronouns, auxiliaries, and the words that questions are asked with.

use lectern_domain::language::Language;

/// The words that are left out of indexes and questions, in lower case, separated by white space.
pub(crate) const fn stop_words(language: Language) -> &'static str {
    match language {
        Language::Fr => FR,
        Language::En => EN,
        Language::De => DE,
        Language::Es => ES,
        Language::It => IT,
        Language::Pt => PT,
    }
}

/// What stands before an apostrophe and is left out there.
pub(crate) const fn elisions(language: Language) -> &'static [&'static str] {
    match language {
        Language::Fr => &["l", "d", "j", "m", "t", "s", "n", "c", "qu", "jusqu", "lorsqu", "puisqu", "quoiqu", "presqu"],
        Language::It => &[
            "l", "d", "c", "n", "s", "t", "v", "m", "un", "all", "dall", "dell", "nell", "sull", "coll", "quell", "quest", "gl", "agl",
            "dagl", "degl", "negl", "sugl",
        ],
        Language::Pt => &["d", "n"],
        Language::En | Language::De | Language::Es => &[],
    }
}

const FR: &str = "
    le la les un une des du de au aux ce cet cette ces mon ton son ma ta sa mes tes ses notre votre nos vos leur leurs
    je tu il elle on nous vous ils elles me te se lui eux moi toi soi y en
    qui que quoi dont où quel quelle quels quelles lequel laquelle lesquels lesquelles comment combien pourquoi quand est-ce
    et ou ni mais donc car si comme lorsque puisque quoique
    à dans par pour sur sous avec sans entre vers chez contre dès depuis pendant
    ne pas plus moins très aussi ainsi alors
    suis es est sommes êtes sont étais était étions étiez étaient serai sera seront serait seraient étant être soit soient fut furent
    ai as a avons avez ont avais avait avions aviez avaient aura auront aurait auraient eu ayant avoir ait aient eut eurent
    cela ceci ça celui celle ceux celles même aujourd hui il qu
";

const EN: &str = "
    a an the this that these those
    i you he she it we they me him her us them my your his its our their
    who whom whose which what where when why how
    and or nor but if then than so as
    of in on at by for with from to into onto over under between through about against during within without upon
    no not isn aren wasn weren doesn don didn hasn haven hadn won wouldn
    am is are was were be been being has have had having do does did doing will would shall should can could may might must
    there here such some any each all both other
";

const DE: &str = "
    der die das den dem des ein eine einen einem einer eines kein keine keinen keinem keiner
    ich du er sie es wir ihr mich dich ihn uns euch mir dir ihm ihnen sich mein dein sein unser euer meine deine seine ihre unsere
    wer wen wem was welche welcher welches welchen wo wohin woher wann warum wie wieso
    und oder aber doch sondern denn wenn weil dass daß ob als
    in im an am auf aus bei beim mit nach von vom vor zu zum zur über unter durch für gegen ohne um bis seit zwischen
    nicht auch nur noch schon sehr so dann
    bin bist ist sind seid war waren warst wart gewesen habe hast hat haben habt hatte hatten wird werden wurde wurden worden kann können
    dieser diese dieses diesen diesem
";

const ES: &str = "
    el la los las un una unos unas lo al del este esta estos estas ese esa esos esas eso esto
    yo tú él ella nosotros vosotros ellos ellas me te se le les nos os mi tu su mis tus sus nuestro nuestra nuestros nuestras
    que qué quien quién quienes quiénes cual cuál cuales cuáles cuyo cuya donde dónde cuando cuándo cómo cuánto cuánta cuántos cuántas porqué
    y e o u ni pero sino si como porque pues
    a ante con contra de desde en entre hacia hasta para por según sin sobre tras durante
    no más menos muy también
    es son era eran fue fueron ser sido siendo soy somos está están estaba estaban estar ha han había habían haber hay he
";

const IT: &str = "
    il lo la i gli le un uno una del dello della dei degli delle al allo alla ai agli alle dal dallo dalla dai dagli dalle
    nel nello nella nei negli nelle sul sullo sulla sui sugli sulle col coi questo questa questi queste quello quella quelli quelle quei quegli
    io tu lui lei noi voi loro mi ti si ci vi ne me te se suo sua suoi sue mio mia miei mie tuo tua nostro nostra vostro vostra
    che chi cui quale quali cosa dove quando perché come quanto quanta quanti quante
    e ed o ma né anche se poi
    a ad con da di in per su tra fra senza
    non più molto
    è sono sei siamo siete era erano fu furono essere stato stata stati state ha hanno ho hai abbiamo avete aveva avevano avere sia siano
";

const PT: &str = "
    o a os as um uma uns umas do da dos das no na nos nas ao à aos às pelo pela pelos pelas num numa
    este esta estes estas esse essa esses essas aquele aquela aqueles aquelas isto isso aquilo
    eu tu ele ela nós vós eles elas me te se lhe lhes nos vos meu minha meus minhas teu tua seu sua seus suas nosso nossa
    que quem qual quais cujo cuja onde quando porque porquê como quanto quanta quantos quantas
    e ou mas nem se pois
    de em para por com sem sob sobre entre até desde contra durante
    não mais menos muito também já
    é são era eram foi foram ser sido sendo está estão estava estavam estar há tem têm tinha tinham ter houve
";
