"""docker-compose.yml, .env.example and settings.py name the same things, and no secret is among them."""

import ast
import importlib
import importlib.util
import json
import re
import socket
import subprocess
import threading
import uuid
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import yaml
from django.core.files.storage import storages
from django.core.management import get_commands
from gunicorn.workers import SUPPORTED_WORKERS  # type: ignore[import-untyped]

from config import buckets, healthcheck
from config.embedded import BASE_DIR

APP_SERVICES = {"web", "worker", "beat", "live", "events", "setup"}
# Settings for a single machine and for development; a production host has no use for them.
NOT_FOR_PRODUCTION = {
    "DEBUG",
    "DEV_DB_NAME",
    "TEST_DB_SUFFIX",
    "PORT",
    "MEDIA_ROOT",
    "PRIVATE_ROOT",
    "SECURE_SSL_REDIRECT",
    "INTERNAL_URL",
}
# Set once in the image, the same for everyone.
IN_THE_IMAGE = {"STATIC_ROOT"}
NOT_DJANGO = {"WEB_CONCURRENCY", "PROMETHEUS_MULTIPROC_DIR", "METRICS_PORT"}  # gunicorn and prometheus-client read them
SECRETS = {"SECRET_KEY", "POSTGRES_PASSWORD", "VALKEY_PASSWORD", "S3_ACCESS_KEY", "S3_SECRET_KEY"}


def compose() -> dict[str, Any]:
    return yaml.safe_load((BASE_DIR / "docker-compose.yml").read_text())


def example() -> dict[str, str]:
    lines = (BASE_DIR / ".env.example").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def read_by_settings() -> set[str]:
    tree = ast.parse((BASE_DIR / "config" / "settings.py").read_text())
    return {
        str(call.args[0].value)
        for call in ast.walk(tree)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id in {"env", "env_flag", "env_list"}
        and isinstance(call.args[0], ast.Constant)
    }


def wanted_by_compose() -> dict[str, str]:
    text = re.sub(r"\$\$\w+", "", (BASE_DIR / "docker-compose.yml").read_text())
    found: dict[str, str] = {}
    for name, rest in re.findall(r"\$\{(\w+)([^}]*)\}", text):
        found[name] = found.get(name) or rest
    return found


def test_the_app_is_given_only_what_the_settings_read() -> None:
    for name in APP_SERVICES:
        given = set(compose()["services"][name]["environment"])
        assert given - NOT_DJANGO <= read_by_settings(), name


def test_the_app_is_given_all_that_the_settings_read() -> None:
    dockerfile = (BASE_DIR / "Dockerfile").read_text()
    assert all(f"{name}=" in dockerfile for name in IN_THE_IMAGE)
    for name in APP_SERVICES:
        given = set(compose()["services"][name]["environment"])
        assert read_by_settings() - NOT_FOR_PRODUCTION - IN_THE_IMAGE <= given, name


def test_the_example_lists_what_compose_wants_and_nothing_else() -> None:
    assert set(example()) == set(wanted_by_compose())


def test_compose_refuses_to_start_without_what_has_no_default() -> None:
    needed = {name for name, rest in wanted_by_compose().items() if rest.startswith(":?")}
    assert needed >= SECRETS
    assert {name for name, value in example().items() if not value} >= needed
    assert all(example()[name] for name, rest in wanted_by_compose().items() if re.match(":-.", rest))


def test_defaults_in_the_example_are_those_of_compose() -> None:
    for name, rest in wanted_by_compose().items():
        if rest.startswith(":-"):
            assert example()[name] == rest.removeprefix(":-"), name


def test_databases_are_not_reachable_from_outside() -> None:
    parts = compose()
    assert parts["networks"]["inside"] == {"internal": True}
    for name in ("postgres", "valkey", "objects"):
        assert parts["services"][name]["networks"] == ["inside"]
    assert {name for name, service in parts["services"].items() if "ports" in service} == {"proxy", "media"}


def test_what_the_media_server_is_told_is_readable_and_lets_nobody_in_unasked() -> None:
    told = yaml.safe_load(compose()["configs"]["media"]["content"].replace("$$", "$"))
    (path,) = told["paths"]
    published = [port.split(":")[1] for port in compose()["services"]["media"]["ports"]]

    assert told["authMethod"] == "http"
    assert told["authHTTPAddress"].endswith("/live/hooks/media/${LIVE_STREAM_SECRET}/")
    assert told["authHTTPExclude"] == [{"action": "metrics"}]
    assert told["metricsAddress"].startswith("127.0.0.1:")
    assert re.search(path.removeprefix("~"), f"live/{uuid.uuid4().hex}")
    assert not re.search(path.removeprefix("~"), f"live/{uuid.uuid4().hex}/more")
    assert published == ["1935", "8189/udp"], "reading (8554) is for the inside"


def test_every_lasting_service_has_a_health_check_and_is_restarted() -> None:
    services = compose()["services"]
    for name in services.keys() - {"setup", "web"}:
        assert services[name]["healthcheck"]["test"], name
        assert services[name]["restart"] == "unless-stopped"
    assert "HEALTHCHECK" in (BASE_DIR / "Dockerfile").read_text()  # web's


def test_every_command_that_the_files_name_exists() -> None:
    files = [BASE_DIR / "docker-compose.yml", BASE_DIR / "Dockerfile", *(BASE_DIR / "docs").glob("*.md")]
    text = "".join(file.read_text() for file in files)
    named = set(re.findall(r"manage\.py (\w+)", text))

    assert named >= {"migrate", "collectstatic", "load_places", "check"}
    assert named <= set(get_commands())


