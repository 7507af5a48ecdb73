# A worker: `docker build -f crawler/operation/worker.Dockerfile -t optout-worker .`
FROM python:3.13-slim

COPY requirements/base.txt requirements/build.txt requirements/redis.txt /tmp/requirements/
RUN ["python", "-m", "pip", "install", "--no-cache-dir", "--require-hashes", \
     "-r", "/tmp/requirements/base.txt", "-r", "/tmp/requirements/build.txt", \
     "-r", "/tmp/requirements/redis.txt"]
COPY . /opt/optout
RUN ["python", "-m", "pip", "install", "--no-cache-dir", "--no-deps", "--no-build-isolation", "/opt/optout"]
USER nobody
ENTRYPOINT ["/opt/optout/crawler/operation/part.sh"]
