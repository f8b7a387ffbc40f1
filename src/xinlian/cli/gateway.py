"""``xinlian gateway``: take readings of devices, record them, raise alerts; check what was kept.

Rules this file keeps:
 1. The libraries of MQTT are optional: without them these commands say what to install.
"""

import importlib
from pathlib import Path
from types import ModuleType
from typing import Annotated, Final

import typer

from xinlian.cli.devices import DeviceArgument, device_of
from xinlian.cli.options import HomeOption, JsonOption
from xinlian.cli.output import CommandRefused, show
from xinlian.cli.session import opened

gateway_app = typer.Typer(no_args_is_help=True)

READINGS_FOLDER: Final = "readings"
_VERSIONS: Final = ("5", "3.1.1")

ReadingsOption = Annotated[
    Path | None,
    typer.Option(
        "--readings",
        help="读数保存目录,默认在主目录下 / where readings are kept; in the home by default",
        file_okay=False,
    ),
]
ListenOption = Annotated[
    str, typer.Option(help="内置代理的监听地址 / where the embedded broker listens")
]
CertificateOption = Annotated[
    Path | None, typer.Option(help="内置代理的证书 / the embedded broker's certificate, PEM")
]
KeyOption = Annotated[Path | None, typer.Option(help="证书私钥 / its private key, PEM")]
BrokerOption = Annotated[
    str, typer.Option(help="改用外部代理 / a broker elsewhere, such as mqtts://USER@HOST:8883")
]
TopicOption = Annotated[str, typer.Option(help="外部代理的主题 / topic at a broker elsewhere")]
VersionOption = Annotated[
    str, typer.Option("--mqtt", help="外部代理的协议版本 / version spoken there: 5 | 3.1.1")
]
AuthorityOption = Annotated[
    Path | None, typer.Option(help="外部代理的 CA 证书 / its authority's certificate, PEM")
]
BatchOption = Annotated[
    int,
    typer.Option("--batch", help="批次间隔秒数 / seconds between batches", min=1, max=86_400),
]


@gateway_app.command("run", help="运行网关,直至中断 / run until interrupted")
def run(
    home: HomeOption,
    sign: Annotated[
        str, typer.Option("--sign", help="签署批次与报警的角色 / role that signs what is recorded")
    ],
    listen: ListenOption = "127.0.0.1:1883",
    tls_certificate: CertificateOption = None,
    tls_key: KeyOption = None,
    broker: BrokerOption = "",
    topic: TopicOption = "xinlian/readings/#",
    version: VersionOption = "5",
    ca_file: AuthorityOption = None,
    readings: ReadingsOption = None,
    batch_seconds: BatchOption = 60,
) -> None:
    """Take signed readings of this organisation's devices from MQTT.

    By default from a broker inside (MQTT 3.1.1), with --broker from any other. What was taken and
    refused is told on standard error every minute. A password comes from XINLIAN_MQTT_PASSWORD.
    """
    if version not in _VERSIONS:
        raise CommandRefused("cli/field_refused", "--mqtt is 5 or 3.1.1")
    work = _work()
    source = work.Source(
        listen=listen,
        certificate=tls_certificate,
        key=tls_key,
        broker=broker,
        topic=topic,
        is_version_5=version == "5",
        ca_file=ca_file,
    )
    with opened(home) as session:
        work.work(session, sign, readings or home / READINGS_FOLDER, source, batch_seconds)


@gateway_app.command(
    "check", help="核对保存的读数与账本记录 / compare kept readings with the ledger"
)
def check(
    device: DeviceArgument,
    home: HomeOption,
    readings: ReadingsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Compute the root of each recorded batch of a device from the readings that were kept."""
    device_of(device)
    work = _work()
    with opened(home) as session:
        found = work.check(session, device, readings or home / READINGS_FOLDER)
    result: dict[str, object] = {
        "device": device,
        "batches": found.batch_count,
        "readings": found.reading_count,
        "unsigned": found.unsigned_count,
        "differing": list(found.differing),
    }
    show(result, as_json=as_json)
    if found.differing or found.unsigned_count:
        raise CommandRefused(
            "gateway/readings_differ",
            "保存的读数与账本不符 / kept readings do not give the ledger's roots",
            "look for them in a backup: the ledger's root is what counts / 请从备份中找回读数",
        )


def _work() -> ModuleType:
    """Return what does the work; raises CommandRefused without the optional libraries."""
    try:
        return importlib.import_module("xinlian.cli.gateway_work")
    except ModuleNotFoundError as error:
        raise CommandRefused(
            "gateway/libraries_missing",
            f"缺少 MQTT 库 / the libraries of MQTT are missing: {error.name}",
            "pip install 'xinlian[iot]'",
        ) from None
