"""Scrapy settings; each one that is not Scrapy's default says why.

Change them as with any Scrapy project: `-s NAME=value`.
"""

from crawler import __version__

BOT_NAME = "optout"
SPIDER_MODULES = ["spiders"]
NEWSPIDER_MODULE = "spiders"

# Our own settings -----------------------------------------------------------
# The token that site owners write in robots.txt; the User-Agent header repeats it.
SURVEY_PRODUCT_TOKEN = "OptOutObservatory"  # noqa: S105 - a name, not a secret
SURVEY_CONTACT = ""  # address or URL; a live wave refuses to start without one
SURVEY_DB = "survey.db"
SURVEY_HOSTS_FILE = ""
SURVEY_SCHEME = "auto"  # https, http, or auto: https first, http where https is unreachable
SURVEY_VANTAGE = ""
SURVEY_COUNTRY = ""  # where the requests come from, two letters; nobody is asked about it
SURVEY_IP_FAMILY = "any"  # any, 4 or 6
# An HTTP proxy, http://host:port, that makes tunnels (CONNECT) to ports 80 and 443. Names are
# resolved and addresses refused here all the same: it is asked for numeric addresses only.
SURVEY_PROXY = ""
# Ask once more for robots.txt and the home page under SURVEY_BROWSER, to compare the answers.
SURVEY_CLOAKING_CHECK = False
SURVEY_BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
# Hosts that are known to answer: while none does, failures of sites are taken for our own.
SURVEY_CANARIES: list[str] = []
SURVEY_CANARY_SECONDS = 60.0  # at most so often, and only when a failure is to be believed
SURVEY_SEED = 0
SURVEY_STRICT_PANEL = False
SURVEY_SHARD = ""  # `2/4`: the second of four parts of the panel, by registrable domain
SURVEY_JOBS = ""  # address of a Redis server: jobs that several workers share
SURVEY_JUDGE = True  # judge the wave when the crawl is over
SURVEY_MAX_BYTES = 1024 * 1024  # per resource; the first bytes are kept
SURVEY_ROBOTS_MAX_BYTES = 500 * 1024 + 1  # RFC 9309 section 2.5; one more tells "over"
SURVEY_MAX_REDIRECTS = 5  # RFC 9309 section 2.3.1.2
SURVEY_CONDITIONAL = True  # ask whether what an earlier wave has still holds
SURVEY_ROBOTS_MAX_AGE = 24 * 3600.0  # seconds; RFC 9309 section 2.4
SURVEY_MEMORY = 128 * 1024 * 1024  # bytes of bodies that all visits under way hold together
SURVEY_READERS = 2  # processes that read pages for the crawl itself; started when first needed
SURVEY_PROGRESS = True
SURVEY_LOG_JSON = False  # progress and log as one JSON object a line

# Politeness --------------------------------------------------------------------
SURVEY_DO_NOT_SURVEY = ""  # file of hosts, suffixes and networks: see crawler/exclusions.py
SURVEY_ADDRESS_CONNECTIONS = 8  # at once, to one public address: a hoster's has many domains
# Statuses of robots.txt, besides 429 and 5xx, that keep us out. RFC 9309 section 2.3.1.3 lets
# crawlers in on any other 4xx; some take 401 and 403 for a refusal of the whole site.
SURVEY_ROBOTS_STAY_OUT: list[int] = []
SURVEY_MAX_CRAWL_DELAY = 30.0  # seconds; a site that asks for more is asked for one page only
SURVEY_MAX_RETRY_AFTER = 60.0  # seconds; a site that asks for more is left alone in this wave
SURVEY_RETRY_PAUSES = [10.0, 20.0]  # seconds before the second and third visit after a failure
SURVEY_SITE_REQUESTS = 48  # all that one site is asked in one wave, redirects and retries too
SURVEY_ASSET_HOSTS = 4  # hosts of works whose robots.txt is asked for by one site; 0: none
SURVEY_WORKS = 3  # works whose metadata is read, of one site, one of each kind; 0: none
SURVEY_SITE_BYTES = 3 * 1024 * 1024  # all that one site sends, or unpacks to, in one wave
SURVEY_SITE_SECONDS = 90.0  # all the time of one visit, our own pauses apart

USER_AGENT = f"{SURVEY_PRODUCT_TOKEN}/{__version__}"  # the contact is added when a wave starts

# The crawl ------------------------------------------------------------------
CONCURRENT_REQUESTS = 128
CONCURRENT_REQUESTS_PER_DOMAIN = 1
CONCURRENT_ITEMS = 1  # Scrapy starts that many tasks for each response; measured: 1.5 x faster
DOWNLOAD_DELAY = 1.0  # least pause in seconds after a connection to one registrable domain
DOWNLOAD_DELAY_JITTER = 0.5  # and at most that share of it more; see crawler/politeness.py
DOWNLOAD_TIMEOUT = 15.0  # seconds for one request with its redirects; phases are fractions
REACTOR_THREADPOOL_MAXSIZE = 192  # look-ups; a silent name server must not starve the others
DOWNLOAD_HANDLERS = {
    "http": "crawler.wave.handler.SurveyDownloadHandler",
    "https": "crawler.wave.handler.SurveyDownloadHandler",
    "file": None,
    "data": None,
    "ftp": None,
    "s3": None,
}
ITEM_PIPELINES = {"crawler.wave.pipeline.StorePipeline": 100}
EXTENSIONS = {
    "crawler.wave.extensions.Progress": 100,
    "crawler.wave.extensions.JudgeAfterwards": 900,
    # Both would listen on a port and run what is sent to it.
    "scrapy.extensions.telnet.TelnetConsole": None,
    "scrapy.extensions.remote_control.RemoteControl": None,
    "scrapy.extensions.logstats.LogStats": None,
    "scrapy.extensions.corestats.CoreStats": None,
}
TELNETCONSOLE_ENABLED = False
REMOTE_CONTROL_ENABLED = False

# What Scrapy's middlewares do, the spider does by RFC 9309 or not at all:
# robots (fetches on 503 and time-out), redirects, retries, cookies, referrers, HTTP errors.
ROBOTSTXT_OBEY = False
DOWNLOADER_MIDDLEWARES_BASE: dict[str, int] = {}
SPIDER_MIDDLEWARES_BASE = {"scrapy.spidermiddlewares.start.StartSpiderMiddleware": 25}
DUPEFILTER_CLASS = "scrapy.dupefilters.BaseDupeFilter"  # the wave table is the queue
COOKIES_ENABLED = False
LOG_LEVEL = "WARNING"
"""Scrapy prints response data in its log lines; ours go through `safe_text`."""
