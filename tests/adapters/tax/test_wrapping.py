"""Signature wrapping: every known way to keep a signature valid and show the reader something else."""

from base64 import b64decode, b64encode
from collections.abc import Callable
from copy import deepcopy

import pytest
from lxml import etree
from signxml.algorithms import SignatureMethod
from signxml.verifier import SignatureConfiguration, XMLVerifier

from adapters import soap
from adapters.contract import AdapterError, Fault
from adapters.tax.keys import load_certified
from adapters.tax.wsse import Flaw, verify
from mocks.tax import xml
from mocks.tax.forgeries import altered
from mocks.tax.signature import signed
from mocks.tax.xml import name
from tests.adapters.tax.answers import as_sent, ends, part, plain, resigned, true_answer
from tests.adapters.tax.live import AT
from tests.adapters.tax.test_wsse import TOLERANCE

ID = name("utl:Id")
Attack = Callable[[etree._Element], "etree._Element | None"]


def false_body(root: etree._Element) -> etree._Element:
    """A copy of the Body that says something else and has no id."""
    made = deepcopy(root[1])
    del made.attrib[ID]
    altered(made[0])
    return made


def moved_into(place: Callable[[etree._Element], etree._Element]) -> Attack:
    """The signed Body goes to `place(root)`, a false one takes its seat."""

    def attack(root: etree._Element) -> None:
        true, false = root[1], false_body(root)
        place(root).append(true)
        root.append(false)

    return attack


def wrapper(parent: Callable[[etree._Element], etree._Element]) -> Callable[[etree._Element], etree._Element]:
    """A new foreign element under `parent(root)`."""
    # a namespace of its own, so that moving the Body changes none of its prefixes and its digest stays right
    return lambda root: etree.SubElement(parent(root), "{urn:x}boSung", nsmap={"x": "urn:x"})


def inside_the_false_body(root: etree._Element) -> None:
    true, false = root[1], false_body(root)
    root.remove(true)
    false.append(true)
    root.append(false)


def two_bodies(root: etree._Element) -> None:
    root.append(false_body(root))


def false_body_first(root: etree._Element) -> None:
    root.insert(1, false_body(root))


def same_id_twice(root: etree._Element) -> None:
    false = false_body(root)
    false.set(ID, root[1].get(ID) or "")
    wrapper(lambda one: one[0])(root).append(root[1])
    root.append(false)


def other_id(root: etree._Element) -> None:
    false = false_body(root)
    false.set(ID, "khac")
    wrapper(lambda one: one[0])(root).append(root[1])
    root.append(false)


def renamed_copy_in_security(root: etree._Element) -> None:
    """The reference resolves to a true Body inside the Security header."""
    moved_into(lambda one: one[0][0])(root)


def id_of_another_case(root: etree._Element) -> None:
    """A library that looks at `ID` first would take the payload for the Body."""
    root[1][0].set("ID", root[1].get(ID) or "")
    _cover_anew(root)


def xml_id(root: etree._Element) -> None:
    root[1][0].set("{http://www.w3.org/XML/1998/namespace}id", root[1].get(ID) or "")
    _cover_anew(root)


def second_security(root: etree._Element) -> None:
    root[0].append(deepcopy(root[0][0]))


def second_signature(root: etree._Element) -> None:
    root[0][0].append(deepcopy(part(root, "sig:Signature")))


def second_token(root: etree._Element) -> None:
    extra = deepcopy(part(root, "sec:BinarySecurityToken"))
    extra.set(ID, "khac")
    root[0][0].append(extra)


def second_timestamp(root: etree._Element) -> None:
    extra = deepcopy(part(root, "utl:Timestamp"))
    extra.set(ID, "khac")
    root[0][0].insert(0, extra)


def timestamp_outside(root: etree._Element) -> None:
    root[0].append(part(root, "utl:Timestamp"))


def timestamp_in_a_wrapper(root: etree._Element) -> None:
    wrapper(lambda one: one[0][0])(root).append(part(root, "utl:Timestamp"))


def timestamp_in_the_body(root: etree._Element) -> None:
    root[1].append(part(root, "utl:Timestamp"))


def signature_outside(root: etree._Element) -> None:
    root[0].append(part(root, "sig:Signature"))


