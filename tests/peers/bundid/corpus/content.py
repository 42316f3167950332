"""Answers that say the wrong thing under a right signature: to somebody else, of another time, too little, too much."""

from datetime import timedelta

from answer import Facts, Step, assertion_of, make, response_of, twin
from corpus import any_way, bad, ok
from dom import el, find, octets
from names import HOLDER, PASSWORD, STATUS, SUCCESS
from seal import seal

ELSEWHERE = "https://elsewhere.example/"


def facts(**changes):
    """Changes may be functions of the world."""

    def build(world):
        made = {name: value(world) if callable(value) else value for name, value in changes.items()}
        return make(world, Facts.of(world, **made))

    return build


def later(**span):
    return lambda world: world.now + timedelta(**span)


# To whom

for what, why, changes in (
    ("audience", "meant for another service", {"audiences": (ELSEWHERE + "sp",)}),
    ("audience-none", "no audience is named", {"audiences": None}),
    ("audience-empty", "the audience is empty", {"audiences": ()}),
    ("audience-prefix", "the audience begins like ours", {"audiences": lambda world: (world.sp + ".evil.example",)}),
    ("audience-case", "the audience differs from ours by upper case", {"audiences": lambda world: (world.sp.upper(),)}),
    ("audience-slash", "the audience is ours with a slash", {"audiences": lambda world: (world.sp + "/",)}),
    ("recipient", "to be delivered elsewhere", {"recipient": ELSEWHERE + "acs"}),
    ("recipient-none", "no recipient is named", {"recipient": None}),
    ("recipient-prefix", "the recipient begins like ours", {"recipient": lambda world: world.acs + "/../x"}),
    ("destination", "the response is for elsewhere", {"destination": ELSEWHERE + "acs"}),
    ("destination-none", "a signed response without destination", {"destination": None}),
    ("destination-empty", "the destination is empty", {"destination": ""}),
    ("response-issuer", "the response is of another provider", {"response_issuer": ELSEWHERE + "idp"}),
    ("response-issuer-none", "the response names no issuer", {"response_issuer": None}),
    ("assertion-issuer", "the assertion is of another provider", {"assertion_issuer": ELSEWHERE + "idp"}),
    ("assertion-issuer-none", "the assertion names no issuer", {"assertion_issuer": None}),
    ("request", "answers another request", {"response_to": "_other", "confirmation_to": "_other"}),
    ("request-response-only", "only the response names another request", {"response_to": "_other"}),
    ("request-assertion-only", "only the assertion names another request", {"confirmation_to": "_other"}),
    ("request-none", "answers no request: nobody asked", {"response_to": None, "confirmation_to": None}),
    ("request-none-response", "the response names no request", {"response_to": None}),
    ("request-none-assertion", "the assertion names no request", {"confirmation_to": None}),
    ("request-empty", "the request's name is empty", {"response_to": "", "confirmation_to": ""}),
):
    bad(f"wrong-{what}", why, facts(**changes))


def another_tenant(world):
    """What another tenant got, handed in here as it is."""
    made = Facts.of(
        world, audiences=(ELSEWHERE + "sp",), recipient=ELSEWHERE + "acs", destination=ELSEWHERE + "acs",
        response_to="_theirs", confirmation_to="_theirs",
    )  # fmt: skip
    return make(world, made, recipient=world.stranger.certificate)


def another_tenant_resealed(world):
    """What another tenant got, decrypted by it and encrypted for us."""
    made = Facts.of(world, audiences=(ELSEWHERE + "sp",), recipient=ELSEWHERE + "acs", confirmation_to="_theirs")
    return make(world, made, sign_response=None)


bad("another-tenant", "another tenant's answer", another_tenant)
bad("another-tenant-resealed", "another tenant's assertion in a new cover", another_tenant_resealed, signed=False)

# When


def all_times(**span):
    """An answer that is in order in itself and of another time."""
    start, end = later(**span), later(**span, minutes=5)
    return {"issued": start, "not_before": start, "authenticated": start, "not_on_or_after": end, "confirm_until": end}


