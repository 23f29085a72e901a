# One image for web, workers and one-off commands.
FROM node:22-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --silent

FROM python:3.12-slim
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 WAYMARK_ENV=production WAYMARK_DATA_DIR=/data
WORKDIR /app
COPY requirements.txt ./
RUN pip install --no-cache-dir --require-hashes -r requirements.txt
COPY --from=packages /app/node_modules node_modules
COPY . .
# Build-time values only: collecting static files and messages reads no secret and no database.
RUN WAYMARK_ENV=local WAYMARK_DATA_DIR=/tmp/build python manage.py compile_catalogues \
    && WAYMARK_ENV=local WAYMARK_DATA_DIR=/tmp/build python manage.py collectstatic --noinput \
    && useradd --system --uid 10001 --home /data waymark \
    && mkdir -p /data && chown waymark /data
USER waymark
VOLUME /data
EXPOSE 8000
CMD ["gunicorn", "console.wsgi", "--bind", "0.0.0.0:8000", "--workers", "2", "--threads", "4", "--access-logfile", "-", \
     "--access-logformat", "%(h)s %(t)s \"%(m)s %(U)s\" %(s)s %(b)s %(M)s ms"]
