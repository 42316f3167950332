"""Writes the corpus into a folder: one file per answer, as it would stand in the form, and `manifest.json`."""

import base64
import json

from signxml import DigestAlgorithm, SignatureConfiguration, SignatureMethod, XMLVerifier

import corpus
import keys
from answer import World
from dom import all_of, read
from persons import described

EXPECTED = SignatureConfiguration(
    location="./",
    signature_methods=frozenset([SignatureMethod.RSA_SHA256, SignatureMethod.SHA256_RSA_MGF1]),
    digest_algorithms=frozenset([DigestAlgorithm.SHA256]),
)
KEYS = (
    "idp",
    "idp-next",
    "idp-retired",
    "attacker",
    "sp-signing",
    "sp-decryption",
    "sp-decryption-next",
    "other-decryption",
)


def world_of(folder, args):
    pairs = {name: keys.kept(folder, name) for name in KEYS}
    return World(
        idp=args.idp_entity, sp=args.sp_entity, acs=args.acs, request_id=args.request_id,
        now=args.now, demanded=args.level,
        signing=pairs["idp"], next_signing=pairs["idp-next"], retired_signing=pairs["idp-retired"],
        attacker=pairs["attacker"], stranger=pairs["other-decryption"],
        recipients=[pairs["sp-decryption"].certificate, pairs["sp-decryption-next"].certificate],
    )  # fmt: skip


def mint(args):
    args.out.mkdir(parents=True, exist_ok=True)
    world = world_of(args.keys or args.out / "keys", args)
    written = []
    for case in corpus.cases():
        if args.only and args.only not in case.name:
            continue
        value = form_value(case, world)
        (args.out / f"{case.name}.txt").write_text(value)
        written.append(told(case, world))
    manifest = {
        "idp_entity": world.idp, "sp_entity": world.sp, "acs": world.acs, "request_id": world.request_id,
        "now": args.now.isoformat().replace("+00:00", "Z"), "level": world.demanded, "cases": written,
    }  # fmt: skip
    (args.out / "manifest.json").write_text(json.dumps(manifest, ensure_ascii=False, indent=1) + "\n")
    counts = {kind: sum(case["kind"] == kind for case in written) for kind in ("ok", "bad", "any")}
    print(", ".join(f"{count} {kind}" for kind, count in counts.items()))


def form_value(case, world):
    demanded, world.demanded = world.demanded, case.demand or world.demanded
    if case.kind == "ok":
        world.witness = lambda data: judged_by_signxml(data, world)
    made = case.make(world)
    world.demanded, world.witness = demanded, None
    if isinstance(made, str):
        return made
    return base64.b64encode(made).decode()


def judged_by_signxml(data, world):
    """What we sign by hand must be right in the eyes of a library that was not written here."""
    root = read(data)
    shown = all_of(root, "ds:Signature//ds:X509Certificate/text()")
    following = shown == [base64.b64encode(world.next_signing.der).decode()]
    pair = world.next_signing if following else world.signing
    verified = XMLVerifier().verify(root, x509_cert=pair.certificate, id_attribute="ID", expect_config=EXPECTED)
    assert verified.signed_xml.get("ID") == root.get("ID")


def told(case, world):
    expect = dict(case.expect)
    if case.kind == "ok":
        level = expect.setdefault("level", max(case.demand or world.demanded, 3))
        if "bPK2" not in expect:
            who = "zoe" if "special-letters" in case.name else "erika"
            expect["bPK2"] = described(who, level, world.sp)["bPK2"]
    return {
        "name": case.name, "kind": case.kind, "why": case.why, "demand": case.demand or world.demanded,
        "signed": case.signed, "forced": case.forced, "replays": case.replays, "expect": expect,
    }  # fmt: skip
