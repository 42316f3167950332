//! The words by which a town hall is recognised, folded: small letters, `ae` for `ä`, no hyphens.

/// Bodies, offices and papers of a municipality: with a town's name behind them that town speaks or is spoken for.
pub fn is_municipal(word: &str) -> bool {
    let word = word.trim_end_matches("innen");
    exact(MUNICIPAL, word) || is_authority(word) || (ends(OFFICE_ENDINGS, word) && !ends(OUTSIDE_OFFICES, word))
}

/// The municipality itself, so that an `in` before its name leads somewhere else.
pub fn is_authority(word: &str) -> bool {
    exact(AUTHORITY, word) || (word.ends_with("stadt") && !ends(OTHER_TOWNS, word) && !ends(PARTS, word))
}

/// Dues: `Hundesteuer Bünde` is a title, `Steuer auf Löhne` is not.
pub fn is_due(word: &str) -> bool {
    ends("steuer gebuehr gebuehren beitraege", word)
        && !exact("lohnsteuer umsatzsteuer einkommensteuer kirchensteuer mehrwertsteuer", word)
}

/// People of a town.
pub fn is_people(word: &str) -> bool {
    let inhabitants = ["einwohner", "bewohner"].iter().find_map(|start| word.strip_prefix(start));
    exact(PEOPLE, word)
        || starts("buergerinnen buergers", word)
        || inhabitants.is_some_and(|ending| exact("n s in innen schaft", ending) || ending.is_empty())
}

/// People who may well come from elsewhere, and still are the town's own behind `Löhner`.
pub fn is_group(word: &str) -> bool {
    exact(GROUPS, word) || starts("hundehalt gewerbetreib steuerpflicht wahlberechtig grundstueckseigent", word)
}

/// Bodies and places that carry a town's name without being the town.
pub fn is_outside(word: &str) -> bool {
    ends(OUTSIDE_ENDINGS, word) || starts(OUTSIDE_BEGINNINGS, word) || exact(OUTSIDE, word)
}

/// Words that tell of a town as of another one, whatever they stand with.
pub fn is_elsewhere(word: &str) -> bool {
    starts(ELSEWHERE, word) || exact("neighbour neighbor neighbouring neighboring grenzt gast", word)
}

/// Words that make a doubtful passage a mention.
pub fn is_distant(word: &str) -> bool {
    starts(DISTANT, word) || exact("born there", word)
}

pub fn is_moving(word: &str) -> bool {
    starts("ziehen zieht ziehst zog gezogen", word)
        || ends("ziehen zieht gezogen", word) && !word.ends_with("einziehen") && !word.ends_with("beziehen")
        || exact("move moved moving umzug zuzug wegzug wechseln", word)
}

pub fn is_joint(word: &str) -> bool {
    starts("gemeinsam zusammen kooperation kooperier vereinbarung together joint cooperat", word)
}

pub fn is_issued(word: &str) -> bool {
    exact("ausgestellt ausstellte erteilt ausgegeben issued beurkundet", word)
}

pub fn is_passive(word: &str) -> bool {
    exact("is are will", word)
}

pub fn is_past(word: &str) -> bool {
    exact("hat haben hatte hatten wurde wurden worden war waren was were has have", word)
}

/// Words of a time when a reader lived or was registered elsewhere.
pub fn is_before(word: &str) -> bool {
    starts("vorher bisher frueher zuvor zuletzt", word) || exact("previously before formerly", word)
}

pub fn is_founding(word: &str) -> bool {
    exact("entstand gegruendet gehoerte kam ging bestand eroeffnet erbaut gebaut founded built", word)
}

/// A year of long ago.
pub fn is_old_year(word: &str) -> bool {
    word.len() == 4 && word.starts_with('1') && word.bytes().all(|byte| byte.is_ascii_digit())
}

pub fn is_hospital(word: &str) -> bool {
    ends("krankenhaus klinikum klinik hospital", word)
}

