"""What things are called: namespaces, algorithms, attributes. No sentence of the protocol stands anywhere else."""

DS = "http://www.w3.org/2000/09/xmldsig#"
XENC = "http://www.w3.org/2001/04/xmlenc#"
XENC11 = "http://www.w3.org/2009/xmlenc11#"
SAML = "urn:oasis:names:tc:SAML:2.0:assertion"
SAMLP = "urn:oasis:names:tc:SAML:2.0:protocol"
MD = "urn:oasis:names:tc:SAML:2.0:metadata"
AKDB = "https://www.akdb.de/request/2018/09"
CLASSIC_UI = "https://www.akdb.de/request/2018/09/classic-ui/v1"
XS = "http://www.w3.org/2001/XMLSchema"
XSI = "http://www.w3.org/2001/XMLSchema-instance"

PREFIXES = {
    "ds": DS,
    "xenc": XENC,
    "xenc11": XENC11,
    "saml": SAML,
    "samlp": SAMLP,
    "md": MD,
    "akdb": AKDB,
    "classic-ui": CLASSIC_UI,
    "xs": XS,
    "xsi": XSI,
}

# Signatures
RSA_SHA1 = DS + "rsa-sha1"
RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
RSA_SHA512 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512"
PSS_SHA1 = "http://www.w3.org/2007/05/xmldsig-more#sha1-rsa-MGF1"
PSS_SHA256 = "http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1"
HMAC_SHA1 = DS + "hmac-sha1"
HMAC_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256"
SHA1 = DS + "sha1"
SHA256 = XENC + "sha256"
ENVELOPED = DS + "enveloped-signature"
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
BASE64 = DS + "base64"
XPATH = "http://www.w3.org/TR/1999/REC-xpath-19991116"
XPATH_FILTER2 = "http://www.w3.org/2002/06/xmldsig-filter2"
XSLT = "http://www.w3.org/TR/1999/REC-xslt-19991116"

# Encryption
AES128_GCM = XENC11 + "aes128-gcm"
AES192_GCM = XENC11 + "aes192-gcm"
AES256_GCM = XENC11 + "aes256-gcm"
AES128_CBC = XENC + "aes128-cbc"
AES256_CBC = XENC + "aes256-cbc"
TRIPLE_DES = XENC + "tripledes-cbc"
OAEP_MGF1P = XENC + "rsa-oaep-mgf1p"
OAEP_11 = XENC11 + "rsa-oaep"
RSA_15 = XENC + "rsa-1_5"
MGF1_SHA1 = XENC11 + "mgf1sha1"
MGF1_SHA256 = XENC11 + "mgf1sha256"
ELEMENT = XENC + "Element"

# SAML
POST = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
TRANSIENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"
BEARER = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
HOLDER = "urn:oasis:names:tc:SAML:2.0:cm:holder-of-key"
URI_NAMES = "urn:oasis:names:tc:SAML:2.0:attrname-format:uri"
STATUS = "urn:oasis:names:tc:SAML:2.0:status:"
SUCCESS = STATUS + "Success"
LEVEL = "STORK-QAA-Level-"
PASSWORD = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport"

ATTRIBUTES = {
    name: "urn:oid:" + oid
    for name, oid in {
        "givenName": "2.5.4.42",
        "surname": "2.5.4.4",
        "mail": "0.9.2342.19200300.100.1.3",
        "postalAddress": "2.5.4.16",
        "postalCode": "2.5.4.17",
        "localityName": "2.5.4.7",
        "country": "1.2.40.0.10.2.1.1.225599",
        "personalTitle": "0.9.2342.19200300.100.1.40",
        "gender": "1.3.6.1.4.1.33592.1.3.5",
        "birthdate": "1.2.40.0.10.2.1.1.55",
        "placeOfBirth": "1.3.6.1.5.5.7.9.2",
        "birthName": "1.2.40.0.10.2.1.1.225566",
        "nationality": "1.2.40.0.10.2.1.1.225577",
        "documentType": "1.2.40.0.10.2.1.1.552255",
        "telephoneNumber": "2.5.4.20",
        "bPK2": "1.3.6.1.4.1.25484.494450.3",
        "legacyPostkorbHandle": "2.5.4.18",
        "Version": "1.3.6.1.4.1.25484.494450.1",
        "AssertionProvedBy": "1.3.6.1.4.1.25484.494450.2",
        "applicationId": "1.3.6.1.4.1.25484.494450.4",
        "communityId": "1.3.6.1.4.1.25484.494450.5",
        "mfa": "1.3.6.1.4.1.25484.494450.7",
        "eIDAS-Issuing-Country": "1.3.6.1.4.1.25484.494450.10.1",
        "EID-CITIZEN-QAA-LEVEL": "1.2.40.0.10.2.1.1.261.94",
        "pseudonym": "1.2.40.0.10.2.1.1.226699",
    }.items()
}
