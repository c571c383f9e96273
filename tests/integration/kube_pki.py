"""Certificates for the stand-in API server, by the openssl program, and the kubeconfig files that lead to it."""
import base64
import json
import pathlib
import ssl
import subprocess


class Pki:
    """In a folder: an authority (ca), the server's certificate, a client's, and an authority that signed nothing (other)."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        for name in ("ca", "other"):
            self.run("req", "-x509", *self.key(name), "-days", "2", "-subj", f"/CN={name}", "-out", f"{name}.pem")
        self.issue("server", "/CN=kube-apiserver", "subjectAltName=IP:127.0.0.1,DNS:localhost,DNS:kubernetes.default.svc")
        self.issue("client", "/O=readers/CN=pi-reader", "extendedKeyUsage=clientAuth")

    def run(self, *arguments):
        subprocess.run(["openssl", *arguments], cwd=self.folder, check=True, stdin=subprocess.DEVNULL, capture_output=True)

    def key(self, name):
        return ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", f"{name}.key"]

    def issue(self, name, subject, extension):
        (self.folder / f"{name}.ext").write_text(extension + "\n")
        self.run("req", "-new", *self.key(name), "-subj", subject, "-out", f"{name}.csr")
        self.run("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2",
                 "-extfile", f"{name}.ext", "-out", f"{name}.pem")

    def path(self, name):
        return self.folder / name

    def data(self, name):
        return base64.b64encode(self.path(name).read_bytes()).decode()

    def context(self):
        """The server's: a client's certificate is read when there is one."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.path("server.pem"), self.path("server.key"))
        context.verify_mode = ssl.CERT_OPTIONAL
        context.load_verify_locations(self.path("ca.pem"))
        return context


def kubeconfig(path, url, user, cluster=None, context=None):
    """A kubeconfig in block style, with a second context that leads nowhere; `user` and `cluster` are the fields of theirs."""
    lines = ["apiVersion: v1", "kind: Config", f"current-context: {context or 'pi'}", "preferences: {}", "contexts:",
             "- name: nowhere", "  context: {cluster: nowhere, user: nobody}",
             "- name: pi", "  context:", "    cluster: pi", "    user: reader", "    namespace: default", "clusters:",
             "- name: nowhere", "  cluster: {server: 'https://127.0.0.1:1'}", "- name: pi", "  cluster:", f"    server: {url}"]
    lines += [f"    {key}: {json.dumps(value)}" for key, value in (cluster or {}).items()]
    lines += ["users:", "- name: nobody", "  user: {}", "- name: reader", "  user:" if user else "  user: {}"]
    lines += [f"    {key}: {json.dumps(value)}" for key, value in user.items()]
    path = pathlib.Path(path)
    path.write_text("\n".join(lines) + "\n")
    path.chmod(0o600)
    return path
