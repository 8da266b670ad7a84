import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
import requests

from rehearsal.app import played
from rehearsal.server import Running
from rehearsal.state import environment_file


def answer_to(cloud: Running, head: str) -> str:
    port = int(cloud.environment["HTTPS_PROXY"].rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(head.encode())
        parts = list(iter(lambda: connection.recv(4096), b""))
    return b"".join(parts).decode()


@pytest.mark.parametrize(
    "authority", ["example.com:443", "example.org:443", "gitlab.com:22", "gitlab.com.example.org:443", "127.0.0.1:443"]
)
def test_a_host_that_is_not_played_is_refused_with_a_sentence(cloud: Running, authority: str):
    answer = answer_to(cloud, f"CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n\r\n")
    assert answer.startswith("HTTP/1.1 403 Forbidden\r\n")
    assert f"does not play {authority}, and lets nothing leave this machine." in answer


def test_a_plain_http_request_is_refused_with_a_sentence(cloud: Running):
    answer = answer_to(cloud, "GET http://gitlab.com/ HTTP/1.1\r\nHost: gitlab.com\r\n\r\n")
    assert answer.startswith("HTTP/1.1 403 Forbidden\r\n")
    assert "only takes CONNECT" in answer


def test_an_address_as_the_vaults_name_is_not_played():
    assert played("kv-gitlab-rehearsal.vault.azure.net")
    for host in ("vault.azure.net", ".vault.azure.net", "*.vault.azure.net", "a.b.vault.azure.net", "xvault.azure.net"):
        assert not played(host)


def test_a_played_host_answers_by_its_real_name_with_a_certificate_that_verifies(http: requests.Session):
    answer = http.get("https://gitlab.com/.well-known/openid-configuration", timeout=10)
    assert answer.json()["issuer"] == "https://gitlab.com"


def test_the_certificate_is_refused_by_a_client_that_does_not_know_the_authority(cloud: Running):
    proxies = {"https": cloud.environment["HTTPS_PROXY"]}
    with requests.Session() as session:
        session.trust_env = False
        with pytest.raises(requests.exceptions.SSLError):
            session.get("https://gitlab.com/", proxies=proxies, timeout=10)


def test_a_host_name_in_capitals_is_the_same_host(http: requests.Session):
    answer = http.get("https://GITLAB.com/oauth/discovery/keys", timeout=10)
    assert answer.status_code == 200


def test_an_unknown_call_on_a_played_host_answers_501_and_is_remembered(cloud: Running, http: requests.Session):
    answer = http.get("https://gitlab.com/api/v4/projects?private_token=hidden", timeout=10)
    assert answer.status_code == 501
    assert "does not play GET https://gitlab.com/api/v4/projects" in answer.text
    assert cloud.unplayed["GET https://gitlab.com/api/v4/projects"] == 1
    assert "hidden" not in str(cloud.unplayed)


def test_a_known_path_with_another_method_answers_501(cloud: Running, http: requests.Session):
    answer = http.put("https://gitlab.com/oauth/discovery/keys", timeout=10)
    assert answer.status_code == 501
    assert cloud.unplayed["PUT https://gitlab.com/oauth/discovery/keys"] == 1


def test_a_large_body_travels_both_ways_unchanged(cloud: Running, http: requests.Session):
    tenant = cloud.environment["AZURE_TENANT_ID"]
    grant = "x" * 300_000
    answer = http.post(
        f"https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token", data={"grant_type": grant}, timeout=10
    )
    assert answer.json()["error"] == "unsupported_grant_type"
    assert grant in answer.json()["error_description"]


def test_a_client_that_sends_a_head_without_end_is_dropped(cloud: Running):
    port = int(cloud.environment["HTTPS_PROXY"].rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection, suppress(ConnectionError):
        for _ in range(1000):
            connection.sendall(b"x" * 4096)
        pytest.fail("4 MB of a request's head were taken")


def test_running_out_of_file_descriptors_passes_with_the_connections(tmp_path: Path):
    limited = [
        "sh",
        "-c",
        'ulimit -n 40; exec "$0" -m rehearsal serve --state "$1"',
        sys.executable,
        str(tmp_path / "s"),
    ]
    serving = subprocess.Popen(limited, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert serving.stdout is not None
    assert serving.stderr is not None
    with serving.stdout, serving.stderr as told:
        told.readline()
        exported = environment_file(tmp_path / "s").read_text()
        variables = dict(line.removeprefix("export ").split("=", 1) for line in exported.splitlines())
        port = int(variables["HTTPS_PROXY"].rpartition(":")[2])
        crowd = [socket.create_connection(("127.0.0.1", port), timeout=5) for _ in range(60)]
        for one in crowd:
            one.close()
        answer = requests.get(
            "https://gitlab.com/.well-known/openid-configuration",
            proxies={"https": variables["HTTPS_PROXY"]},
            verify=variables["REQUESTS_CA_BUNDLE"],
            timeout=10,
        )
        assert answer.status_code == 200
        serving.terminate()
    assert serving.wait(timeout=10) == 0
