"""What service providers send: their metadata and their requests. Everything is checked, nothing is forgiven."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from signxml import DigestAlgorithm, SignatureConfiguration, SignatureMethod, XMLVerifier
from signxml.exceptions import InvalidInput, InvalidSignature

from dom import all_of, q, read, read_instant
from names import ATTRIBUTES, ENVELOPED, EXCLUSIVE, LEVEL, POST, SAMLP, TRANSIENT

METHODS = frozenset([SignatureMethod.RSA_SHA256, SignatureMethod.SHA256_RSA_MGF1])
NAMES = {oid: name for name, oid in ATTRIBUTES.items()}
LANGUAGES = {"de", "en", "ls", "dgs"}


class Refused(Exception):
    """Says why; the reason goes to the page, so that whoever tests sees it."""


def demand(condition, why):
    if not condition:
        raise Refused(why)


@dataclass(frozen=True)
class ServiceProvider:
    entity: str
    acs: tuple
    signing: tuple  # certificates
    encryption: tuple


@dataclass(frozen=True)
class Request:
    id: str
    sp: str
    acs: str
    level: int
    force_authn: bool
    attributes: tuple  # names, as a person reads them
    required: tuple
    status_detail: bool
    display_name: str
    language: str
    back_url: str
    online_service: str
    issued: datetime
    signed_with: str


def metadata(data):
    """The service provider of this metadata document."""
    root = parsed(data)
    demand(root.tag == q("md:EntityDescriptor"), "the metadata is no EntityDescriptor")
    demand(root.get("validUntil") is None, "the metadata has a `validUntil`")
    demand(root.get("ID") is None, "the metadata has an `ID`")
    entity = root.get("entityID") or ""
    address = urlsplit(entity)
    demand(address.scheme == "https" and address.hostname, "the entityID is no https address")
    demand(address.port is None and ":" not in address.netloc, "the entityID has a port")
    (descriptor,) = all_of(root, "md:SPSSODescriptor") or [None]
    demand(descriptor is not None, "there is no SPSSODescriptor")
    demand(SAMLP in (descriptor.get("protocolSupportEnumeration") or "").split(), "another protocol")
    demand(descriptor.get("AuthnRequestsSigned") == "true", "requests are not announced as signed")
    demand(descriptor.get("WantAssertionsSigned") == "true", "assertions are not wanted signed")
    formats = [element.text.strip() for element in all_of(descriptor, "md:NameIDFormat")]
    demand(formats in ([], [TRANSIENT]), "another NameIDFormat than transient")
    services = all_of(descriptor, "md:AssertionConsumerService")
    demand(services and all(service.get("Binding") == POST for service in services), "an ACS of another binding")
    demand(len({service.get("index") for service in services}) == len(services), "two ACS of one index")
    acs = tuple(service.get("Location") for service in services)
    demand(all(is_own(location) for location in acs), "an ACS that is no https address")
    return ServiceProvider(entity, acs, keys_for(descriptor, "signing"), keys_for(descriptor, "encryption"))


def keys_for(descriptor, use):
    found = []
    for key in all_of(descriptor, "md:KeyDescriptor"):
        if key.get("use") not in (None, use):
            continue
        certificates = all_of(key, "ds:KeyInfo/ds:X509Data/ds:X509Certificate")
        demand(len(certificates) == 1, "a KeyDescriptor with another number of certificates than one")
        text = "".join(certificates[0].text.split())
        certificate = x509.load_pem_x509_certificate(
            f"-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n".encode()
        )
        demand(
            certificate.public_key().key_size >= 3072, f"a key of {certificate.public_key().key_size} bits for {use}"
        )
        found.append(certificate)
    demand(found, f"no key for {use}")
    return tuple(found)


def is_own(location):
    address = urlsplit(location or "")
    return address.scheme == "https" or (address.hostname or "").rpartition(".")[2] in ("localhost", "1")


def parsed(data):
    try:
        return read(data)
    except Exception as error:
        raise Refused(f"no XML that may be read: {type(error).__name__}") from None


def authn_request(data, providers, *, sso, dialect, now=None):
    """The request in these bytes, of one of `providers` (entityID → ServiceProvider). `now` None: when the request says."""
    root = parsed(data)
    demand(root.tag == q("samlp:AuthnRequest"), "no AuthnRequest")
    demand(not root.xpath("//comment()|//processing-instruction()"), "comments or processing instructions")
    issuers = all_of(root, "saml:Issuer")
    demand(len(issuers) == 1, "not one Issuer")
    sp = providers(issuers[0].text)
    demand(sp is not None, f"`{issuers[0].text}` is not registered")
    method = verified(root, sp)

    demand(root.get("Version") == "2.0", "another version")
    demand(root.get("ID", "").startswith("_") and len(root.get("ID")) >= 17, "an ID that is too short or no NCName")
    demand(root.get("Destination") == sso, f"Destination is `{root.get('Destination')}`")
    issued = read_instant(root.get("IssueInstant"))
    demand(root.get("IssueInstant").endswith("Z"), "IssueInstant is not in UTC")
    demand(now is None or abs(now - issued) < timedelta(minutes=5), "IssueInstant is not now")
    demand(root.get("ProtocolBinding") == POST, "ProtocolBinding is not HTTP-POST")
    acs = root.get("AssertionConsumerServiceURL")
    demand(acs in sp.acs, "AssertionConsumerServiceURL is not in the metadata")
    demand(root.get("ForceAuthn") in (None, "true", "false"), "ForceAuthn is neither true nor false")
    demand(root.get("IsPassive") in (None, "false"), "IsPassive")
    policies = all_of(root, "samlp:NameIDPolicy")
    demand(all(policy.get("Format") in (None, TRANSIENT) for policy in policies), "NameIDPolicy is not transient")
    order = [child.tag for child in root]
    expected = [q(name) for name in ("saml:Issuer", "ds:Signature", "samlp:Extensions", "saml:Subject", "samlp:NameIDPolicy",
                                     "saml:Conditions", "samlp:RequestedAuthnContext", "samlp:Scoping")]  # fmt: skip
    demand(order == sorted(set(order), key=expected.index), "children in an order the schema does not allow")

    asked = extension(root, dialect)
    return Request(
        id=root.get("ID"), sp=sp.entity, acs=acs, level=level(root, dialect),
        force_authn=root.get("ForceAuthn") == "true", issued=issued, signed_with=method, **asked,
    )  # fmt: skip


def verified(root, sp):
    """Exactly one signature, of one of the registered keys, over the whole request."""
    demand(
        len(all_of(root, "//ds:Signature")) == 1 and all_of(root, "ds:Signature"), "not one signature at the request"
    )
    transforms = [element.get("Algorithm") for element in all_of(root, "ds:Signature//ds:Transform")]
    demand(transforms == [ENVELOPED, EXCLUSIVE], "other transforms than enveloped and exclusive")
    for certificate in sp.signing:
        try:
            outcome = XMLVerifier().verify(
                root,
                x509_cert=certificate.public_bytes(Encoding.PEM).decode(),
                id_attribute="ID",
                expect_config=SignatureConfiguration(
                    location="./",
                    signature_methods=METHODS,
                    digest_algorithms=frozenset([DigestAlgorithm.SHA256]),
                    ignore_ambiguous_key_info=True,
                ),
            )
        except (InvalidSignature, InvalidInput) as error:
            reason = error
            continue
        demand(
            outcome.signed_xml.tag == root.tag and outcome.signed_xml.get("ID") == root.get("ID"),
            "signed is something else",
        )
        return SignatureMethod(all_of(root, "ds:Signature/ds:SignedInfo/ds:SignatureMethod/@Algorithm")[0]).name
    raise Refused(f"the signature is of none of the registered keys: {reason}")


def level(root, dialect):
    contexts = all_of(root, "samlp:RequestedAuthnContext")
    if dialect == "plain" and not contexts:
        return 1
    demand(len(contexts) == 1, "no RequestedAuthnContext")
    demand(contexts[0].get("Comparison") == "minimum", "Comparison is not minimum")
    refs = all_of(contexts[0], "saml:AuthnContextClassRef")
    demand(len(refs) == 1 and len(contexts[0]) == 1, "not one AuthnContextClassRef")
    demand(refs[0].text in (LEVEL + "1", LEVEL + "3", LEVEL + "4"), f"level `{refs[0].text}` cannot be asked for")
    return int(refs[0].text[-1])


def extension(root, dialect):
    """What the request says in BundID's own words."""
    found = all_of(root, "samlp:Extensions/*")
    if dialect == "plain":
        demand(not found, "an extension that a plain provider does not know")
        return dict(attributes=tuple(ATTRIBUTES), required=(), status_detail=False, display_name="", language="",
                    back_url="", online_service="")  # fmt: skip
    demand(
        [element.tag for element in found] == [q("akdb:AuthenticationRequest")], "not one akdb:AuthenticationRequest"
    )
    (akdb,) = found
    demand(akdb.get("Version") == "2", "another version of akdb:AuthenticationRequest")
    demand(akdb.get("EnableStatusDetail") in (None, "true", "false"), "EnableStatusDetail is neither true nor false")
    order = [child.tag for child in akdb]
    expected = [q(f"akdb:{name}") for name in ("AuthnMethods", "RequestedAttributes", "DisplayInformation")]
    demand(
        order == [tag for tag in expected if tag in order], "children of akdb:AuthenticationRequest in another order"
    )
    asked = all_of(akdb, "akdb:RequestedAttributes/akdb:RequestedAttribute")
    names = [attribute.get("Name") for attribute in asked]
    demand(names, "no attribute is asked for")
    demand(len(set(names)) == len(names), "an attribute is asked for twice")
    unknown = [name for name in names if name not in NAMES]
    demand(not unknown, f"unknown attributes {unknown}")
    flags = {attribute.get("RequiredAttribute") for attribute in asked}
    demand(flags <= {None, "true", "false"}, "RequiredAttribute is neither true nor false")

    version = all_of(akdb, "akdb:DisplayInformation/classic-ui:Version")
    demand(len(version) == 1, "no DisplayInformation")

    def said(name):
        texts = [element.text or "" for element in all_of(version[0], f"classic-ui:{name}")]
        demand(len(texts) <= 1, f"{name} twice")
        return texts[0] if texts else ""

    demand(said("OnlineServiceId").strip(), "no OnlineServiceId (BMI-ID)")
    demand(
        0 < len(said("OrganizationDisplayName")) <= 50, "OrganizationDisplayName is empty or longer than 50 characters"
    )
    demand(said("Lang") in LANGUAGES | {""}, f"Lang `{said('Lang')}`")
    demand(not said("BackURL") or is_own(said("BackURL")), "BackURL is no https address")
    return dict(
        attributes=tuple(NAMES[name] for name in names),
        required=tuple(NAMES[a.get("Name")] for a in asked if a.get("RequiredAttribute") == "true"),
        status_detail=akdb.get("EnableStatusDetail") == "true",
        display_name=said("OrganizationDisplayName"), language=said("Lang"), back_url=said("BackURL"),
        online_service=said("OnlineServiceId"),
    )  # fmt: skip
