"""``xinlian device``: register and retire devices, and sign a reading as one would.

Rules this file keeps:
 1. A device's private key belongs into the device.  One that is drawn here goes into a file of its
    own, for whoever equips the device, and is never part of a keyring.
 2. Values are decimals with at most three places; the ledger counts thousandths.
"""

import re
import sys
from pathlib import Path
from typing import Annotated, Final

import typer

from xinlian.cli.home import read_file, write_private_file
from xinlian.cli.message_fields import parse_moment, parse_party
from xinlian.cli.options import HomeOption, JsonOption, SignOption
from xinlian.cli.output import CommandRefused, show
from xinlian.cli.session import opened
from xinlian.client.organisation import Organisation
from xinlian.client.profile import load_profile
from xinlian.client.session import Session
from xinlian.crypto.ed25519 import PUBLIC_KEY_BYTES, SEED_BYTES, SigningKey
from xinlian.modules.devices.messages import RegisterDevice, RetireDevice
from xinlian.primitives import format_id, parse_id
from xinlian.primitives.ids import MalformedId
from xinlian.primitives.time import iso_of_ms

device_app = typer.Typer(no_args_is_help=True)

_VALUE: Final = re.compile(r"(-?)(\d{1,9})(?:\.(\d{1,3}))?")
_PLACE: Final = re.compile(r"(-?\d{1,2}(?:\.\d{1,7})?),(-?\d{1,3}(?:\.\d{1,7})?)")
_DEGREE: Final = 10_000_000
_THOUSAND: Final = 1_000

DeviceArgument = Annotated[str, typer.Argument(help="device_…")]


@device_app.command("register", help="登记设备 / register a device and its key")
def register(
    kind: Annotated[
        str,
        typer.Argument(
            help="temperature 温度 | humidity 湿度 | weight 重量 | level 液位"
            " | position 位置 | seal 封条"
        ),
    ],
    sign: SignOption,
    home: HomeOption,
    key: Annotated[
        str, typer.Option("--key", help="设备公钥,十六进制 / the device's public key, hexadecimal")
    ] = "",
    new_key: Annotated[
        Path | None,
        typer.Option(help="生成密钥并将私钥写入此文件 / draw a key; its private part goes here"),
    ] = None,
    serves: Annotated[
        str,
        typer.Option(help="所服务的机构,默认本机构 / whose goods it measures; by default yours"),
    ] = "",
    interval_seconds: Annotated[
        int, typer.Option("--interval", help="上报间隔秒数 / seconds between readings", min=1)
    ] = 60,
    silence_seconds: Annotated[
        int, typer.Option("--silence", help="失联秒数 / seconds after which it is silent", min=1)
    ] = 600,
    lowest: Annotated[str, typer.Option(help="正常下限 / lowest good value")] = "-999999999",
    highest: Annotated[str, typer.Option(help="正常上限 / highest good value")] = "999999999",
    speed_max_kmh: Annotated[
        int, typer.Option("--speed", help="最高时速,0 不判断 / greatest km/h; 0: not judged", min=0)
    ] = 0,
    flat_after: Annotated[
        int,
        typer.Option("--flat", help="相同读数上限,0 不判断 / equal readings; 0: not judged", min=0),
    ] = 0,
    until: Annotated[str, typer.Option(help="有效期 / until when it counts")] = "+365d",
    as_json: JsonOption = False,
) -> None:
    """Send ``devices.RegisterDevice``; the answer names the id by which the device signs."""
    if bool(key) == (new_key is not None):
        raise CommandRefused("cli/one_source", "give one of --key and --new-key")
    drawn = None if new_key is None else _drawn_key(new_key)
    with opened(home) as session:
        message = RegisterDevice(
            serves=_party(session.organisation, serves),
            public_key=_public_key(key) if drawn is None else drawn.public_key,
            kind=kind,
            interval_ms=interval_seconds * _THOUSAND,
            silence_ms=silence_seconds * _THOUSAND,
            lowest_e3=parse_value(lowest),
            highest_e3=parse_value(highest),
            speed_max_kmh=speed_max_kmh,
            flat_after=flat_after,
            terms_root=b"",
            until_ms=_moment(session, until),
        )
        message.validate_basic()
        submitted = session.submit(message, roles=sign)
    result: dict[str, object] = {
        "device": format_id("device", submitted.created_id("device")),
        "public_key": message.public_key.hex(),
        "until": iso_of_ms(message.until_ms),
        "height": submitted.outcome.height,
        "next": "let it watch a claim: xinlian tx evidence watch-subject",
    }
    show(result, as_json=as_json)


