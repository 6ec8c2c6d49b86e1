# Build: the locked requirements, and the portal as a wheel with its page assets. Run: only what the portal needs, without
# rights.
FROM python:3.12-slim-bookworm AS build
WORKDIR /build
COPY requirements/app.txt requirements/build.txt requirements/
RUN python -m venv /tools && /tools/bin/pip install --no-cache-dir --require-hashes -r requirements/build.txt \
    && /tools/bin/pip wheel --no-cache-dir --no-deps --no-build-isolation --require-hashes -r requirements/app.txt -w /wheels \
    && python -m venv /venv && /venv/bin/pip install --no-cache-dir --no-deps --no-index /wheels/*.whl
COPY pyproject.toml README.md LICENSE ./
COPY scripts/build_hook.py scripts/
COPY migrations migrations
COPY app app
RUN /tools/bin/hatchling build -t wheel && /venv/bin/pip install --no-cache-dir --no-deps --no-index dist/*.whl

FROM python:3.12-slim-bookworm
RUN useradd --system --uid 10001 --home-dir /srv/ventanilla ventanilla \
    && install -d -o ventanilla -m 0700 /var/lib/ventanilla
WORKDIR /srv/ventanilla
COPY --from=build /venv /venv
ENV PATH=/venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 \
    VENTANILLA_ENVIRONMENT=production VENTANILLA_HOST=0.0.0.0 VENTANILLA_DATA_DIR=/var/lib/ventanilla
# Documents and certificates, unless VENTANILLA_STORAGE_URL names a bucket: they must outlive the container.
VOLUME /var/lib/ventanilla
USER ventanilla
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s CMD \
    ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/health/ready', timeout=4)"]
ENTRYPOINT ["ventanilla"]
CMD ["serve"]
