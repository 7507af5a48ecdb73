"""Which names may be written into a robots.txt without harm to others.

Some readers take a name for every name that begins with it or holds it as a word (Protego), or
that holds it anywhere (Python's urllib.robotparser); others stop at the first digit or dot
(Google's parser). `Spider` keeps Baiduspider out of a site for them, `ExaBot` the search engine
Exabot.
"""

import re

from crawler.registry import agents
from crawler.registry.agents import Agent, AgentStatus

BYSTANDERS = (
    # Search engines; names as their operators' help pages give them.
    "Googlebot", "Googlebot-Image", "Googlebot-News", "Googlebot-Video", "Storebot-Google",
    "Google-InspectionTool", "AdsBot-Google", "Mediapartners-Google", "APIs-Google",
    "bingbot", "adidxbot", "BingPreview", "MicrosoftPreview", "msnbot", "Slurp", "DuckDuckBot",
    "Applebot", "YandexBot", "YandexImages", "YandexMobileBot", "Baiduspider",
    "Baiduspider-image", "Sogou web spider", "Sogou inst spider", "360Spider", "HaoSouSpider",
    "Yisouspider", "Yeti", "Daum", "coccocbot-web", "SeznamBot", "Qwantbot", "Qwantify",
    "MojeekBot", "Bravebot", "Exabot", "KagiBot", "PetalBot", "SMTBot", "yacybot",
    "search.marginalia.nu",
    # Libraries and archives that keep the web.
    "ia_archiver", "archive.org_bot", "heritrix", "special_archiver", "bnf.fr_bot",
    "Arquivo-web-crawler", "NLNZ_IAHarvester", "bl.uk_lddc_bot", "netarkivet.dk", "webarchiv.cz",
)  # fmt: skip
"""Search engines and archives that no wish about training may touch."""

ARCHIVES = frozenset({"CCBot", "archive.org_bot", "ia_archiver"})
"""Whoever keeps these out is missing from public archives of the web, too."""

_TOO_COMMON = re.compile(r"code|spider|crawler|bot|agent|browser|cursor|search|fetcher")


def is_safe(token: str) -> bool:
    """Whether a name is read alike by all, and as nobody else's.

    It is a product token (RFC 9309 section 2.2.1), no common word, and no part of a bystander's.
    """
    low = token.lower()
    others = (name.lower() for name in BYSTANDERS)
    is_engine = token in BYSTANDERS
    shared = not is_engine and any(low in name for name in others)
    return agents.is_product_token(token) and not shared and not _TOO_COMMON.fullmatch(low)


def is_documented(agent: Agent) -> bool:
    """Whether its operator says that it uses the name, or many saw it in use."""
    return agent.documentation is not None or agent.status is AgentStatus.ACTIVE
