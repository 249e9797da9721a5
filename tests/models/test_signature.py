import shutil
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from models.bundle import DIGESTS, read_bundle, sign_bundle
from models.errors import BundleError, SigningKeyError
from models.registry import Registry
from models.signature import SIGNATURE, PublicKeys, read_public_keys, sign

PEM, SPKI, PKCS8 = Encoding.PEM, PublicFormat.SubjectPublicKeyInfo, PrivateFormat.PKCS8
RFC8032_KEY = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"
RFC8032_PUBLIC = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
RFC8032_SIGNATURE = (
    "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
    "d25bf5f0595bbe24655141438e7a100b"
)
"""RFC 8032, section 7.1, test 1: the empty message."""


def write_key(path: Path, key: Ed25519PrivateKey | X25519PrivateKey, mode: int = 0o600) -> Path:
    path.write_bytes(key.private_bytes(PEM, PKCS8, NoEncryption()))
    path.chmod(mode)
    return path


def test_signature_is_that_of_the_rfc(tmp_path: Path) -> None:
    key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(RFC8032_KEY))
    signature = sign(b"", write_key(tmp_path / "key.pem", key))
    assert signature.hex() == RFC8032_SIGNATURE
    assert PublicKeys((bytes.fromhex(RFC8032_PUBLIC),)).accept(signature, b"")


def test_signed_bundle_is_read(signed_copy: Path, public_keys: PublicKeys) -> None:
    assert read_bundle(signed_copy, public_keys) == read_bundle(signed_copy)
    assert len((signed_copy / SIGNATURE).read_bytes()) == 64


def test_unsigned_bundle_is_refused_by_name(bundle_copy: Path, public_keys: PublicKeys) -> None:
    with pytest.raises(BundleError, match=rf"{bundle_copy.name}: manifest\.sig is missing"):
        read_bundle(bundle_copy, public_keys)


@pytest.mark.parametrize("signature", [b"", bytes(64), bytes(10_000)])
def test_what_is_no_signature_is_refused_by_name(
    signed_copy: Path, public_keys: PublicKeys, signature: bytes
) -> None:
    (signed_copy / SIGNATURE).write_bytes(signature)
    with pytest.raises(BundleError, match=rf"{signed_copy.name}: manifest\.sig is not of a key"):
        read_bundle(signed_copy, public_keys)


def test_signature_of_another_key_is_refused(
    signed_copy: Path, public_keys: PublicKeys, tmp_path: Path
) -> None:
    sign_bundle(signed_copy, write_key(tmp_path / "other.pem", Ed25519PrivateKey.generate()))
    with pytest.raises(BundleError, match="not of a key accepted here"):
        read_bundle(signed_copy, public_keys)


def test_signature_of_another_bundle_is_refused(
    signed_copy: Path, public_keys: PublicKeys, registry_of_kind: Registry, tmp_path: Path
) -> None:
    other = registry_of_kind.champion("pretreatment")
    copied = Path(shutil.copytree(registry_of_kind.bundles / other, tmp_path / other))
    shutil.copy(signed_copy / SIGNATURE, copied)
    with pytest.raises(BundleError, match=r"not of this digests\.json"):
        read_bundle(copied, public_keys)


def test_damaged_bundle_is_not_signed(bundle_copy: Path, private_key: Path) -> None:
    (bundle_copy / "card.md").write_text("believe it")
    with pytest.raises(BundleError, match=r"card\.md"):
        sign_bundle(bundle_copy, private_key)
    assert not (bundle_copy / SIGNATURE).exists()


def test_missing_digests_of_a_signed_bundle_are_refused(
    signed_copy: Path, public_keys: PublicKeys
) -> None:
    (signed_copy / DIGESTS).unlink()
    with pytest.raises(BundleError, match=r"digests\.json"):
        read_bundle(signed_copy, public_keys)


def test_old_and_new_key_are_accepted_while_one_replaces_the_other(
    signed_copy: Path, public_key_file: Path, tmp_path: Path
) -> None:
    new = Ed25519PrivateKey.generate()
    both = tmp_path / "both.pem"
    pem = new.public_key().public_bytes(PEM, SPKI)
    both.write_bytes(b"# new, then old\n" + pem + public_key_file.read_bytes())
    assert read_bundle(signed_copy, read_public_keys(both))
    sign_bundle(signed_copy, write_key(tmp_path / "new.pem", new))
    assert read_bundle(signed_copy, read_public_keys(both))


def test_file_without_ed25519_public_keys_is_refused(public_key_file: Path, tmp_path: Path) -> None:
    x25519 = X25519PrivateKey.generate().public_key().public_bytes(PEM, SPKI)
    good = public_key_file.read_bytes()
    broken = good.replace(b"MCow", b"MCox")
    for content in (b"", b"\xff" * 100, x25519, good + x25519, broken, good + b"-----BEGIN X-----"):
        (tmp_path / "keys.pem").write_bytes(content)
        with pytest.raises(SigningKeyError, match="must hold Ed25519 public keys"):
            read_public_keys(tmp_path / "keys.pem")


def test_private_key_must_be_ed25519_unencrypted_and_its_owners(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    with pytest.raises(SigningKeyError, match="mode to 0600"):
        sign(b"", write_key(path, Ed25519PrivateKey.generate(), mode=0o640))
    with pytest.raises(SigningKeyError, match="unencrypted Ed25519"):
        sign(b"", write_key(path, X25519PrivateKey.generate()))
    locked = BestAvailableEncryption(b"x")
    path.write_bytes(Ed25519PrivateKey.generate().private_bytes(PEM, PKCS8, locked))
    with pytest.raises(SigningKeyError, match="unencrypted Ed25519"):
        sign(b"", path)


def test_key_file_that_is_not_there_or_no_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SigningKeyError, match="cannot be read: No such file"):
        read_public_keys(tmp_path / "none.pem")
    with pytest.raises(SigningKeyError, match="public key file"):
        read_public_keys(tmp_path)
    with pytest.raises(SigningKeyError, match="private key file"):
        sign(b"", tmp_path)


def test_registry_with_keys_promotes_only_signed_bundles(
    linear_registry: Registry, private_key: Path, public_keys: PublicKeys, tmp_path: Path
) -> None:
    shutil.copytree(linear_registry.bundles, tmp_path / "registry" / "bundles")
    registry = Registry(tmp_path / "registry", public_keys=public_keys)
    bundle_id = registry.bundle_ids()[0]
    created = linear_registry.read(bundle_id).manifest.created_at
    with pytest.raises(BundleError, match=r"manifest\.sig is missing"):
        registry.promote(bundle_id, by="tests", reason="", now=created)
    sign_bundle(registry.bundles / bundle_id, private_key)
    registry.promote(bundle_id, by="tests", reason="", now=created)
    assert list(registry.champions().values()) == [bundle_id]