def timestamp_not_covered(root: etree._Element) -> None:
    """The service signed the Body only."""
    info = part(root, "sig:SignedInfo")
    info.remove(list(info)[-1])
    resigned(root, ends().by)


def body_covered_twice(root: etree._Element) -> None:
    """Two references, both to the Body."""
    info = part(root, "sig:SignedInfo")
    info.remove(list(info)[-1])
    info.append(deepcopy(list(info)[-1]))
    resigned(root, ends().by)


def third_reference(root: etree._Element) -> None:
    info = part(root, "sig:SignedInfo")
    info.append(deepcopy(list(info)[-1]))
    resigned(root, ends().by)


def whole_document_reference(root: etree._Element) -> None:
    info = part(root, "sig:SignedInfo")
    list(info)[-1].set("URI", "")
    resigned(root, ends().by)


def outside_reference(root: etree._Element) -> None:
    info = part(root, "sig:SignedInfo")
    list(info)[-1].set("URI", "http://127.0.0.1:1/body.xml")
    resigned(root, ends().by)


def no_ids(root: etree._Element) -> None:
    """An id that is missing must not match a reference to the word for nothing."""
    for covered in (root[1], part(root, "utl:Timestamp")):
        del covered.attrib[ID]
    for reference in root.iter(name("sig:Reference")):
        reference.set("URI", "#None")
    resigned(root, ends().by)


def two_payloads(root: etree._Element) -> None:
    """The right key signed a Body with two answers: which one is meant?"""
    root[1].append(deepcopy(root[1][0]))
    _cover_anew(root)


def empty_body(root: etree._Element) -> None:
    root[1].remove(root[1][0])
    _cover_anew(root)


def foreign_header(root: etree._Element) -> None:
    etree.SubElement(root[0], name("t:boSung"))


def body_before_header(root: etree._Element) -> None:
    root.insert(0, root[1])


def third_part(root: etree._Element) -> None:
    etree.SubElement(root, name("t:boSung"))


def another_envelope(root: etree._Element) -> etree._Element:
    """The whole signed envelope travels inside another one."""
    outer = xml.envelope(deepcopy(root[1][0]))
    outer[0].append(root)
    return outer


def another_root(root: etree._Element) -> None:
    """The parts of an envelope under a root that is none."""
    root.tag = name("t:boSung")


def key_value(root: etree._Element) -> None:
    """A key of the attacker's own beside the token."""
    etree.SubElement(part(root, "sig:KeyInfo"), name("sig:KeyName")).text = "khac"


def token_of_another_id(root: etree._Element) -> None:
    part(root, "sec:Reference").set("URI", "#khac")


def _cover_anew(root: etree._Element) -> None:
    bare = etree.fromstring(etree.tostring(root))
    bare[0].remove(bare[0][0])
    del bare[1].attrib[ID]
    fresh = signed(bare, ends().by, at=AT)
    root[:] = list(fresh)


@pytest.mark.parametrize(
    "attack",
    [
        moved_into(wrapper(lambda root: root[0])),
        moved_into(wrapper(lambda root: root[0][0])),
        moved_into(lambda root: root[0]),
        moved_into(lambda root: root),
        moved_into(wrapper(lambda root: root)),
        moved_into(lambda root: etree.SubElement(part(root, "sig:Signature"), name("sig:Object"))),
        inside_the_false_body,
        two_bodies,
        false_body_first,
        same_id_twice,
        other_id,
        renamed_copy_in_security,
        id_of_another_case,
        xml_id,
        second_security,
        second_signature,
        second_token,
        second_timestamp,
        timestamp_outside,
        timestamp_in_the_body,
        timestamp_in_a_wrapper,
        signature_outside,
        timestamp_not_covered,
        body_covered_twice,
        third_reference,
        whole_document_reference,
        outside_reference,
        no_ids,
        two_payloads,
        empty_body,
        foreign_header,
        body_before_header,
        third_part,
        another_envelope,
        another_root,
        key_value,
        token_of_another_id,
    ],
)
def test_a_rearranged_message_is_refused(attack: Attack) -> None:
    """Whatever is doubled, moved or left uncovered, the answer is refused for its layout."""
    assert flaw(attack) == Flaw.WRAPPED


