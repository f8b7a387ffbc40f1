"""Devices at the command line: values and places as people write them, readings as devices sign."""

import json
import stat

import pytest
from typer.testing import CliRunner

from xinlian.cli import devices
from xinlian.cli.devices import device_app, device_of, parse_value
from xinlian.cli.output import CommandRefused
from xinlian.connectors.devices import read_payload
from xinlian.connectors.devices.readings import is_signed_by
from xinlian.primitives import format_id

DEVICE = format_id("device", b"d" * 20)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("5", 5_000),
        ("-18.5", -18_500),
        ("0.001", 1),
        ("-0.25", -250),
        ("999999999", 999_999_999_000),
    ],
)
def test_a_value_is_a_decimal_with_at_most_three_places(text, expected):
    assert parse_value(text) == expected


@pytest.mark.parametrize("text", ["", "1.2345", "1e3", "+5", "5.", ".5", "1234567890", "五"])
def test_other_values_are_refused(text):
    with pytest.raises(CommandRefused, match="decimal"):
        parse_value(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("31.2304,121.4737", (312_304_000, 1_214_737_000)),
        ("-33.8688197,151.2092955", (-338_688_197, 1_512_092_955)),
        ("0,0", (0, 0)),
        ("-0.0000001,-180", (-1, -1_800_000_000)),
    ],
)
def test_a_place_is_latitude_and_longitude(text, expected):
    assert devices._place(text) == expected


@pytest.mark.parametrize("text", ["90.1,0", "0,181", "31", "31,121,4", "N31,E121", "31.12345678,1"])
def test_other_places_are_refused(text):
    with pytest.raises(CommandRefused):
        devices._place(text)


def test_only_the_id_of_a_device_is_one():
    assert device_of(DEVICE) == b"d" * 20
    with pytest.raises(CommandRefused) as refusal:
        device_of(DEVICE.replace("device_", "party_"))
    assert refusal.value.reference == "cli/not_a_device"


def test_a_drawn_key_is_for_its_owner_alone_and_is_never_drawn_over(tmp_path):
    path = tmp_path / "scale.key"
    key = devices._drawn_key(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert devices._private_key(path).public_key == key.public_key
    with pytest.raises(CommandRefused) as refusal:
        devices._drawn_key(path)
    assert refusal.value.reference == "cli/file_exists"


def test_a_reading_is_printed_as_the_device_would_publish_it(tmp_path, monkeypatch):
    key = devices._drawn_key(tmp_path / "scale.key")
    monkeypatch.setattr(devices, "load_profile", _Profile)
    words = ["reading", DEVICE, "--no", "7", "--value", "-18.5", "--place", "31.2304,121.4737"]
    words += ["--key-file", str(tmp_path / "scale.key"), "--home", str(tmp_path)]
    told = CliRunner().invoke(device_app, words)
    assert told.exit_code == 0, told.output
    assert json.loads(told.stdout)["device"] == DEVICE
    found = read_payload(told.stdout.strip().encode())
    assert (found.no, found.value_e3, found.position) == (7, -18_500, (312_304_000, 1_214_737_000))
    assert is_signed_by(key.public_key, "a-chain", found)


class _Profile:
    """A home of which only the chain is asked."""

    def __init__(self, home):
        self.home = home
        self.chain_id = "a-chain"


def test_a_key_is_given_or_drawn_and_not_both(tmp_path):
    words = ["register", "weight", "--sign", "operations", "--home", str(tmp_path)]
    refused = CliRunner().invoke(device_app, words)
    assert isinstance(refused.exception, CommandRefused)
    assert refused.exception.reference == "cli/one_source"
