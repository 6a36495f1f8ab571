# One image for every command: `serve` (the default), `console`, `mocks`, `check`, `log`, `demo` ...
# Any Debian-like base with Python 3.11 or newer and its venv module will do: --build-arg BASE=...
ARG BASE=python:3.12-slim-bookworm

FROM ${BASE} AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python3 -m venv /opt/venv
# before the code, so that a change of code alone installs nothing again
COPY requirements/run.txt /tmp/run.txt
RUN /opt/venv/bin/pip install --require-hashes --only-binary :all: -r /tmp/run.txt
# .dockerignore lists what may come in
COPY . /app/
RUN /opt/venv/bin/pip install --no-deps --no-build-isolation --no-index -e /app \
    # what installs packages has no place in the image
    && /opt/venv/bin/python -m pip uninstall --quiet --yes setuptools pip \
    && rm -rf /app/*.egg-info /app/requirements \
    # the root is read-only where this runs: compiled now or at every start
    && /opt/venv/bin/python -m compileall -q -j 0 --invalidation-mode unchecked-hash /opt/venv/lib /app \
    # the configuration without the code that reads it, to be replaced by a folder of yours
    && mkdir /etc/lienthong && cp -R /app/config/. /etc/lienthong/ \
    && rm -rf /etc/lienthong/*.py /etc/lienthong/__pycache__ \
    && chmod -R u=rwX,go=rX /app /opt/venv /etc/lienthong

FROM ${BASE}
LABEL org.opencontainers.image.title="Lienthong Gateway" \
      org.opencontainers.image.description="One signed API in front of the national population, business and tax databases" \
      org.opencontainers.image.licenses="Apache-2.0"
ENV PATH=/opt/venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 HOME=/tmp LANG=C.UTF-8
# a new volume takes owner and mode of this folder: the keys in it are for one user alone
RUN mkdir -m 0700 /data && chown 10001:10001 /data
COPY --from=build /etc/lienthong /etc/lienthong
COPY --from=build /opt/venv /opt/venv
COPY --from=build /app /app
WORKDIR /app
# a number, so that "must not be root" can be checked without reading the image's list of users
USER 10001:10001
VOLUME /data
EXPOSE 8080 9090
STOPSIGNAL SIGTERM
# live, not ready: a gateway whose disk is full answers truthfully and is not helped by being killed
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 CMD ["python", "-c", "import http.client, sys; c = http.client.HTTPConnection('127.0.0.1', 9090, timeout=2); c.request('GET', '/health/live'); sys.exit(c.getresponse().status != 200)"]
ENTRYPOINT ["gateway"]
CMD ["serve", "--config", "/etc/lienthong", "--data-dir", "/data", "--listen", "0.0.0.0:8080", "--ops", "0.0.0.0:9090"]
