//! Specimens: persons who do not exist, for trying a town out before it is live. `check` and the start refuse the
//! simulator on a live town.

use jiff::Timestamp;

use crate::{
    clock::local_zone,
    identity::{
        pages::simulator::{About, Specimen},
        person::{Delivered, Detail, Field, Method, Source},
    },
    tenant::schema::Level,
};

struct Invented {
    id: &'static str,
    about: About,
    given_name: &'static str,
    surname: &'static str,
    birthdate: &'static str,
    street: &'static str,
    guest: bool,
}

const INVENTED: [Invented; 6] = [
    Invented {
        id: "erika",
        about: About::Full,
        given_name: "Erika",
        surname: "Mustermann",
        birthdate: "1983-08-12",
        street: "Musterweg 12 a",
        guest: false,
    },
    Invented {
        id: "dorde",
        about: About::LongName,
        given_name: "Đorđe Łukasz Þórarinn",
        surname: "Müller-Şahinoğlu-Ångström de la Peña y Gómez",
        birthdate: "1971-02-28",
        street: "Straße der Beispiele 148, Hinterhaus",
        guest: false,
    },
    Invented {
        id: "kim",
        about: About::Few,
        given_name: "Kim",
        surname: "Muster",
        birthdate: "",
        street: "",
        guest: false,
    },
    Invented {
        id: "ali",
        about: About::Moved,
        given_name: "Ali",
        surname: "Mustermann",
        birthdate: "1990-11-05",
        street: "Musterweg",
        guest: false,
    },
    Invented {
        id: "gast",
        about: About::Guest,
        given_name: "Jona",
        surname: "Beispiel",
        birthdate: "2001-05-30",
        street: "Beispielgasse 3",
        guest: true,
    },
    Invented {
        id: "jona",
        about: About::Account,
        given_name: "Jona",
        surname: "Beispiel",
        birthdate: "2001-05-30",
        street: "Beispielgasse 3",
        guest: false,
    },
];

/// Those to choose from.
pub fn specimens() -> Vec<Specimen> {
    let specimen = |person: &Invented| Specimen {
        id: person.id.to_owned(),
        name: format!("{} {}", person.given_name, person.surname),
        about: person.about,
    };
    INVENTED.iter().map(specimen).collect()
}

/// What a provider would vouch for. `None` for somebody nobody has invented.
pub fn delivered(id: &str, level: Level, now: Timestamp) -> Option<Delivered> {
    let person = INVENTED.iter().find(|person| person.id == id)?;
    let (trust, source, method) = match level {
        Level::Hoch => (Level::Hoch, Source::Chip, Method::Eid),
        Level::Substantiell => (Level::Substantiell, Source::Certificate, Method::Certificate),
        Level::None | Level::Basis => (Level::Basis, Source::Stated, Method::Simulated),
    };
    // moves house every minute, so that the next login has something to refresh
    let street = match person.about {
        About::Moved => format!("{} {}", person.street, 1 + now.to_zoned(local_zone()).minute()),
        _ => person.street.to_owned(),
    };
    let (zip, city) = if street.is_empty() { ("", "") } else { ("99999", "Musterstadt") };
    let vouched = [
        (Field::GivenName, person.given_name),
        (Field::Surname, person.surname),
        (Field::Birthdate, person.birthdate),
        (Field::Street, &street),
        (Field::PostalCode, zip),
        (Field::City, city),
    ];
    let detail = |(field, value): (Field, &str)| Detail { field, value: value.to_owned(), trust, source };
    let mut details: Vec<Detail> = vouched.into_iter().filter(|(_, value)| !value.is_empty()).map(detail).collect();
    // an address for mail is typed in by the person, whatever the level
    details.push(Detail {
        field: Field::Email,
        value: format!("{}@example.org", person.id),
        trust: Level::Basis,
        source: Source::Stated,
    });
    Some(Delivered { subject: (!person.guest).then(|| person.id.to_owned()), level, method, specimen: true, details })
}
