"""Tests of Content-Digest."""

import pytest

from signing import digest
from signing.errors import DigestMalformed

# RFC 9530, section 2 and appendix B: {"hello": "world"} with and without a line end
EXAMPLES = {
    b'{"hello": "world"}\n': "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:",
    b'{"hello": "world"}': "sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:",
}


@pytest.mark.parametrize(("body", "value"), EXAMPLES.items())
def test_the_examples_of_rfc_9530(body: bytes, value: str) -> None:
    """The published digests are computed and matched."""
    assert digest.content_digest(body) == value
    assert digest.matches(value, body)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda v: v + ", " + v,
        lambda v: v + ",sha-512=:AAAA:",
        lambda v: "sha-512=:AAAA:," + v,
        lambda v: v.replace("sha-256", "SHA-256"),
        lambda v: v.replace("sha-256", "md5"),
        lambda v: v + ";a=1",
        lambda v: " " + v,
        lambda v: v + "\n",
        lambda v: v.replace("=:RK", "=RK"),
        lambda v: v.replace("bDg=", "bDh="),
        lambda v: v.replace("/", "_"),
        lambda v: v.replace("RK", ""),
        lambda _: "",
    ],
)
def test_other_values_are_refused(spoil: object) -> None:
    """More than one member, another algorithm, parameters and other base64 are refused and match nothing."""
    body = b'{"hello": "world"}\n'
    value = spoil(EXAMPLES[body])  # type: ignore[operator]
    with pytest.raises(DigestMalformed):
        digest.parse(value)
    assert not digest.matches(value, body)


def test_another_body_does_not_match() -> None:
    """The digest of one body is not that of another, the empty one included."""
    value = digest.content_digest(b"a")
    assert not digest.matches(value, b"b")
    assert not digest.matches(value, b"")
