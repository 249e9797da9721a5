import stat

import pytest

from service.store.errors import PepperError
from service.store.pepper import Pepper, create_pepper, read_pepper


def test_a_pepper_is_its_owners_alone_and_read_back(tmp_path):
    made = create_pepper(tmp_path / "pepper")
    assert stat.S_IMODE((tmp_path / "pepper").stat().st_mode) == 0o600
    assert read_pepper(tmp_path / "pepper") == made
    assert len(bytes.fromhex(made.secret.decode())) == 32


def test_a_pepper_that_is_there_is_never_replaced(tmp_path):
    made = create_pepper(tmp_path / "pepper")
    with pytest.raises(PepperError):
        create_pepper(tmp_path / "pepper")
    assert read_pepper(tmp_path / "pepper") == made


@pytest.mark.parametrize("mode", [0o604, 0o640, 0o620, 0o644])
def test_a_pepper_that_others_may_touch_is_refused(tmp_path, mode):
    create_pepper(tmp_path / "pepper")
    (tmp_path / "pepper").chmod(mode)
    with pytest.raises(PepperError, match="0600"):
        read_pepper(tmp_path / "pepper")


def test_a_pepper_that_is_missing_short_or_no_file_is_refused(tmp_path):
    (tmp_path / "short").write_bytes(b"secret-31-bytes-long-0123456789")
    (tmp_path / "short").chmod(0o600)
    (tmp_path / "folder").mkdir(mode=0o700)
    for name in ("missing", "short", "folder"):
        with pytest.raises(PepperError) as refused:
            read_pepper(tmp_path / name)
        assert "secret-31" not in str(refused.value)


def test_a_pepper_does_not_show_itself():
    assert "secret" not in repr(Pepper(b"secret"))


def test_a_mac_fits_its_message_and_purpose_alone():
    pepper = Pepper(bytes(32))
    mac = pepper.mac("store", b"message")
    assert pepper.fits("store", b"message", mac)
    assert not pepper.fits("store", b"messagf", mac)
    assert not pepper.fits("stor", b"emessage", mac)
    assert not Pepper(bytes(31) + b"1").fits("store", b"message", mac)
