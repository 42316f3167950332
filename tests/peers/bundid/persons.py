"""Specimen people, as the specimen documents of the state name them, and what a provider says of each."""

import base64
import hashlib
from urllib.parse import urlsplit

HOME = {"country": "DE", "nationality": "DE", "eIDAS-Issuing-Country": "DE", "Version": "2024.1.1"}

PERSONS = {
    "erika": HOME | {
        "givenName": "Erika", "surname": "Mustermann", "birthName": "Gabler", "personalTitle": "Dr.", "gender": "2",
        "birthdate": "1984-01-27", "placeOfBirth": "Berlin", "postalAddress": "Heidestraße 17", "postalCode": "51147",
        "localityName": "Köln", "mail": "erika.mustermann@example.org", "telephoneNumber": "+49 221 555 0100",
        "documentType": "ID",
    },
    "max": HOME | {
        "givenName": "Max", "surname": "Mustermann", "gender": "1", "birthdate": "1981-03-02",
        "placeOfBirth": "Düsseldorf", "postalAddress": "Musterstraße 1", "postalCode": "40210",
        "localityName": "Düsseldorf", "mail": "max@example.org",
    },
    # Nothing but what a basic account must have; letters that have to survive every layer.
    "zoe": {"givenName": "Zoë Ąnna", "surname": "Łuczak-Đorđević & <Söhne>", "mail": "zoe@example.org", "country": "DE"},
}  # fmt: skip

# What somebody types in themselves stays weak however strong the login was.
TYPED_IN = {"mail": 2, "telephoneNumber": 1, "gender": 1}
TECHNICAL = {"bPK2", "legacyPostkorbHandle", "Version", "AssertionProvedBy", "EID-CITIZEN-QAA-LEVEL", "mfa"}

# Both ways in which the provider has been seen to say it.
TRUST = {
    "words": {1: "BASISREGISTRIERUNG", 2: "NIEDRIG", 3: "SUBSTANTIELL", 4: "HOCH"},
    "codes": {1: "UNTERGEORDNET", 2: "NORMAL", 3: "SUBSTANTIELL", 4: "HOCH"},
}


def described(who, level, service_provider, overrides=None):
    """All the provider knows: name → value. The keys of a person differ from one service provider's host to the next."""
    host = urlsplit(service_provider).hostname or service_provider
    proof = {1: "Benutzername", 2: "Benutzername", 3: "Elster", 4: "eID"}[level]
    return (
        PERSONS[who]
        | {
            "bPK2": key_of("bPK2", who, host),
            "legacyPostkorbHandle": key_of("handle", who, "everywhere"),
            "EID-CITIZEN-QAA-LEVEL": f"STORK-QAA-Level-{level}",
            "AssertionProvedBy": proof,
            "mfa": "true" if level > 1 else "false",
        }
        | (overrides or {})
    )


def key_of(kind, who, host):
    return base64.b64encode(hashlib.sha256(f"{kind}|{who}|{host}".encode()).digest()).decode()


def trust_of(name, level):
    return min(level, TYPED_IN.get(name, level))
