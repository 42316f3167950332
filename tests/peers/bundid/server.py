"""The provider as a server: takes requests, shows a page, answers. Everything it can do wrong can be asked for.

| address | |
|---|---|
| `GET /metadata` | its own metadata, with both keys |
| `POST /sp` | registers a service provider: the body is its metadata |
| `POST /sso` | `SAMLRequest`, `RelayState`: the login page, or 400 with the reason |
| `POST /login` | `state` from that page and any of the fields of `Wish`: a page that posts the answer |
|  | both in JSON for `Accept: application/json`: `{state}`, `{action, fields}` |
| `GET /requests` | every request that was accepted, as JSON, the latest last |
| `POST /control` | `delay` (seconds for every answer), `down` (yes: 503 for everybody), `roll` (yes: sign with the next key) |
"""

import base64
import binascii
import html
import json
import signal
import sys
import time
import urllib.request
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import corpus
import keys
import names
from answer import Facts, World, make, refusal
from dom import el, new_id, octets
from persons import PERSONS
from request import Refused, authn_request, demand, metadata
from seal import Sealing

METHODS = {"rsa-sha256": names.RSA_SHA256, "pss-sha256": names.PSS_SHA256}
CIPHERS = {"aes128-gcm": names.AES128_GCM, "aes256-gcm": names.AES256_GCM}
TRANSPORTS = {"mgf1p": names.OAEP_MGF1P, "oaep11": names.OAEP_11}
RESPONDER, REQUESTER = names.STATUS + "Responder", names.STATUS + "Requester"


@dataclass
class Wish:
    """What whoever logs in may ask for; the page fills in the first three."""

    person: str = "erika"
    level: str = ""  # the one that was asked for
    do: str = "login"  # login | cancel | error | fail
    guest: str = "no"  # yes: without key and mailbox
    without: str = ""  # attributes that are kept back, separated by commas
    set: str = ""  # other values, as JSON: {"mail": "…"}
    method: str = "pss-sha256"
    cipher: str = "aes256-gcm"
    transport: str = "oaep11"
    response_signed: str = "yes"
    trust: str = "codes"  # codes | words
    late: str = "0"  # seconds by which the provider's clock is behind (negative: ahead)
    case: str = ""  # a case of the corpus, made for this request