pub fn is_condition(word: &str) -> bool {
    exact("wenn falls sofern dann if then", word)
}

/// What an authority does with any matter.
pub fn is_procedure(word: &str) -> bool {
    ends("antrag antraege bearbeitung anmeldung abmeldung ausstellung leistung leistungen verfahren erhebung", word)
}

/// What a part of a town is called.
pub fn is_district(word: &str) -> bool {
    starts("ortsteil stadtteil ortschaft stadtbezirk bezirk", word)
}

/// What a town hall has in its districts.
pub fn is_branch(word: &str) -> bool {
    exact("aussenstelle zweigstelle nebenstelle", word)
}

/// What leads to a place or away from it.
pub fn is_way(word: &str) -> bool {
    exact("nach richtung von aus bis ueber to from via", word)
}

/// Districts that every town has.
pub fn is_everywhere(word: &str) -> bool {
    exact("mitte nord sued ost west zentrum stadtmitte ortsmitte innenstadt altstadt neustadt", word)
}

/// Halls and contests that are called after a town or its companies.
pub fn is_venue(word: &str) -> bool {
    exact("arena stadion cup marathon", word)
}

pub fn is_our(word: &str) -> bool {
    starts("unser unsre", word) || word == "our"
}

pub fn is_your(word: &str) -> bool {
    is_our(word) || exact("ihr ihre ihrem ihren ihrer ihres dein deine deiner deinem eure eurer your", word)
}

pub fn is_us(word: &str) -> bool {
    exact("uns wir hier we us here", word)
}

/// Words between a role and its town.
pub fn is_link(word: &str) -> bool {
    exact("von vom of in im der des die den dem the fuer for at bei to zu aus from heisst", word)
}

/// Links that lead to a name and not to goods or wages: `Verwaltung der Löhne`.
pub fn is_plain_link(word: &str) -> bool {
    exact("von of in at from to heisst", word)
}

pub fn is_title(word: &str) -> bool {
    exact("frau herr herrn familie dr prof mrs mr ms", word)
}

/// What a town says when it speaks: `Bünde teilt mit`.
pub fn is_speaking(word: &str) -> bool {
    exact(
        "\
        informiert teilt laedt bittet begruesst heisst freut erhebt erlaesst beschliesst gratuliert sagt wuenscht \
        ruft",
        word,
    )
}

/// Who gets money, signs or answers for something.
pub fn is_signatory(word: &str) -> bool {
    starts(
        "\
        zahlungsempfaenger empfaenger kontoinhaber absender herausgeber glaeubiger unterzeichn veranstalter \
        betreiber anbieter verantwortlich copyright payee recipient impressum postanschrift publisher",
        word,
    ) || exact("gez traegerin diensteanbieter ausstellerin author creator areaserved datum", word)
}

/// Words that greet the reader.
pub fn is_greeting(word: &str) -> bool {
    starts("willkommen welcome freuen freut begruess gruess", word) || word == "schoen"
}

/// The reader.
pub fn is_reader(word: &str) -> bool {
    exact("sie ihnen du dich dir euch you ich mich mir man i", word)
}

pub fn is_question(word: &str) -> bool {
    exact("wie wo was wann warum welche welcher welchen welches how where what when which why", word)
}

pub fn is_picture(word: &str) -> bool {
    ends("bild foto ansicht blick panorama karte picture photo map view", word)
}

/// What begins a trail of pages.
pub fn is_start(word: &str) -> bool {
    exact("start startseite home", word)
}

/// What stands before "in Bünde" in headings.
pub fn is_topic(word: &str) -> bool {
    exact("neu new tax living parking married passport welcome anmeldung trauung service notdienst", word)
}

/// Offices of a town hall, as English pages call them.
pub fn is_english_office(word: &str) -> bool {
    exact("citizens registry order registration housing welfare election trade mayor's council", word)
}

