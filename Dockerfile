# Serves a survey's database and report, to read only: `docker compose up` (compose.yaml).
# The folder that is mounted at /data holds survey.db and report/, as `make survey` makes them.
FROM python:3.13-slim

COPY requirements/serve.txt /tmp/
RUN ["python", "-m", "pip", "install", "--no-cache-dir", "--require-hashes", "-r", "/tmp/serve.txt"]

COPY datasette.yml /srv/
USER nobody
EXPOSE 8001
# Immutable: nothing is ever written, and no journal is looked for. A survey's own database holds
# pages of others, so it is not given away as a file; for readers elsewhere serve that of a bundle.
CMD ["datasette", "serve", "--immutable", "/data/survey.db", "--metadata", "/srv/datasette.yml", \
     "--static", "report:/data/report", "--setting", "allow_download", "off", \
     "--host", "0.0.0.0", "--port", "8001"]