for what, why, changes in (
    ("expired", "over since a minute and a half", all_times(seconds=-390)),
    (
        "expired-conditions",
        "the conditions are over",
        {"not_before": later(minutes=-9), "not_on_or_after": later(seconds=-90)},
    ),
    ("expired-confirmation", "the confirmation is over", {"confirm_until": later(seconds=-90)}),
    ("expired-long-ago", "of last year", all_times(days=-365)),
    ("not-yet", "valid in a minute and a half", {"not_before": later(seconds=90)}),
    ("not-yet-tomorrow", "of tomorrow", all_times(days=1)),
    ("no-end", "the conditions have no end", {"not_on_or_after": None}),
    ("no-end-confirmation", "the confirmation has no end", {"confirm_until": None}),
    ("no-end-at-all", "nothing has an end", {"not_on_or_after": None, "confirm_until": None}),
):  # fmt: skip
    bad(f"time-{what}", why, facts(**changes))


def edited(change, **more):
    """The assertion is changed before it is signed: the provider itself said so."""

    def build(world):
        def before(assertion):
            change(assertion)

        return make(world, before=before, **more)

    return build


def put(path, name, value):
    return lambda assertion: find(assertion, path).set(name, value)


def drop(path):
    return lambda assertion: find(assertion, path).getparent().remove(find(assertion, path))


def double(path):
    return lambda assertion: find(assertion, path).addnext(twin(find(assertion, path)))


bad(
    "time-confirmation-begins",
    "a bearer's confirmation has a beginning, which the profile forbids",
    edited(put(".//saml:SubjectConfirmationData", "NotBefore", "2020-01-01T00:00:00Z")),
)
bad(
    "time-session-over",
    "the session at the provider is over",
    edited(put("saml:AuthnStatement", "SessionNotOnOrAfter", "2020-01-01T00:00:00Z")),
)
bad("time-no-date", "the end is no date", edited(put("saml:Conditions", "NotOnOrAfter", "tomorrow")))
bad(
    "time-no-date-confirmation",
    "the end of the confirmation is no date",
    edited(put(".//saml:SubjectConfirmationData", "NotOnOrAfter", "")),
)
bad(
    "time-overflow",
    "the end is a date beyond all calendars",
    edited(put("saml:Conditions", "NotOnOrAfter", "999999999-12-31T23:59:59Z")),
)
any_way(
    "time-backwards",
    "the end lies before the beginning",
    facts(not_before=later(seconds=40), not_on_or_after=later(seconds=-40)),
)

# What is missing, what is there twice

for what, path in (
    ("subject", "saml:Subject"),
    ("name-id", "saml:Subject/saml:NameID"),
    ("confirmation", "saml:Subject/saml:SubjectConfirmation"),
    ("confirmation-data", ".//saml:SubjectConfirmationData"),
    ("conditions", "saml:Conditions"),
    ("authn-statement", "saml:AuthnStatement"),
    ("authn-context", "saml:AuthnStatement/saml:AuthnContext"),
    ("attribute-statement", "saml:AttributeStatement"),
):
    bad(f"missing-{what}", f"there is no {what}", edited(drop(path)))
for what, path in (
    ("authn-statement", "saml:AuthnStatement"),
    ("attribute-statement", "saml:AttributeStatement"),
    ("subject", "saml:Subject"),
    ("conditions", "saml:Conditions"),
    ("issuer", "saml:Issuer"),
    ("name-id", "saml:Subject/saml:NameID"),
    ("class-ref", ".//saml:AuthnContextClassRef"),
):
    bad(f"twice-{what}", f"there are two of {what}", edited(double(path)))
bad(
    "twice-key-attribute",
    "two attributes claim to be the key of the person",
    edited(
        lambda assertion: find(assertion, "saml:AttributeStatement").append(
            _with_value(twin(find(assertion, ".//saml:Attribute[@FriendlyName='bPK2']")), "somebody-else")
        )
    ),
)
any_way(
    "twice-key-value",
    "the key of the person has two values: if anybody, then a guest",
    edited(
        lambda assertion: find(assertion, ".//saml:Attribute[@FriendlyName='bPK2']").append(
            el("saml:AttributeValue", "somebody-else")
        )
    ),
    expect={"bPK2": None},
)