/// What is in force in a town.
pub fn is_rule(word: &str) -> bool {
    exact(
        "\
        gilt gelten kostet kosten muessen muss duerfen darf koennen brauchen zahlen melden bekommen erhalten \
        betraegt beantragen wohnen leben you",
        word,
    )
}

/// What is said of duties.
pub fn is_binding(word: &str) -> bool {
    exact("gilt gelten kostet kosten betraegt muessen muss darf duerfen verboten erlaubt", word)
}

/// Papers that towns give people, who take them along.
pub fn is_paper(word: &str) -> bool {
    ends("ausweis pass urkunde bescheinigung abmeldung fuehrerschein zeugnis steuermarke", word)
}

pub fn is_area(word: &str) -> bool {
    exact("teil teile teilen gebiet gebiete flaechen grenze rand", word)
}

/// What people get.
pub fn is_benefit(word: &str) -> bool {
    exact("anspruch bekommt bekommen erhaelt erhalten", word)
}

/// Whom a rule is about.
pub fn is_anybody(word: &str) -> bool {
    exact("wer jede jeder jedes alle hund tier kind person familie", word)
}

/// What only the town whose page it is says of itself.
pub fn is_official(word: &str) -> bool {
    starts("verantwortlich zustaendig verpflicht berechtigt bemueht befugt geschlossen erreichbar geoeffnet", word)
        || ends("traegerin betreiberin anbieterin herausgeberin", word)
}

pub fn is_report(word: &str) -> bool {
    exact("mitteilt berichtet meldet schreibt", word)
}

/// What has a price in one town has another price in the next.
pub fn is_money(word: &str) -> bool {
    starts("steuer gebuehr", word) || is_due(word) || exact("euro kostet kosten kostenlos kostenfrei satzung", word)
}

pub fn is_living(word: &str) -> bool {
    exact(
        "\
    wohnen wohnt leben lebt gemeldet wohnhaft wohnsitz hauptwohnsitz nebenwohnsitz hauptwohnung live living \
    registered \
        angemeldet halten haelt",
        word,
    )
}

pub fn is_month(word: &str) -> bool {
    exact("januar februar maerz april mai juni juli august september oktober november dezember", word)
}

/// Food that is called like the people of a city.
pub fn is_food(word: &str) -> bool {
    exact("berliner hamburger frankfurter krefelder kasseler", word)
}

pub fn is_file_ending(word: &str) -> bool {
    exact("pdf png jpg jpeg svg webp gif doc docx odt ods xlsx xls zip ics csv txt html", word)
}

pub fn exact(list: &str, word: &str) -> bool {
    list.split(' ').any(|known| known == word)
}

fn starts(list: &str, word: &str) -> bool {
    list.split(' ').any(|start| word.starts_with(start))
}

fn ends(list: &str, word: &str) -> bool {
    list.split(' ').any(|end| word.ends_with(end))
}

const AUTHORITY: &str = "\
    stadt gemeinde stadtgemeinde samtgemeinde kommune hansestadt town city municipality flecken landeshauptstadt \
    bundesstadt universitaetsstadt borough";

const PARTS: &str = "\
    innenstadt altstadt neustadt vorstadt suedstadt nordstadt weststadt oststadt";

const OTHER_TOWNS: &str = "\
    nachbarstadt partnerstadt patenstadt heimatstadt geburtsstadt kreisstadt grossstadt kleinstadt messestadt \
    hafenstadt weltstadt schwesterstadt";

