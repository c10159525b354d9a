"""Azurite, over TLS with tokens and over http with its key, as long as the tests of this folder run."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import trustme
from providers.azure.api.cloud import CLIENT, SECRET, TENANT, Cloud, serve, trusted

if TYPE_CHECKING:
    from collections.abc import Iterator

VERSION = "3.35.0"
"""The newest for Node 20."""
ACCOUNT = "devstoreaccount1"
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
"""Azurite's own, which its documentation publishes."""
_PATIENCE = 30.0


@dataclass(frozen=True)
class Storage:
    """A running Azurite."""

    url: str
    authority: Path | None = None


@pytest.fixture(scope="session")
def azurite(pytestconfig: pytest.Config) -> list[str]:
    """The command that starts Azurite: installed, or put into pytest's cache folder once for this machine."""
    found = shutil.which("azurite-blob")
    if found:
        return [found]
    npm = shutil.which("npm")
    if npm is None or pytestconfig.cache is None:
        pytest.skip("Azurite is not installed, and neither is npm to install it")
    home = Path(pytestconfig.cache.mkdir(f"azurite-{VERSION}"))
    program = home / "node_modules" / ".bin" / "azurite-blob"
    if not program.exists():
        command = [npm, "install", "--prefix", str(home), "--no-audit", "--no-fund", "--silent", f"azurite@{VERSION}"]
        done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=300)
        if done.returncode or not program.exists():
            pytest.skip(f"Azurite {VERSION} cannot be installed by npm: {done.stderr.strip()[-200:]}")
    return [str(program)]


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="session")
def secure(azurite: list[str], authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Storage]:
    """Over TLS; tokens count, and the key."""
    folder = tmp_path_factory.mktemp("azurite-tls")
    certificate = authority.issue_cert("127.0.0.1")
    certificate.private_key_pem.write_to_path(folder / "key.pem")
    certificate.cert_chain_pems[0].write_to_path(folder / "cert.pem")
    options = ["--cert", str(folder / "cert.pem"), "--key", str(folder / "key.pem"), "--oauth", "basic"]
    with _running([*azurite, *options], folder) as port:
        yield Storage(f"https://127.0.0.1:{port}", trusted(folder, authority))


@pytest.fixture(scope="session")
def plain(azurite: list[str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Storage]:
    """Over http, with the key only."""
    with _running(azurite, tmp_path_factory.mktemp("azurite-http")) as port:
        yield Storage(f"http://127.0.0.1:{port}")


class _running:  # noqa: N801  used like a function
    """A server on a free port of this machine, which is stopped whatever happens."""

    def __init__(self, command: list[str], folder: Path) -> None:
        with socket.socket() as found:
            found.bind(("127.0.0.1", 0))
            self.port = int(found.getsockname()[1])
        where = ["--blobHost", "127.0.0.1", "--blobPort", str(self.port), "--location", str(folder / "data")]
        self.command = [*command, *where, "--silent", "--disableTelemetry", "--skipApiVersionCheck"]
        self.log = folder / "log.txt"

    def __enter__(self) -> int:
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(self.command, stdout=log, stderr=log)
        end = time.monotonic() + _PATIENCE
        while time.monotonic() < end:
            if self.process.poll() is not None:
                break
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return self.port
            time.sleep(0.05)
        self.__exit__()
        pytest.fail(f"Azurite does not start: {self.log.read_text()[-500:]}")

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@pytest.fixture
def cloud(authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    """The rest of Azure, and the variables of somebody who may sign in there."""
    for name in list(os.environ):
        if name.startswith("AZURE_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(trusted(tmp_path, authority)))
    for name, value in (("TENANT_ID", TENANT), ("CLIENT_ID", CLIENT), ("CLIENT_SECRET", SECRET)):
        monkeypatch.setenv(f"AZURE_{name}", value)
    yield from serve(Cloud(), authority.issue_cert("127.0.0.1"))
