"""--auth-filter: who scrapes is known to the cluster and may, or gets nothing; the cluster is asked by TokenReview and
SubjectAccessReview, and not for every scrape."""
import kube_page
from harness import get, main, until
from kube_case import KubeCase, reference


class AuthFilter(KubeCase):
    def test_scrapers(self):
        server = self.stand_in()
        server.scrapers = {"good": "prometheus", "other": "somebody"}
        server.grants = {("prometheus", "get", "/metrics")}
        run = self.exporter(server, "--auth-filter")
        scrape = lambda token: get(run.port, "/metrics", {"Authorization": f"Bearer {token}"} if token else {})  # noqa: E731
        until(lambda: run.health("/metrics") in (401, 403), 20, "a guarded page")

        def good():
            status, _, body = scrape("good")
            return kube_page.Page(body).samples if status == 200 else {}

        until(lambda: good() == reference("expected").samples, 20, "the whole page")
        self.assertEqual([scrape(token)[0] for token in ("", "bad", "other", "good")], [401, 401, 403, 200])
        before = len(server.requests("/apis/authentication.k8s.io/v1/tokenreviews"))
        for _ in range(10):
            self.assertEqual(scrape("good")[0], 200)
        self.assertLess(len(server.requests("/apis/authentication.k8s.io/v1/tokenreviews")) - before, 5)


if __name__ == "__main__":
    main()