def _with_value(attribute, value):
    attribute[0].text = value
    return attribute


bad("two-audiences-restrictions", "a second restriction shuts us out", edited(
    lambda assertion: find(assertion, "saml:Conditions").append(
        el("saml:AudienceRestriction", el("saml:Audience", ELSEWHERE + "sp"))
    )
))  # fmt: skip
bad("condition-unknown", "a condition that nobody understands", edited(
    lambda assertion: find(assertion, "saml:Conditions").append(el("akdb:Condition", "only on Sundays"))
))  # fmt: skip
bad("holder-of-key", "only who holds a key may use it", facts(method=HOLDER))
bad("version-1", "of another version of the protocol", facts(version="1.1"))
bad("assertion-without-id", "an assertion without ID, its signature covers all", edited(
    lambda assertion: assertion.attrib.pop("ID")
))  # fmt: skip


def response_without_id(world):
    return make(world, dress=lambda response: response.attrib.pop("ID") and None, sign_response=None)


bad("response-without-id", "a response without ID", response_without_id, signed=False)

# How strongly

for what, why, ref in (
    ("lower", "weaker than was asked for", "STORK-QAA-Level-1"),
    ("lower-by-one", "a little weaker than was asked for", "STORK-QAA-Level-2"),
    ("unknown", "a level that does not exist", "STORK-QAA-Level-5"),
    ("zero", "no level", "STORK-QAA-Level-0"),
    ("lower-case", "the level in small letters", "stork-qaa-level-4"),
    ("tail", "the level with a tail", "STORK-QAA-Level-4-test"),
    ("head", "a 4 at the end", "https://evil.example/STORK-QAA-Level-4"),
    ("password", "a class of another family", PASSWORD),
    ("empty", "the level is empty", " "),
    ("none", "no level is named", None),
):
    bad(f"level-{what}", why, facts(class_ref=ref), demand=3)
bad("level-3-for-4", "substantial where high was asked for", facts(class_ref="STORK-QAA-Level-3"), demand=4)
bad("level-1-for-4-strong-attributes", "the attributes boast, the login was weak", lambda world: make(
    world, Facts.of(world, level=4, class_ref="STORK-QAA-Level-1")
), demand=4)  # fmt: skip

# Whether

for what, why, status in (
    ("failed", "failed, and yet an assertion", (STATUS + "Responder",)),
    ("failed-inside-success", "success as the second word only", (STATUS + "Requester", SUCCESS)),
    ("lookalike", "almost success", (SUCCESS + "ful",)),
    ("lower-case", "success in small letters", (SUCCESS.lower(),)),
    ("empty", "an empty status", ("",)),
):
    bad(f"status-{what}", why, facts(status=status))
bad(
    "status-missing",
    "no status at all",
    lambda world: make(world, dress=lambda response: response.remove(find(response, "samlp:Status"))),
)
bad("status-twice", "failure and success", lambda world: make(
    world, dress=lambda response: find(response, "samlp:Status").addprevious(
        el("samlp:Status", el("samlp:StatusCode", Value=STATUS + "Responder"))
    ),
))  # fmt: skip

# Again


def remembered(world):
    if "replay" not in world.memory:
        world.memory["replay"] = make(world)
    return world.memory["replay"]


def recovered(world):
    """The same signed assertion in a new response."""
    assertion = assertion_of(Facts.of(world), world)
    Step(world.signing)(assertion)
    for _ in range(2):
        response = response_of(Facts.of(world), seal(octets(assertion), world.recipients[0]))
        Step(world.signing)(response)
        yield octets(response)


def in_new_cover(turn):
    def build(world):
        if "cover" not in world.memory:
            world.memory["cover"] = list(recovered(world))
        return world.memory["cover"][turn]

    return build


ok("replay-first", "an honest answer", remembered)
bad("replay-again", "the same answer a second time", remembered, replays="replay-first")
ok("replay-cover-first", "an honest answer", in_new_cover(0))
bad("replay-cover-again", "the same assertion in a new response", in_new_cover(1), replays="replay-cover-first")
