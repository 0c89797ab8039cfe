# syntax=docker/dockerfile:1
FROM python:3.11-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /app
COPY requirements-channels.txt .
RUN python -m venv /venv && /venv/bin/pip install --quiet -r requirements-channels.txt
COPY . .
RUN for file in locale/*/LC_MESSAGES/*.po; do /venv/bin/pybabel --quiet compile -i "$file" -o "${file%.po}.mo" || exit 1; done
# Addresses that nothing is asked at; without them the embedded services would be looked for.
RUN SECRET_KEY=only-for-collectstatic DATABASE_URL=postgres://build@localhost/build BROKER_URL=redis://localhost/0 \
    CACHE_URL=redis://localhost/1 STATIC_ROOT=/app/staticfiles /venv/bin/python manage.py collectstatic --noinput -v 0 \
    && /venv/bin/python -m compileall -q -j 0 /app /venv

FROM python:3.11-slim-bookworm
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=config.settings CHUSHAN_ENV=production STATIC_ROOT=/app/staticfiles
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin chushan
RUN install --directory --owner chushan /live
WORKDIR /app
COPY --from=build /venv /venv
COPY --from=build /app /app
USER chushan
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-m", "config.healthcheck"]
# WEB_CONCURRENCY sets the number of workers.
CMD ["gunicorn", "config.wsgi", "--preload", "--config=python:config.gunicorn", "--bind=0.0.0.0:8000", "--threads=4", "--worker-tmp-dir=/dev/shm", \
     "--max-requests=5000", "--max-requests-jitter=500", "--graceful-timeout=20"]