@device_app.command("retire", help="停用设备 / take a device out of use for good")
def retire(
    device: DeviceArgument, sign: SignOption, home: HomeOption, as_json: JsonOption = False
) -> None:
    """Send ``devices.RetireDevice``; what it still watches is withheld until it is freed."""
    wanted = device_of(device)
    with opened(home) as session:
        submitted = session.submit(RetireDevice(wanted), roles=sign)
    show({"device": device, "height": submitted.outcome.height}, as_json=as_json)


@device_app.command("reading", help="以设备私钥签署一条读数 / sign a reading as the device would")
def reading(
    device: DeviceArgument,
    number: Annotated[int, typer.Option("--no", help="读数编号,递增 / its number, ascending")],
    value: Annotated[str, typer.Option(help="读数 / the value")],
    key_file: Annotated[
        Path, typer.Option(help="设备私钥文件 / file of --new-key", dir_okay=False)
    ],
    home: HomeOption,
    taken_at: Annotated[str, typer.Option("--at", help="时刻,默认现在 / moment; now")] = "+0s",
    place: Annotated[
        str, typer.Option(help="纬度,经度 / latitude,longitude such as 31.2304,121.4737")
    ] = "",
) -> None:
    """Print the payload that a device publishes on ``xinlian/readings``; nothing is sent."""
    from xinlian.connectors.devices import Reading, payload_of, sign_reading
    from xinlian.engines.embedded.clock import wall_clock_ms

    latitude, longitude = _place(place) if place else (None, None)
    unsigned = Reading(
        device=device_of(device),
        no=number,
        taken_at_ms=_parsed_moment(taken_at, wall_clock_ms()),
        value_e3=parse_value(value),
        latitude_e7=latitude,
        longitude_e7=longitude,
        signature=bytes(64),
    )
    signed = sign_reading(_private_key(key_file), load_profile(home).chain_id, unsigned)
    sys.stdout.write(payload_of(signed).decode("ascii") + "\n")


def device_of(text: str) -> bytes:
    """Return the id of a device; raises CommandRefused."""
    try:
        return parse_id("device", text)
    except MalformedId as error:
        raise CommandRefused("cli/not_a_device", str(error)) from None


def parse_value(text: str) -> int:
    """Return the thousandths of a decimal; raises CommandRefused.

    >>> parse_value("-18.5")
    -18500
    """
    match = _VALUE.fullmatch(text)
    if match is None:
        raise CommandRefused("cli/field_refused", f"{text!r}: write a decimal such as -18.5")
    size = int(match[2]) * _THOUSAND + int((match[3] or "").ljust(3, "0"))
    return -size if match[1] else size


def _place(text: str) -> tuple[int, int]:
    match = _PLACE.fullmatch(text)
    if match is None:
        raise CommandRefused("cli/field_refused", f"{text!r}: write such as 31.2304,121.4737")
    latitude, longitude = (_degrees_e7(match[part]) for part in (1, 2))
    if abs(latitude) > 90 * _DEGREE or abs(longitude) > 180 * _DEGREE:
        raise CommandRefused("cli/field_refused", f"{text!r} is nowhere on earth")
    return latitude, longitude


def _degrees_e7(text: str) -> int:
    whole, _, part = text.lstrip("-").partition(".")
    size = int(whole) * _DEGREE + int(part.ljust(7, "0") or 0)
    return -size if text.startswith("-") else size


def _party(organisation: Organisation, text: str) -> bytes:
    if not text:
        return organisation.party
    try:
        return parse_party(text, organisation.chain_id)
    except MalformedId as error:
        raise CommandRefused("cli/not_a_party", str(error)) from None


def _moment(session: Session, text: str) -> int:
    return _parsed_moment(text, session.now_ms())


def _parsed_moment(text: str, now_ms: int) -> int:
    try:
        return parse_moment(text, now_ms)
    except ValueError:
        raise CommandRefused(
            "cli/field_refused", f"{text!r}: write such as +90d or 2027-03-01T09:00:00+08:00"
        ) from None


def _public_key(text: str) -> bytes:
    try:
        found = bytes.fromhex(text)
    except ValueError:
        found = b""
    if len(found) != PUBLIC_KEY_BYTES:
        raise CommandRefused("cli/field_refused", "a public key is 64 hexadecimal digits")
    return found


def _drawn_key(path: Path) -> SigningKey:
    """Draw a key and write its private part to a new file; raises CommandRefused."""
    import secrets

    if path.exists():
        raise CommandRefused("cli/file_exists", f"{path} exists", "name a file that does not")
    seed = secrets.token_bytes(SEED_BYTES)
    write_private_file(path, seed.hex().encode("ascii") + b"\n")
    return SigningKey(seed)


def _private_key(path: Path) -> SigningKey:
    try:
        seed = bytes.fromhex(read_file(path).decode("ascii").strip())
    except ValueError:
        seed = b""
    if len(seed) != SEED_BYTES:
        raise CommandRefused("cli/not_a_key", f"{path} holds no key of a device")
    return SigningKey(seed)
