"""What one fetch learns on its way, hop by hop, becomes its Capture."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from time import monotonic, time
from typing import Self

from crawler.fetch.conditional import Conditions
from crawler.fetch.content_coding import Content
from crawler.fetch.http1 import Head
from crawler.fetch.urls import Target
from crawler.fetch.usage import Usage
from crawler.model import Capture, Failure, Hop


@dataclass(slots=True)
class Exchange:
    """What is known of a fetch so far; a Capture can be made of it at any point."""

    resource: str
    url: str
    final_url: str
    began: float
    """Unix time."""
    started: float
    usage: Usage
    conditions: Mapping[str, Conditions]
    user_agent: str = ""
    method: str = "GET"
    hops: list[Hop] = field(default_factory=list)
    head: Head | None = None
    content: Content | None = None
    size: int = 0
    failure: Failure | None = None
    detail: str | None = None
    capped: bool = False
    """Body and framing took more bytes than they may."""
    data_loss: bool = False
    address: str | None = None
    tls: str | None = None
    first_byte: float | None = None

    @classmethod
    def begin(
        cls,
        resource: str,
        url: str,
        usage: Usage | None = None,
        conditions: Mapping[str, Conditions] | None = None,
    ) -> Self:
        """Note where and when a fetch begins, and who keeps its account."""
        return cls(
            resource,
            url,
            final_url=url,
            began=time(),
            started=monotonic(),
            usage=usage or Usage(),
            conditions=conditions or {},
        )

    @property
    def asked_if(self) -> Conditions:
        """Header lines that make the request for the present address conditional."""
        return self.conditions.get(self.final_url, ())

    def step(self, location: str, target: Target) -> None:
        """Leave for the next address."""
        status = self.head.status if self.head else 0
        self.hops.append(Hop(self.final_url, status, location))
        self.final_url = target.url
        self.head = self.content = self.address = self.tls = self.first_byte = None
        self.data_loss = False

    def wait(self, seconds: float) -> None:
        """Leave time spent waiting for our turn out of the account."""
        self.started += seconds
        if not self.hops:
            self.began = time()

    def fail(self, failure: Failure, detail: str) -> None:
        """Note why no complete answer came; `detail` may hold a site's words, so is cut."""
        self.failure, self.detail = failure, detail[:300]

    def capture(self) -> Capture:
        """Everything known, as the record of this fetch."""
        head, content = self.head, self.content
        return Capture(
            resource=self.resource,
            url=self.url,
            final_url=self.final_url,
            hops=tuple(self.hops),
            status=head.status if head else None,
            http_version=head.version if head else None,
            reason_phrase=head.reason if head else None,
            headers=head.headers if head else (),
            body=content.body if content else b"",
            size=self.size,
            failure=self.failure,
            detail=self.detail,
            truncated=self.capped or bool(content and content.full),
            data_loss=self.data_loss or bool(content and content.cut and not self.capped),
            coding_error=bool(content and content.coding_error),
            address=self.address,
            tls=self.tls,
            started_at=_stamp(self.began),
            elapsed=monotonic() - self.started,
            first_byte=self.first_byte,
        )


def _stamp(moment: float) -> str:
    text = datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")
