"""The demo web without sockets: each site's answers as captures, redirects and all."""

from collections.abc import Callable, Iterable

from crawler.answers import REDIRECTS
from crawler.demo.web import Answer, Behaviour, DemoSite
from crawler.fetch.limits import Failed
from crawler.fetch.urls import parse_target
from crawler.fetch.usage import Usage
from crawler.model import Capture, Failure, Hop

BROKEN = {
    Behaviour.DRIP: Failure.TIMEOUT_TOTAL,
    Behaviour.SILENT: Failure.TIMEOUT_FIRST_BYTE,
    Behaviour.RESET: Failure.CONNECTION_RESET,
    Behaviour.EMPTY_REPLY: Failure.EMPTY_REPLY,
    Behaviour.NOT_HTTP: Failure.NOT_HTTP,
    Behaviour.TLS_FAILURE: Failure.TLS_FAILURE,
    Behaviour.REFUSE: Failure.CONNECT_REFUSED,
    Behaviour.NO_SUCH_HOST: Failure.DNS_NXDOMAIN,
}


class DemoFetch:
    """Answers in the place of `Fetcher.fetch`; `asked` are the addresses in order."""

    def __init__(self, sites: Iterable[DemoSite]) -> None:
        self._by_name = {name: site for site in sites for name in site.names}
        self.asked: list[str] = []

    async def __call__(
        self,
        url: str,
        resource: str,
        *,
        max_bytes: int,
        max_redirects: int,
        may_follow: Callable[[str], bool] | None,
        usage: Usage,
        conditions: object = None,  # noqa: ARG002 - as of a server that knows no ranges
    ) -> Capture:
        hops: list[Hop] = []
        usage.requests += 1
        target = parse_target(url)
        while True:
            self.asked.append(target.url)
            site = self._by_name.get(target.host)
            failure = self._failure(site, target.scheme, target.host)
            if failure:
                return Capture(resource, url, target.url, tuple(hops), failure=failure)
            answer = site.answer(target.host, target.path, target.scheme)
            capture = _captured(resource, url, target.url, hops, answer, site, max_bytes)
            if answer.status not in REDIRECTS:
                return capture
            location = next(v for n, v in answer.headers if n.lower() == "location")
            try:
                following = target.follow(location.encode())
            except Failed as failed:
                return Capture(resource, url, target.url, tuple(hops), failure=failed.failure)
            if following.url in {hop.url for hop in hops} | {target.url}:
                return Capture(
                    resource, url, target.url, tuple(hops), failure=Failure.REDIRECT_LOOP
                )
            if len(hops) >= max_redirects:
                return Capture(
                    resource, url, target.url, tuple(hops), failure=Failure.REDIRECT_LIMIT
                )
            if may_follow is not None and not may_follow(following.url):
                return capture
            hops.append(Hop(target.url, answer.status, location))
            target = following

    def _failure(self, site: DemoSite | None, scheme: str, host: str) -> Failure | None:
        if site is None:
            dotted = host.replace(".", "").isdigit() or ":" in host or host == "localhost"
            return Failure.PRIVATE_ADDRESS if dotted else Failure.DNS_NXDOMAIN
        if site.behaviour is Behaviour.TLS_FAILURE and scheme == "http":
            return Failure.EMPTY_REPLY if "http" not in site.schemes else None
        if scheme not in site.schemes:
            return Failure.TLS_FAILURE if scheme == "https" else Failure.EMPTY_REPLY
        return BROKEN.get(site.behaviour)


def _captured(
    resource: str,
    url: str,
    final_url: str,
    hops: list[Hop],
    answer: Answer,
    site: DemoSite,
    max_bytes: int,
) -> Capture:
    headers = tuple((name.encode(), value.encode("latin-1")) for name, value in answer.headers)
    return Capture(
        resource, url, final_url, tuple(hops),
        status=answer.status,
        headers=headers,
        body=answer.body[:max_bytes],
        truncated=len(answer.body) > max_bytes,
        data_loss=site.behaviour is Behaviour.BODY_CUT and answer.status == 200,
    )  # fmt: skip
