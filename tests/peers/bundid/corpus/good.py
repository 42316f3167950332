"""What an honest provider sends."""

from datetime import timedelta

from answer import Facts, Step, make, refusal
from corpus import bad, ok
from dom import canonical
from names import (
    AES128_GCM,
    AES256_GCM,
    ENVELOPED,
    EXCLUSIVE,
    OAEP_11,
    OAEP_MGF1P,
    PSS_SHA256,
    RSA_SHA256,
    STATUS,
)
from seal import Sealing
from sign import Part, inclusive, transform

METHODS = {"rsa": RSA_SHA256, "pss": PSS_SHA256}
CIPHERS = {"aes128gcm": AES128_GCM, "aes256gcm": AES256_GCM}
TRANSPORTS = {"mgf1p": OAEP_MGF1P, "oaep": OAEP_11}

for m, method in METHODS.items():
    for c, cipher in CIPHERS.items():
        for t, transport in TRANSPORTS.items():
            for signed in (True, False):
                ok(
                    f"good-{m}-{c}-{t}-{'signed' if signed else 'bare'}",
                    f"{m}, {c}, {t}, response {'signed' if signed else 'not signed, the assertion is'}",
                    lambda world, method=method, cipher=cipher, transport=transport, signed=signed: make(
                        world,
                        method=method,
                        sealing=Sealing(cipher, transport),
                        sign_response="yes" if signed else None,
                    ),
                    signed=signed,
                )

ok(
    "good-mgf1p-without-digest",
    "rsa-oaep-mgf1p may leave its digest out: SHA-1 is meant",
    lambda world: make(world, sealing=Sealing(transport=OAEP_MGF1P, digest="")),
)
ok(
    "good-key-beside",
    "the key stands beside the data, as OpenSAML can be told to do",
    lambda world: make(world, sealing=Sealing(beside=True)),
)

for level in (1, 2, 3, 4):
    ok(
        f"good-level-{level}",
        f"level {level} where {level} was asked for",
        lambda world, level=level: make(world, Facts.of(world, level=level)),
        demand=level,
        expect={"level": level},
    )
ok(
    "good-higher-level",
    "more than was asked for is welcome",
    lambda world: make(world, Facts.of(world, level=4)),
    demand=1,
    expect={"level": 4},
)
ok(
    "good-trust-in-words",
    "the trust of an attribute in the other notation",
    lambda world: make(world, Facts.of(world, level=4, trust="words")),
    expect={"level": 4, "trust": {"givenName": "HOCH", "mail": "NIEDRIG"}},
)
ok(
    "good-trust-in-codes",
    "the trust of an attribute; an address that somebody typed in stays weak",
    lambda world: make(world, Facts.of(world, level=4)),
    expect={"level": 4, "trust": {"givenName": "HOCH", "mail": "NORMAL"}},
)
ok(
    "good-special-letters",
    "letters of many languages, entities and angle brackets survive",
    lambda world: make(world, Facts.of(world, who="zoe")),
    expect={"attributes": {"givenName": "Zoë Ąnna", "surname": "Łuczak-Đorđević & <Söhne>"}},
)


def without(*names):
    def build(world):
        facts = Facts.of(world)
        kept = {name: value for name, value in facts.attributes.items() if name not in names}
        return make(world, Facts.of(world, attributes=kept))

    return build


ok("good-guest", "a guest has no key and no mailbox", without("bPK2", "legacyPostkorbHandle"), expect={"bPK2": None})
ok("good-few-attributes", "only the key", without("mail", "telephoneNumber", "postalAddress", "birthName"))
ok(
    "good-next-key-of-provider",
    "the provider changes its key, both are pinned",
    lambda world: make(world, pair=world.next_signing),
)
ok(
    "good-second-key-of-ours",
    "encrypted for the key that comes (or goes)",
    lambda world: make(world, recipient=world.recipients[-1]),
)
ok(
    "good-without-keyinfo",
    "the certificates are pinned, nobody needs KeyInfo",
    lambda world: make(
        world,
        sign_assertion=Step(world.signing, certificate=None),
        sign_response=Step(world.signing, certificate=None),
    ),
)


def with_prefixes(world):
    def step(target):
        parts = (
            Part(
                data=canonical(target, ["xs"]),
                transforms=(transform(ENVELOPED), transform(EXCLUSIVE, inclusive("xs"))),
            ),
        )
        Step(world.signing, parts=parts)(target)

    return make(world, sign_assertion=step)


ok("good-inclusive-prefixes", "OpenSAML counts the prefix xs in, although only values use it", with_prefixes)
ok(
    "good-provider-20-seconds-ahead",
    "clocks differ a little",
    lambda world: make(
        world,
        Facts.of(
            world,
            issued=world.now + timedelta(seconds=20),
            not_before=world.now + timedelta(seconds=20),
            authenticated=world.now + timedelta(seconds=20),
        ),
    ),
)

for kind, name, ago, why in (
    (ok, "good-forced-login", 0, "a new login, as it was demanded"),
    (bad, "forced-login-old", 600, "a new login was demanded, this one is ten minutes old"),
):
    kind(
        name,
        why,
        lambda world, ago=ago: make(world, Facts.of(world, authenticated=world.now - timedelta(seconds=ago))),
        forced=True,
    )

bad(
    "status-cancelled",
    "the person went back: no login, and no failure of anybody",
    lambda world: refusal(world, (STATUS + "Responder", STATUS + "AuthnFailed"), "Der Vorgang wurde abgebrochen."),
    expect={"status": "AuthnFailed"},
)
bad(
    "status-denied-with-detail",
    "an attribute that was demanded is not there; the detail says which",
    lambda world: refusal(
        world,
        (STATUS + "Requester", STATUS + "RequestDenied"),
        detail='{"version":"1","errors":[{"code":"IDP_REQUIRED_ATTRIBUTES_MISSING","message":"urn:oid:2.5.4.16"}]}',
    ),
    expect={"status": "RequestDenied"},
)
bad(
    "status-unsigned",
    "anybody can say that it failed",
    lambda world: refusal(world, (STATUS + "Responder",), signed=False),
    signed=False,
)