class Provider:
    def __init__(self, args):
        self.args = args
        pairs = {name: keys.kept(args.keys, name) for name in ("idp", "idp-next")}
        self.signing, self.next_signing = pairs["idp"], pairs["idp-next"]
        self.strangers = None
        self.providers, self.pending, self.requests = {}, {}, []
        self.delay, self.down = 0.0, False
        self.address = None

    @property
    def sso(self):
        return self.address + "/sso"

    def register(self, data):
        sp = metadata(data)
        self.providers[sp.entity] = sp
        return sp

    def provider(self, entity):
        """The service provider of this name; sources given at the start are read when somebody unknown knocks."""
        while entity not in self.providers and self.args.sp:
            self.register(fetched(self.args.sp.pop(0)))
        return self.providers.get(entity)

    def ask(self, message, relay_state):
        try:
            data = base64.b64decode(message, validate=True)
        except binascii.Error:
            raise Refused("SAMLRequest is no base64") from None
        demand(len(relay_state.encode()) <= 80, "RelayState is longer than 80 bytes")
        now = datetime.now(timezone.utc) if self.args.clock == "system" else None
        request = authn_request(data, self.provider, sso=self.sso, dialect=self.args.dialect, now=now)
        demand(request.id not in (seen.id for seen in self.requests), "an ID that was used before")
        self.requests.append(request)
        state = new_id()
        self.pending[state] = (request, relay_state)
        return state, request

    def answer(self, state, wish):
        """Where to post, and the fields."""
        demand(state in self.pending, "an unknown or used `state`")
        request, relay_state = self.pending.pop(state)
        data = self.made(request, wish)
        value = data if isinstance(data, str) else base64.b64encode(data).decode()
        return request.acs, {"SAMLResponse": value} | ({"RelayState": relay_state} if relay_state else {})

    def made(self, request, wish):
        now = datetime.now(timezone.utc) if self.args.clock == "system" else request.issued
        world = self.world(request, now - timedelta(seconds=float(wish.late)))
        method = METHODS[wish.method]
        signed = wish.response_signed == "yes"
        if wish.case:
            (case,) = [case for case in corpus.cases() if case.name == wish.case]
            return case.make(replace(world, demanded=case.demand or world.demanded))
        if wish.do == "cancel":
            return refusal(world, (RESPONDER, names.STATUS + "AuthnFailed"), signed=signed, method=method)
        if wish.do == "fail":
            return refusal(world, (RESPONDER,), "interner Fehler", signed=signed, method=method)
        facts = Facts.of(
            world, wish.person, int(wish.level or request.level), json.loads(wish.set or "{}"), trust=wish.trust
        )
        hidden = set(filter(None, wish.without.split(",")))
        if wish.guest == "yes":
            demand(
                not {"bPK2", "legacyPostkorbHandle"} & set(request.attributes) or self.args.dialect == "plain",
                "there are no guests where key or mailbox are asked for",
            )
            hidden |= {"bPK2", "legacyPostkorbHandle"}
        given = {n: v for n, v in facts.attributes.items() if n in request.attributes and n not in hidden}
        missing = [name for name in request.required if name not in given]
        if missing or wish.do == "error":
            return denied(world, request, missing or ["postalAddress"], signed, method)
        return make(
            world,
            replace(facts, attributes=given),
            sealing=Sealing(CIPHERS[wish.cipher], TRANSPORTS[wish.transport]),
            sign_response="yes" if signed else None,
            method=method,
        )

    def world(self, request, now):
        sp = self.providers[request.sp]
        if self.strangers is None:
            # made only for cases of the corpus that need them, and for these once
            self.strangers = {name: keys.kept(self.args.keys, name) for name in ("idp-retired", "attacker", "other")}
        return World(
            idp=self.args.idp_entity, sp=sp.entity, acs=request.acs, request_id=request.id, now=now,
            demanded=request.level, signing=self.signing, next_signing=self.next_signing,
            retired_signing=self.strangers["idp-retired"], attacker=self.strangers["attacker"],
            stranger=self.strangers["other"], recipients=list(sp.encryption),
        )  # fmt: skip

    def metadata(self):
        def key(pair):
            from sign import x509

            return el("md:KeyDescriptor", x509(pair.der), use="signing")

        service = el("md:SingleSignOnService", Binding=names.POST, Location=self.sso)
        descriptor = el(
            "md:IDPSSODescriptor", key(self.signing), key(self.next_signing), service,
            protocolSupportEnumeration=names.SAMLP, WantAuthnRequestsSigned="true",
        )  # fmt: skip
        return octets(el("md:EntityDescriptor", descriptor, entityID=self.args.idp_entity))

    def control(self, form):
        self.delay = float(form.get("delay", self.delay))
        self.down = form.get("down", "yes" if self.down else "no") == "yes"
        if form.get("roll") == "yes":
            self.signing, self.next_signing = self.next_signing, self.signing


def denied(world, request, missing, signed, method):
    detail = {
        "version": "1",
        "errors": [
            {"code": "IDP_REQUIRED_ATTRIBUTES_MISSING", "message": ", ".join(names.ATTRIBUTES[n] for n in missing)}
        ],
    }
    text = json.dumps(detail) if request.status_detail else None
    return refusal(world, (REQUESTER, names.STATUS + "RequestDenied"), detail=text, signed=signed, method=method)


def fetched(source):
    if urlsplit(source).scheme not in ("http", "https"):
        return Path(source).read_bytes()
    address = urlsplit(source)
    # every name below localhost is this machine, whatever the resolver thinks
    target = source
    if (address.hostname or "").endswith(".localhost"):
        target = address._replace(netloc=f"127.0.0.1:{address.port or 80}").geturl()
    with urllib.request.urlopen(urllib.request.Request(target, headers={"Host": address.netloc}), timeout=10) as answer:
        return answer.read()


# ---------------------------------------------------------------- pages

PAGE = """<!doctype html><html lang="de"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title><style>body{{font:1.1rem/1.5 sans-serif;max-width:36rem;margin:2rem auto;padding:0 1rem}}
label,button{{display:block;margin:.75rem 0}}button{{font:inherit;padding:.5rem 1rem}}</style><main><h1>{title}</h1>{body}</main>"""