def test_every_program_that_the_services_start_exists() -> None:
    services, dockerfile = compose()["services"], (BASE_DIR / "Dockerfile").read_text()
    started = [services[name].get("command") for name in APP_SERVICES - {"setup"}]
    [of_the_image] = re.findall(r"^CMD (\[.*?\])$", dockerfile.replace("\\\n", ""), re.MULTILINE)
    for program, *rest in [*filter(None, started), json.loads(of_the_image)]:
        options = dict(word.split("=", 1) for word in rest if word.startswith("--") and "=" in word)
        if program == "gunicorn":
            assert re.search(r"\bapplication\b", (BASE_DIR / f"{rest[0].replace('.', '/')}.py").read_text()), rest
            assert options.get("--worker-class", "gthread") in SUPPORTED_WORKERS
            assert importlib.util.find_spec(options.get("--config", "python:config").removeprefix("python:"))
        elif program == "celery":
            assert importlib.import_module(f"{rest[1]}.celery").app.main
            assert rest[2] in {"worker", "beat"}
        else:
            assert (program, rest[0]) == ("python", "manage.py")
            assert rest[1] in get_commands()
    for module in re.findall(r"python\W+-m\W+([\w.]+)", (BASE_DIR / "docker-compose.yml").read_text() + dockerfile):
        assert importlib.util.find_spec(module), module


def test_the_proxy_is_given_what_its_file_reads_and_every_file_is_there() -> None:
    services, caddyfile = compose()["services"], (BASE_DIR / "deploy" / "Caddyfile").read_text()

    assert set(re.findall(r"\{\$(\w+)", caddyfile)) == set(services["proxy"]["environment"])
    assert set(re.findall(r"reverse_proxy (?:@\w+ )?([a-z]+):\d+", caddyfile)) <= set(services)
    for name, service in services.items():
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert (BASE_DIR / source).exists() if source.startswith(".") else source in compose()["volumes"], name
    for name in re.findall(r"^COPY (?!--from)([\w./-]+) ", (BASE_DIR / "Dockerfile").read_text(), re.MULTILINE):
        assert (BASE_DIR / name).exists(), name


def test_no_secret_and_no_output_is_committed() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=BASE_DIR, capture_output=True, text=True, check=False)  # noqa: S607
    if listed.returncode:
        pytest.skip("no git checkout, as in a downloaded archive: only git knows which files are committed")
    files = listed.stdout.splitlines()
    assert not [
        name for name in files if name == ".env" or name.startswith((".data/", ".venv/")) or name.endswith(".mo")
    ]


# --- The two small programs of the image ----------------------------------------------------------------------------


@pytest.fixture
def server() -> Iterator[ThreadingHTTPServer]:
    """Stands for the web server and for the object storage; remembers what it was asked."""

    class Handler(BaseHTTPRequestHandler):
        asked: list[tuple[str, str, str]] = []
        status = 200
        body = b""

        def answer(self) -> None:
            self.asked.append((self.command, self.path, self.headers["Host"]))
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.send_response(self.status)
            self.send_header("Content-Length", str(len(self.body)))
            self.end_headers()
            self.wfile.write(self.body)

        do_GET = do_PUT = answer

        def log_message(self, *arguments: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as httpd:
        httpd.handler = Handler  # type: ignore[attr-defined]
        threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield httpd
        httpd.shutdown()


def test_the_health_check_asks_as_the_shops_own_host(server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALLOWED_HOSTS", "shop.example,other.example")

    assert healthcheck.main(server.server_port) == 0
    assert server.handler.asked == [("GET", "/health/live", "shop.example")]
    server.handler.status = 500
    assert healthcheck.main(server.server_port) == 1


def test_the_health_check_fails_when_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]

    assert healthcheck.main(port) == 1


@pytest.fixture
def object_storage(server: Any, settings: Any) -> Any:
    options = {
        "endpoint_url": f"http://localhost:{server.server_port}",
        "access_key": "key",
        "secret_key": "secret",
    }
    s3 = "storages.backends.s3.S3Storage"
    settings.STORAGES = settings.STORAGES | {
        "default": {"BACKEND": s3, "OPTIONS": options | {"bucket_name": "photos"}},
        "private": {"BACKEND": s3, "OPTIONS": options | {"bucket_name": "private"}},
    }
    assert storages["default"].bucket_name == "photos"  # type: ignore[attr-defined]
    return server


def test_missing_buckets_are_made(object_storage: Any) -> None:
    assert buckets.make_buckets() == ["photos", "private"]
    assert [(verb, path.rstrip("/")) for verb, path, _ in object_storage.handler.asked] == [
        ("PUT", "/photos"),
        ("PUT", "/private"),
    ]


def test_buckets_that_are_there_are_left_alone(object_storage: Any) -> None:
    object_storage.handler.status = 409
    object_storage.handler.body = b"<Error><Code>BucketAlreadyOwnedByYou</Code></Error>"

    assert buckets.make_buckets() == []


def test_a_refusal_is_not_swallowed(object_storage: Any) -> None:
    from botocore.exceptions import ClientError

    object_storage.handler.status = 403
    object_storage.handler.body = b"<Error><Code>AccessDenied</Code></Error>"

    with pytest.raises(ClientError, match="AccessDenied"):
        buckets.make_buckets()
