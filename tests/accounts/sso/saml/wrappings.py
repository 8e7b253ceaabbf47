"""Signature wrapping: the signed original stays somewhere, a forged one is to be read instead.

The eight of Somorovsky et al., 2012, as SAML Raider numbers them, and four more.
"""

from __future__ import annotations

import copy

from lxml import etree

from accounts.sso.saml.names import a, d, p
from tests.accounts.sso.saml.provider import Says, pair, sign


def forged(original: etree._Element) -> etree._Element:
    made = copy.deepcopy(original)
    made.set("ID", "_forged")
    name = made.find(f".//{a('NameID')}")
    assert name is not None
    name.text = "olivia@acme.example"
    for node in made.findall(d("Signature")):
        made.remove(node)
    return made


def _parts(is_response: bool) -> tuple[etree._Element, etree._Element, etree._Element]:
    """An answer, what is signed in it, and the signature."""
    root = Says().tree()
    target = root if is_response else root[-1]
    sign(target, pair())
    node = target.find(d("Signature"))
    assert node is not None
    return root, target, node


def xsw1() -> etree._Element:
    """A forged response, with the signed one inside the signature."""
    root, _, node = _parts(is_response=True)
    original = copy.deepcopy(root)
    original.remove(original.find(d("Signature")))
    made = forged(root)
    node = copy.deepcopy(node)
    made.insert(1, node)
    node.append(original)
    return made


def xsw2() -> etree._Element:
    """As before, the signed one before the signature."""
    made = xsw1()
    node = made.find(d("Signature"))
    original = node.find(p("Response"))
    made.insert(1, original)
    return made


def xsw3() -> etree._Element:
    """A forged assertion before the signed one."""
    root, original, _ = _parts(is_response=False)
    root.insert(root.index(original), forged(original))
    return root


def xsw4() -> etree._Element:
    """The signed assertion inside the forged one."""
    root, original, _ = _parts(is_response=False)
    made = forged(original)
    root.append(made)
    made.append(original)
    return root


def xsw5() -> etree._Element:
    """The forged assertion carries the signature, and the signed one stands at the end."""
    root, original, node = _parts(is_response=False)
    bare = copy.deepcopy(original)
    bare.remove(bare.find(d("Signature")))
    made = forged(original)
    made.insert(1, copy.deepcopy(node))
    root.remove(original)
    root.append(made)
    root.append(bare)
    return root


def xsw6() -> etree._Element:
    """The same, the signed one inside the signature."""
    root = xsw5()
    bare = root[-1]
    root.find(f".//{d('Signature')}").append(bare)
    return root


def xsw7() -> etree._Element:
    """The forged one in an extension, which the schema lets hold anything."""
    root, original, _ = _parts(is_response=False)
    extensions = etree.Element(p("Extensions"))
    extensions.append(forged(original))
    root.insert(1, extensions)
    return root


def xsw8() -> etree._Element:
    """The signed one in an object of the forged one's signature."""
    root = xsw5()
    bare = root[-1]
    node = root.find(f".//{d('Signature')}")
    etree.SubElement(node, d("Object")).append(bare)
    return root


def xsw_same_id() -> etree._Element:
    """Both with one ID, so that the reference may mean either."""
    root = xsw3()
    root.find(a("Assertion")).set("ID", "_assertion")
    return root


def xsw_object_alone() -> etree._Element:
    """One assertion is to be counted: the other hides in the reference of an object."""
    root, original, node = _parts(is_response=False)
    name = original.find(f"{a('Subject')}/{a('NameID')}")
    name.text = "olivia@acme.example"
    etree.SubElement(node, d("Object"), Id="_other")
    node.find(f".//{d('Reference')}").set("URI", "#_other")
    return root


def xsw_empty_reference() -> etree._Element:
    """A reference to the whole document, wherever that is."""
    root, _, node = _parts(is_response=False)
    node.find(f".//{d('Reference')}").set("URI", "")
    return root


def xsw_transform() -> etree._Element:
    """A transform that lets parts of the assertion go unsigned."""
    root, _, node = _parts(is_response=False)
    transforms = node.find(f".//{d('Transform')}").getparent()
    name = "http://www.w3.org/TR/1999/REC-xpath-19991116"
    etree.SubElement(transforms, d("Transform"), Algorithm=name)
    return root


WRAPPINGS = (
    xsw1, xsw2, xsw3, xsw4, xsw5, xsw6, xsw7, xsw8, xsw_same_id, xsw_object_alone,
    xsw_empty_reference, xsw_transform,
)  # fmt: skip