def page(title, body):
    return PAGE.format(title=html.escape(title), body=body).encode()


def login_page(state, request):
    people = "".join(
        f'<label><input type="radio" name="person" value="{key}"{" checked" if key == "erika" else ""}> '
        f"{html.escape(person['givenName'])} {html.escape(person['surname'])}</label>"
        for key, person in PERSONS.items()
    )
    means = {1: "Benutzername und Passwort", 3: "ELSTER-Zertifikat", 4: "Online-Ausweis"}
    levels = "".join(
        f'<label><input type="radio" name="level" value="{level}"{" checked" if level == request.level else ""}> {text}</label>'
        for level, text in means.items()
        if level >= request.level
    )
    back = f'<p><a href="{html.escape(request.back_url)}">Zurück</a></p>' if request.back_url else ""
    return page(
        "Test-Anmeldung",
        f"<p>{html.escape(request.display_name or request.sp)} möchte wissen, wer Sie sind.</p>"
        f'<form method="post" action="/login"><input type="hidden" name="state" value="{state}">{people}{levels}'
        f'<button name="do" value="login">Anmelden</button><button name="do" value="cancel">Abbrechen</button></form>{back}',
    )


def answer_page(target, form):
    inputs = "".join(
        f'<input type="hidden" name="{name}" value="{html.escape(value)}">' for name, value in form.items()
    )
    return page(
        "Weiter",
        f'<form method="post" action="{html.escape(target)}">{inputs}<button>Weiter</button></form>'
        "<script>document.forms[0].submit()</script>",
    )


# ---------------------------------------------------------------- HTTP


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    provider = None

    def do_GET(self):
        self.serve({"/metadata": self.metadata, "/requests": self.requests})

    def do_POST(self):
        self.serve({"/sso": self.sso, "/login": self.login, "/sp": self.sp, "/control": self.control})

    def serve(self, rooms):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        room = rooms.get(urlsplit(self.path).path)
        if self.path != "/control":
            time.sleep(self.provider.delay)
            if self.provider.down:
                return self.say(503, page("Wartungsarbeiten", "<p>Die Anmeldung ist gerade nicht möglich.</p>"))
        if room is None:
            return self.say(404, page("Nicht gefunden", ""))
        try:
            self.say(200, *room(body))
        except Refused as why:
            self.say(400, f"refused: {why}\n".encode(), "text/plain")

    def metadata(self, _):
        return self.provider.metadata(), "application/samlmetadata+xml"

    def requests(self, _):
        told = [asdict(request) for request in self.provider.requests]
        return json.dumps(told, ensure_ascii=False, default=str).encode(), "application/json"

    def sso(self, body):
        form = form_of(body)
        demand("SAMLRequest" in form, "no SAMLRequest")
        state, request = self.provider.ask(form["SAMLRequest"], form.get("RelayState", ""))
        return self.scripted({"state": state}) or (login_page(state, request),)

    def login(self, body):
        form = form_of(body)
        state = form.pop("state", "")
        unknown = set(form) - {field.name for field in fields(Wish)}
        demand(not unknown, f"unknown fields {sorted(unknown)}")
        target, answer = self.provider.answer(state, Wish(**form))
        return self.scripted({"action": target, "fields": answer}) or (answer_page(target, answer),)

    def scripted(self, told):
        """For whoever has no browser."""
        if self.headers.get("Accept") == "application/json":
            return json.dumps(told).encode(), "application/json"

    def sp(self, body):
        return f"registered {self.provider.register(body).entity}\n".encode(), "text/plain"

    def control(self, body):
        self.provider.control(form_of(body))
        return b"done\n", "text/plain"

    def say(self, status, body, kind="text/html"):
        self.send_response(status)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def form_of(body):
    return {name: values[-1] for name, values in parse_qs(body.decode(), keep_blank_values=True).items()}


def serve(args):
    Handler.provider = provider = Provider(args)
    server = ThreadingHTTPServer(("127.0.0.1", args.port), Handler)
    provider.address = f"http://127.0.0.1:{server.server_address[1]}"
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    print(f"listening {provider.address}", flush=True)
    server.serve_forever()
