//! What people call a country of which a document or a provider tells the code.

use super::Locale;

/// Alpha-2 and alpha-3 of ISO 3166-1, German and English name. Those from which most people here come; the rest keeps its
/// code, which is what stands in their documents.
const NAMES: [(&str, &str, &str, &str); 64] = [
    ("AF", "AFG", "Afghanistan", "Afghanistan"),
    ("AL", "ALB", "Albanien", "Albania"),
    ("AT", "AUT", "Österreich", "Austria"),
    ("BA", "BIH", "Bosnien und Herzegowina", "Bosnia and Herzegovina"),
    ("BE", "BEL", "Belgien", "Belgium"),
    ("BG", "BGR", "Bulgarien", "Bulgaria"),
    ("BR", "BRA", "Brasilien", "Brazil"),
    ("BY", "BLR", "Belarus", "Belarus"),
    ("CH", "CHE", "Schweiz", "Switzerland"),
    ("CM", "CMR", "Kamerun", "Cameroon"),
    ("CN", "CHN", "China", "China"),
    ("CY", "CYP", "Zypern", "Cyprus"),
    ("CZ", "CZE", "Tschechien", "Czechia"),
    ("DE", "D", "Deutschland", "Germany"),
    ("DK", "DNK", "Dänemark", "Denmark"),
    ("EE", "EST", "Estland", "Estonia"),
    ("EG", "EGY", "Ägypten", "Egypt"),
    ("ER", "ERI", "Eritrea", "Eritrea"),
    ("ES", "ESP", "Spanien", "Spain"),
    ("ET", "ETH", "Äthiopien", "Ethiopia"),
    ("FI", "FIN", "Finnland", "Finland"),
    ("FR", "FRA", "Frankreich", "France"),
    ("GB", "GBR", "Vereinigtes Königreich", "United Kingdom"),
    ("GE", "GEO", "Georgien", "Georgia"),
    ("GH", "GHA", "Ghana", "Ghana"),
    ("GR", "GRC", "Griechenland", "Greece"),
    ("HR", "HRV", "Kroatien", "Croatia"),
    ("HU", "HUN", "Ungarn", "Hungary"),
    ("IE", "IRL", "Irland", "Ireland"),
    ("IN", "IND", "Indien", "India"),
    ("IQ", "IRQ", "Irak", "Iraq"),
    ("IR", "IRN", "Iran", "Iran"),
    ("IS", "ISL", "Island", "Iceland"),
    ("IT", "ITA", "Italien", "Italy"),
    ("KZ", "KAZ", "Kasachstan", "Kazakhstan"),
    ("LB", "LBN", "Libanon", "Lebanon"),
    ("LI", "LIE", "Liechtenstein", "Liechtenstein"),
    ("LT", "LTU", "Litauen", "Lithuania"),
    ("LU", "LUX", "Luxemburg", "Luxembourg"),
    ("LV", "LVA", "Lettland", "Latvia"),
    ("MA", "MAR", "Marokko", "Morocco"),
    ("MD", "MDA", "Moldau", "Moldova"),
    ("ME", "MNE", "Montenegro", "Montenegro"),
    ("MK", "MKD", "Nordmazedonien", "North Macedonia"),
    ("MT", "MLT", "Malta", "Malta"),
    ("NG", "NGA", "Nigeria", "Nigeria"),
    ("NL", "NLD", "Niederlande", "Netherlands"),
    ("NO", "NOR", "Norwegen", "Norway"),
    ("PK", "PAK", "Pakistan", "Pakistan"),
    ("PL", "POL", "Polen", "Poland"),
    ("PT", "PRT", "Portugal", "Portugal"),
    ("RO", "ROU", "Rumänien", "Romania"),
    ("RS", "SRB", "Serbien", "Serbia"),
    ("RU", "RUS", "Russland", "Russia"),
    ("SE", "SWE", "Schweden", "Sweden"),
    ("SI", "SVN", "Slowenien", "Slovenia"),
    ("SK", "SVK", "Slowakei", "Slovakia"),
    ("SO", "SOM", "Somalia", "Somalia"),
    ("SY", "SYR", "Syrien", "Syria"),
    ("TN", "TUN", "Tunesien", "Tunisia"),
    ("TR", "TUR", "Türkei", "Türkiye"),
    ("UA", "UKR", "Ukraine", "Ukraine"),
    ("US", "USA", "Vereinigte Staaten", "United States"),
    ("VN", "VNM", "Vietnam", "Vietnam"),
];

/// `DE` → `Deutschland`; what is no known code stays as it is. German documents write `D` for Germany (ICAO Doc 9303).
pub fn country<'a>(code: &'a str, locale: &Locale) -> &'a str {
    let code_of_germany = |code: &str| if code == "DEU" { "D".to_owned() } else { code.to_uppercase() };
    let wanted = code_of_germany(code.trim());
    let known = NAMES.iter().find(|(two, three, ..)| *two == wanted || *three == wanted);
    known.map_or(code, |(.., german, english)| if locale.lang() == "en" { english } else { german })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_said_as_people_say_it_and_anything_else_stays() {
        let german = Locale::german();
        for (code, said) in
            [("DE", "Deutschland"), ("D", "Deutschland"), ("DEU", "Deutschland"), ("tur", "Türkei"), ("XX", "XX")]
        {
            assert_eq!(country(code, &german), said);
        }
        assert_eq!(country("Deutschland", &german), "Deutschland");
    }
}
