"""XML names of SOAP 1.2, WS-Security 1.1, XML Signature and of the taxpayer look-up profile.

Rule of this file: constants only, each from the specification named beside it.
"""

from typing import Final

SOAP: Final = "http://www.w3.org/2003/05/soap-envelope"  # SOAP 1.2 part 1
_OASIS: Final = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-"
WSSE: Final = f"{_OASIS}wssecurity-secext-1.0.xsd"  # WS-Security 1.1
WSU: Final = f"{_OASIS}wssecurity-utility-1.0.xsd"
DS: Final = "http://www.w3.org/2000/09/xmldsig#"  # XML Signature 1.1
EXC_C14N: Final = "http://www.w3.org/2001/10/xml-exc-c14n#"  # Exclusive XML Canonicalization 1.0
SHA256: Final = "http://www.w3.org/2001/04/xmlenc#sha256"
X509_TOKEN: Final = f"{_OASIS}x509-token-profile-1.0#X509v3"  # X.509 certificate token profile 1.1
BASE64: Final = f"{_OASIS}soap-message-security-1.0#Base64Binary"
NNT: Final = "urn:lienthong:tra-cuu-nnt:1.0"  # docs/tax-profile.md

ENVELOPE: Final = f"{{{SOAP}}}Envelope"
HEADER: Final = f"{{{SOAP}}}Header"
BODY: Final = f"{{{SOAP}}}Body"
SECURITY: Final = f"{{{WSSE}}}Security"
TOKEN: Final = f"{{{WSSE}}}BinarySecurityToken"
TOKEN_REFERENCE: Final = f"{{{WSSE}}}SecurityTokenReference"
REFERENCE: Final = f"{{{WSSE}}}Reference"
TIMESTAMP: Final = f"{{{WSU}}}Timestamp"
CREATED: Final = f"{{{WSU}}}Created"
EXPIRES: Final = f"{{{WSU}}}Expires"
ID: Final = f"{{{WSU}}}Id"
SIGNATURE: Final = f"{{{DS}}}Signature"
