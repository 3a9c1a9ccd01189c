# docker build -t draw-a-digit . && docker run --rm -p 127.0.0.1:7860:7860 draw-a-digit
# As a Docker Space: front matter of README.md with `sdk: docker` in place of the four lines sdk to app_file.

FROM python:3.11-slim-bookworm AS packages
COPY docker/requirements.lock /requirements.lock
# What only compilers of C++ need, 270 MB of headers, stays behind.
RUN python -m venv /packages \
    && /packages/bin/pip install --no-cache-dir --require-hashes --no-deps --requirement /requirements.lock \
    && /packages/bin/pip check \
    && rm -r /packages/lib/python3.11/site-packages/tensorflow/include

FROM python:3.11-slim-bookworm
# The user of Spaces. Nothing in the image belongs to it but its home.
RUN useradd --create-home --uid 1000 user
COPY --from=packages /packages /packages
WORKDIR /app
COPY app.py ./
COPY docker/health.py docker/
COPY mnist_core mnist_core
COPY ui ui
COPY weights weights
RUN python -m compileall -q .
ENV PATH=/packages/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    GRADIO_SERVER_NAME=0.0.0.0 \
    GRADIO_SERVER_PORT=7860
USER 1000
EXPOSE 7860
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s CMD ["python", "docker/health.py"]
# Not through a shell, so that the signal that stops the container reaches the app.
CMD ["python", "app.py"]
