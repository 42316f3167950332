//! Grammatical forms of a town's name, guessed. Each keeps the name as a variable, so that a town renamed in one line is
//! renamed everywhere.

const NAME: &str = "{{ town.name }}";

/// Forms as they are written into `tenant.yaml`; somebody reads them before they count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Forms {
    pub full_name: String,
    pub of: String,
    pub of_en: String,
    pub of_ls: String,
    pub residents: String,
    pub adjective: String,
    pub administration: String,
}

impl Forms {
    pub fn of(name: &str, full_name: Option<&str>) -> Self {
        let full_name = full_name.map_or_else(|| format!("Stadt {NAME}"), |full| full.replace(name, NAME));
        let kind = full_name.split_once(NAME).map(|(before, _)| before.trim()).filter(|kind| !kind.is_empty());
        let (residents, adjective) = people_of(name);
        let (of, of_en, of_ls, administration) = match kind.map(|kind| (kind, kind.to_lowercase())) {
            Some((kind, lower)) if lower.ends_with("stadt") => {
                (format!("der {kind} {NAME}"), "town", format!("von der {kind} {NAME}"), "Stadtverwaltung")
            }
            Some((kind, lower)) if lower.ends_with("gemeinde") => {
                (format!("der {kind} {NAME}"), "municipality", format!("von der {kind} {NAME}"), "Gemeindeverwaltung")
            }
            Some((kind, lower)) if lower.ends_with("kreis") => {
                (format!("des {kind}es {NAME}"), "district", format!("vom {kind} {NAME}"), "Kreisverwaltung")
            }
            Some((kind, lower)) if lower.ends_with("markt") => {
                (format!("des {kind}es {NAME}"), "market town", format!("vom {kind} {NAME}"), "Verwaltung")
            }
            _ => (format!("von {NAME}"), "town", format!("von {NAME}"), "Verwaltung"),
        };
        Self {
            full_name,
            of,
            of_en: format!("of the {of_en} of {NAME}"),
            of_ls,
            residents,
            adjective,
            administration: format!("{administration} {NAME}"),
        }
    }
}

/// Who lives there, and what belongs to it: Löhnerinnen und Löhner, Bad Musterauer. Where German has no rule for the name
/// (Münsteraner, Mülheimer an der Ruhr), the words that are never wrong.
fn people_of(name: &str) -> (String, String) {
    let last = name.rsplit(' ').next().unwrap_or(name);
    let regular = last.starts_with(char::is_uppercase) && name.chars().all(|c| c.is_alphabetic() || c == ' ');
    let particle = [" an ", " am ", " im ", " in ", " ob ", " bei ", " vor "].iter().any(|word| name.contains(word));
    let ending = if last.ends_with('e') { "r" } else { "er" };
    if !regular || particle || last.ends_with("er") {
        return ("Einwohnerinnen und Einwohner".into(), format!("{NAME}{ending}"));
    }
    (format!("{NAME}{ending}innen und {NAME}{ending}"), format!("{NAME}{ending}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(form: &str, name: &str) -> String {
        form.replace(NAME, name)
    }

    #[test]
    fn forms_follow_the_ending_of_the_name() {
        for (name, residents) in [
            ("Bad Musterau", "Bad Musterauerinnen und Bad Musterauer"),
            ("Löhne", "Löhnerinnen und Löhner"),
            ("Espelkamp", "Espelkamperinnen und Espelkamper"),
            ("Münster", "Einwohnerinnen und Einwohner"),
            ("Mülheim an der Ruhr", "Einwohnerinnen und Einwohner"),
            ("Halle (Westf.)", "Einwohnerinnen und Einwohner"),
        ] {
            assert_eq!(said(&Forms::of(name, None).residents, name), residents);
        }
    }

    #[test]
    fn forms_follow_what_the_place_is() {
        for (full_name, of, administration) in [
            ("Stadt Au", "der Stadt Au", "Stadtverwaltung Au"),
            ("Hansestadt Au", "der Hansestadt Au", "Stadtverwaltung Au"),
            ("Gemeinde Au", "der Gemeinde Au", "Gemeindeverwaltung Au"),
            ("Landkreis Au", "des Landkreises Au", "Kreisverwaltung Au"),
            ("Au", "von Au", "Verwaltung Au"),
        ] {
            let forms = Forms::of("Au", Some(full_name));
            assert_eq!(said(&forms.full_name, "Au"), full_name);
            assert_eq!(said(&forms.of, "Au"), of);
            assert_eq!(said(&forms.administration, "Au"), administration);
        }
    }
}
