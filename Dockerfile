# The service: `docker build --target service .`; with training's libraries: `--target training`.
# Only the wheel is installed, dependencies are pinned by hash, nothing runs as root.
ARG PYTHON=3.13

FROM python:${PYTHON}-slim AS build
WORKDIR /source
COPY deploy/build.lock deploy/
RUN python -m pip install --no-cache-dir --require-hashes -r deploy/build.lock
COPY pyproject.toml README.md LICENSE csf_responder.py ./
COPY analysis analysis
COPY charts charts
COPY data data
COPY models models
COPY service service
COPY training training
COPY trial trial
RUN python -m pip wheel --no-deps --no-build-isolation --wheel-dir /dist .

FROM python:${PYTHON}-slim AS base
ENV PYTHONSAFEPATH=1 PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 \
    CSF_REGISTRY=/var/lib/csf-responder/registry
RUN useradd --system --uid 10001 --home-dir /var/lib/csf-responder --create-home csf
WORKDIR /var/lib/csf-responder

FROM base AS training
COPY deploy/training.lock /install/requirements.lock
RUN python -m pip install --no-cache-dir --require-hashes -r /install/requirements.lock
COPY --from=build /dist /install/dist
RUN python -m pip install --no-cache-dir --no-deps /install/dist/*.whl
USER csf
ENTRYPOINT ["csf-responder"]
CMD ["--help"]

FROM base AS service
COPY deploy/service.lock /install/requirements.lock
RUN python -m pip install --no-cache-dir --require-hashes -r /install/requirements.lock
COPY --from=build /dist /install/dist
RUN python -m pip install --no-cache-dir --no-deps /install/dist/*.whl
USER csf
EXPOSE 8000
# It does not start without API keys: make one with `csf-responder keys create` in the same volume.
# It listens on loopback unless CSF_HOST says otherwise, and answers to the names in CSF_TRUSTED_HOSTS.
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/livez', timeout=2)"]
CMD ["csf-responder", "serve", "--port", "8000"]