def strange_key(root: etree._Element) -> etree._Element:
    """Another key, with its own certificate."""
    return signed(plain(), ends(number=1).by, at=AT)


def strange_key_under_our_token(root: etree._Element) -> None:
    resigned(root, ends(number=1).by)


def changed_body(root: etree._Element) -> None:
    altered(root[1][0])


def changed_timestamp(root: etree._Element) -> None:
    part(root, "utl:Created").text = "2026-11-22T02:00:01Z"


def other_spelling(root: etree._Element) -> None:
    """A character that lenient base64 decoders skip."""
    value = part(root, "sig:SignatureValue")
    value.text = f"{value.text}!"


def spare_bits(root: etree._Element) -> None:
    """The last digit before the padding has bits that decode to nothing."""
    value = part(root, "sig:SignatureValue")
    text = value.text or ""
    stem = text.rstrip("=")
    digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    twin = stem[:-1] + digits[digits.index(stem[-1]) ^ 1] + text[len(stem) :]
    assert b64decode(twin) == b64decode(text)
    value.text = twin


def empty_value(root: etree._Element) -> None:
    part(root, "sig:SignatureValue").text = None


def short_value(root: etree._Element) -> None:
    value = part(root, "sig:SignatureValue")
    value.text = b64encode(b64decode(value.text or "")[:-1]).decode()


def no_security(root: etree._Element) -> None:
    root[0].remove(root[0][0])


def no_header(root: etree._Element) -> None:
    root.remove(root[0])


def no_signature(root: etree._Element) -> None:
    root[0][0].remove(part(root, "sig:Signature"))


def no_timestamp(root: etree._Element) -> None:
    root[0][0].remove(part(root, "utl:Timestamp"))


@pytest.mark.parametrize(
    ("attack", "expected"),
    [
        (strange_key, Flaw.CERTIFICATE_WRONG),
        (strange_key_under_our_token, Flaw.INVALID),
        (changed_body, Flaw.INVALID),
        (changed_timestamp, Flaw.INVALID),
        (other_spelling, Flaw.INVALID),
        (spare_bits, Flaw.INVALID),
        (empty_value, Flaw.INVALID),
        (short_value, Flaw.INVALID),
        (no_security, Flaw.MISSING),
        (no_header, Flaw.MISSING),
        (no_signature, Flaw.MISSING),
        (no_timestamp, Flaw.TIMESTAMP_MISSING),
    ],
)
def test_each_plain_forgery_has_its_reason(attack: Attack, expected: Flaw) -> None:
    """What is missing, another's or changed is named for what it is."""
    assert flaw(attack) == expected


@pytest.mark.parametrize(
    "attack",
    [
        moved_into(wrapper(lambda root: root[0])),
        moved_into(wrapper(lambda root: root[0][0])),
        moved_into(lambda root: root[0]),
        moved_into(wrapper(lambda root: root)),
        inside_the_false_body,
        other_id,
        second_timestamp,
        timestamp_outside,
        timestamp_in_a_wrapper,
        foreign_header,
        two_bodies,
        false_body_first,
    ],
)
def test_the_library_alone_would_believe_it(attack: Attack) -> None:
    """These signatures are valid: cryptography alone proves nothing about position."""
    root = true_answer()
    attack(root)
    pinned = load_certified(ends().pinned, name="server_certificate")
    results = XMLVerifier().verify(
        soap.parse(as_sent(root)),
        x509_cert=pinned.certificate,
        expect_config=SignatureConfiguration(
            expect_references=2,
            signature_methods=frozenset({SignatureMethod.ECDSA_SHA256}),
            verification_time=AT,
        ),
        id_attribute="Id",
    )
    assert isinstance(results, list)
    assert len(results) == 2
    assert flaw(attack) == Flaw.WRAPPED


def flaw(attack: Attack) -> str:
    """Why the attacked answer is refused."""
    root = true_answer()
    root = attack_result if (attack_result := attack(root)) is not None else root
    pinned = load_certified(ends().pinned, name="server_certificate")
    with pytest.raises(AdapterError) as caught:
        verify(soap.parse(as_sent(root)), pinned, at=AT, tolerance=TOLERANCE)
    assert caught.value.fault is Fault.GARBLED
    return caught.value.reason