const MUNICIPAL: &str = "\
    verwaltung rathaus rathauses rathaeuser buergerbuero buergerbueros buergerservice buergerzentrum buergerhaus \
    buergeramt servicecenter servicebuero servicepunkt stadtbuero stadtkasse gemeindekasse stadtbuecherei buecherei \
    stadtbibliothek stadtarchiv stadtwerke stadtwerken gemeindewerke gemeindewerken bauhof baubetriebshof \
    wertstoffhof recyclinghof stadtrat stadtrats gemeinderat rat rates rats buergermeister buergermeisters \
    buergermeisterin oberbuergermeister oberbuergermeisterin kaemmerei kaemmerer bauaufsicht wohngeldstelle \
    buergertelefon stadtgebiet gemeindegebiet ortsrecht stadtrecht amtsblatt abfallkalender stadtplan mietspiegel \
    maengelmelder ratsinformationssystem wappen stadtwappen logo wortmarke vordruck friedhofsverwaltung \
    abfallberatung hall council mayor administration administrations treasury haushaltsplan gleichstellungsstelle \
    integrationsrat beirat buergerdienste buergerdienst fundbuero wahlbuero sozialbuero familienbuero seniorenbuero \
    kulturbuero pressestelle rentenstelle bussgeldstelle touristinformation vergabestelle stadtmarketing \
    ordnungsbehoerde meldebehoerde gewerbemeldestelle \
    stadtentwaesserung website";

const OFFICE_ENDINGS: &str = "\
    amt amts amtes verwaltung portal portals satzung satzungen gebuehrenordnung stadtkasse buergerbuero rathaus \
    betriebe betrieben online buergermeister buergermeisterin";

const OUTSIDE_OFFICES: &str = "\
    finanzamt finanzamts finanzamtes gesundheitsamt gesundheitsamts gesundheitsamtes strassenverkehrsamt \
    strassenverkehrsamts strassenverkehrsamtes veterinaeramt veterinaeramts veterinaeramtes kreisamt landratsamt \
    landesamt bundesamt zollamt arbeitsamt versorgungsamt katasteramt schulamt forstamt polizeiamt eichamt bergamt \
    kreisjugendamt kreissozialamt kirchenamt kreiskirchenamt pfarramt kreisverwaltung hausverwaltung \
    justizverwaltung bezirksverwaltung finanzverwaltung ehrenamt gesamt hauptzollamt \
    kreissatzung justizportal";

const PEOPLE: &str = "\
    menschen leute buerger buergern buergerin buergerschaft einwohner einwohnern einwohnerinnen bevoelkerung \
    residents resident citizens citizen people inhabitants mitbuerger personen";

const GROUPS: &str = "\
    familien familie eltern kinder kindern kind jugendliche jugendlichen seniorinnen senioren haushalte haushalten \
    ortsteilen stadtteilen \
    haushalt betriebe betrieben betrieb unternehmen firmen vereine vereinen hunde schulen schule kitas kita \
    kindergaerten stadtteile ortsteile gastronomie studierende rentnerinnen rentner mieterinnen mieter gefluechtete \
    neubuerger ratsmitglieder grundschulen";

const OUTSIDE: &str = "\
    kreis kreises bank bus zug ihk hwk awo drk zoo messe polizei linie gleis train station museum court trains \
    district hospital university tsv geburt geburten geburtshaus";

const OUTSIDE_ENDINGS: &str = "\
    kreis kreises gericht gerichts gerichtes sparkasse volksbank finanzamt jobcenter klinik klinikum krankenhaus \
    museum museums theater universitaet hochschule kammer bahnhof bahnhofs bahn autobahn flughafen polizei \
    polizeibehoerde bistum kirche regierung behoerde bundesamt landesamt messe gesellschaft wache";

const OUTSIDE_BEGINNINGS: &str = "\
    kreis landkreis sparkass volksbank gericht agentur klinik museum bahnhof haltestelle geboren geburtsort richtung \
    umleitung strecke jobcenter";

const ELSEWHERE: &str = "\
    dortig ausstellend nachbarstadt nachbarstaedt nachbargemeinde nachbarkommune nachbarort benachbart partnerstadt \
    partnerstaedt staedtepartner umliegend angrenzend zweckverband fruehere ehemal bisherig vormal gehoerte \
    eingemeind neugliederung gebietsreform aehnlich vorbild gastredner urteil klaeger beklagt stammt stammen";

const DISTANT: &str = "\
    dort gebor geburtsort geheiratet verheiratet andere auswaert frueher bisher";
