"""ClickHouse over HTTP, the 18.16 of Debian 12."""
import urllib.parse

from harness import Process, free_port, peer
from peers import good, request

CONFIG = """<yandex>
<logger><level>warning</level><console>1</console></logger>
<http_port>{port}</http_port><tcp_port>{tcp}</tcp_port><listen_host>127.0.0.1</listen_host>
<path>{folder}/</path><tmp_path>{folder}/tmp/</tmp_path><users_config>{users}</users_config>
<default_profile>default</default_profile><default_database>default</default_database>
<mark_cache_size>5242880</mark_cache_size><max_concurrent_queries>20</max_concurrent_queries><timezone>UTC</timezone>
</yandex>
"""
USERS = """<yandex> <profiles><default></default></profiles><quotas><default></default></quotas>
<users><{user}><password>{password}</password><networks><ip>127.0.0.1</ip></networks><profile>default</profile><quota>default</quota></{user}></users>
</yandex>
"""


class ClickHouse:
    """sql(text, body) gives what the server answers, as text; X-ClickHouse-User pi, -Key s3cret."""

    user, password = "pi", "s3cret"

    def __init__(self, case):
        self.port = free_port()
        users = case.file(f"users-{self.port}.xml", USERS.format(user=self.user, password=self.password))
        config = CONFIG.format(port=self.port, tcp=free_port(), folder=f"{case.folder}/clickhouse-{self.port}", users=users)
        path = case.file(f"clickhouse-{self.port}.xml", config)
        self.process = Process(case, [peer("PEER_CLICKHOUSE"), f"--config-file={path}"], "clickhouse").wait_ready(self.port, "/")
        self.url = f"http://127.0.0.1:{self.port}"

    def sql(self, text, body=b""):
        path = "/?" + urllib.parse.urlencode({"query": text})
        return good(request(self.port, "POST", path, body, {"X-ClickHouse-User": self.user,
                                                            "X-ClickHouse-Key": self.password})).decode()

    def end(self, *how):
        return self.process.end(*how)
