"""nginx before a peer: TLS, auth, 413, 429, slow and dead upstreams."""
import os
import pathlib

from harness import Process, free_port, peer
from peers import wait_ready

CONFIG = """
daemon off; {user} worker_processes 1; pid {folder}/pid; error_log stderr warn; events {{ worker_connections 100; }} http {{
access_log {folder}/access.log; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path
{folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s; {http} server {{ listen 127.0.0.1:{port} {listen}; {tls}
{server} location / {{ proxy_pass http://127.0.0.1:{upstream}; proxy_http_version 1.1; proxy_set_header Connection "";
{location} }} location = /nginx-is-up {{ return 200 "up"; }} }} }}
"""


class Nginx:
    """Before 127.0.0.1:upstream. http, server, location: further directives there, as in
        Nginx(case, victoria.port, server="client_max_body_size 1k;")                                                    413
        Nginx(case, victoria.port, http="limit_req_zone $server_port zone=z:1m rate=1r/s;",
              location="limit_req zone=z; limit_req_status 429;")                                                        429
        Nginx(case, victoria.port, location=nginx.basic(case, "me", "s3cret"))                                           401
    tls: (certificate, key) paths."""

    def __init__(self, case, upstream, http="", server="", location="", tls=None):
        self.port = free_port()
        folder = pathlib.Path(case.folder) / f"nginx-{self.port}"
        folder.mkdir()
        config = CONFIG.format(folder=folder, port=self.port, upstream=upstream, http=http, server=server, location=location,
                               listen="ssl" if tls else "", tls=f"ssl_certificate {tls[0]}; ssl_certificate_key {tls[1]};" if tls
                               else "",
                               user="user root;" if os.geteuid() == 0 else "")
        path = case.file(f"nginx-{self.port}.conf", config)
        self.process = Process(case, [peer("PEER_NGINX"), "-c", path, "-p", folder, "-e", "stderr"], "nginx")
        self.url = f"http{'s' if tls else ''}://127.0.0.1:{self.port}"
        self.access_log = folder / "access.log"
        wait_ready(self.process, self.port, "/nginx-is-up", (200, 400, 401))  # 400: plain HTTP to the port of TLS

    def end(self, *how):
        return self.process.end(*how)


def basic(case, user, password):
    """Directives that want these from everybody."""
    path = case.file("htpasswd", f"{user}:{{PLAIN}}{password}\n")
    return f'auth_basic "pi"; auth_basic_user_file {path};'
