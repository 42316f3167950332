//! The files of an invented town and of the district all of them lie in.

use std::{fs, io, path::Path};

/// The layer between the shared one and the towns: facts that towns of one district have in common.
pub const DISTRICT: &str = "_district";

pub fn write_district(folder: &Path, layer: &str) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let tenant = format!(
        "extends: {layer}\nlocales: [de, en, ls]\nrepresented_by: die Bürgermeisterin oder der Bürgermeister\n\
         court: {{name: Verwaltungsgericht Mittstadt, street: Gerichtsweg 1, zip: \"99990\", city: Mittstadt}}\n\
         supervisor: {{name: Kreis Mittstadt, street: Kreisweg 2, zip: \"99990\", city: Mittstadt}}\n"
    );
    fs::write(folder.join("tenant.yaml"), tenant)?;
    let login = "providers: [{id: bundid, kind: saml-bundid, name: BundID, url: \"https://id.bund.de\"}]\n";
    fs::write(folder.join("identity.yaml"), login)
}

pub struct Town {
    id: String,
    tenant: String,
    offices: String,
}

impl Town {
    /// `services` is what stands behind `services:`.
    pub fn numbered(number: usize, services: &str) -> Self {
        let (id, name) = (format!("t{number:05}"), name(number));
        let (street, zip) = (format!("Markt {}", number % 90 + 1), 10_000 + number);
        // numbers of the range that is kept free for films and examples
        let phone = format!("\"+49 30 23125-{:03}\"", number % 1000);
        let tenant = format!(
            "name: {name}\nfull_name: Stadt {name}\nhosts: [{id}.example.test]\nextends: {DISTRICT}\nstatus: preview\n\
             services: {services}\naddress: {{street: {street}, zip: \"{zip}\", city: {name}}}\nphone: {phone}\n\
             email: rathaus@{id}.example\nwebsite: https://www.{id}.example\n\
             help: {{email: portal@{id}.example, phone: {phone}, hours: Montag bis Freitag 8 bis 12 Uhr}}\n\
             data_protection: {{name: Datenschutz der Stadt {name}, email: datenschutz@{id}.example, phone: {phone}}}\n\
             accessibility: {{created: 2026-11-01, reviewed: 2026-11-01, email: hilfe@{id}.example, phone: {phone}}}\n"
        );
        let office = |office: &str, room: usize| {
            format!(
                "{office}:\n  kind: office\n  street: {street}\n  zip: \"{zip}\"\n  city: {name}\n  room: Zimmer {room}\n  \
                 phone: {phone}\n  email: {office}@{id}.example\n  hours:\n    \
                 - {{days: Montag bis Freitag, times: 8 bis 12 Uhr}}\n  example: true\n"
            )
        };
        let offices = office("buergerbuero", number % 40 + 1) + &office("steueramt", number % 40 + 101);
        Self { id, tenant, offices }
    }

    pub fn write(&self, folder: &Path) -> io::Result<()> {
        let folder = folder.join(&self.id);
        fs::create_dir_all(&folder)?;
        fs::write(folder.join("tenant.yaml"), &self.tenant)?;
        fs::write(folder.join("offices.yaml"), &self.offices)
    }
}

/// How many names there are.
pub const MOST: usize = HEADS.len() * MIDDLES.len() * ENDS.len();

/// No two towns share a name, and no name is part of another: heads and middles have three letters each, and no end
/// begins like another.
fn name(number: usize) -> String {
    // a step that shares no factor with the number of names visits all of them, and neighbours do not look alike
    let place = number * 7919 % MOST;
    let (head, rest) = (place % HEADS.len(), place / HEADS.len());
    format!("{}{}{}", HEADS[head], MIDDLES[rest % MIDDLES.len()], ENDS[rest / MIDDLES.len()])
}

const HEADS: [&str; 32] = [
    "Bal", "Bor", "Bux", "Dar", "Del", "Dim", "Fal", "Fen", "Fol", "Gam", "Ger", "Gol", "Har", "Hel", "Hun", "Kal",
    "Ker", "Kor", "Lam", "Len", "Lud", "Mar", "Mel", "Mor", "Nor", "Pal", "Ram", "Rol", "Sel", "Tor", "Wal", "Wen",
];
const MIDDLES: [&str; 32] = [
    "bin", "bol", "das", "den", "dig", "dul", "fan", "fer", "gan", "ges", "gis", "hol", "hun", "kel", "kin", "lan",
    "lin", "lis", "mas", "men", "mis", "nas", "nin", "pel", "pin", "ras", "rin", "sen", "sin", "ten", "tis", "wes",
];
const ENDS: [&str; 20] = [
    "bach", "beck", "berg", "brück", "burg", "dorf", "feld", "furt", "hagen", "heim", "kirchen", "leben", "moor",
    "hude", "rode", "see", "stedt", "tal", "wald", "zell",
];

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::{ENDS, MOST, name};

    #[test]
    fn every_number_has_a_name_of_its_own() {
        let names: HashSet<String> = (0..MOST).map(name).collect();
        assert_eq!(names.len(), MOST);
        for end in ENDS {
            assert_eq!(ENDS.iter().filter(|other| other.starts_with(end)).count(), 1, "{end}");
        }
    }
}
