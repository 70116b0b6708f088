# Two images: `service`, the default target, answers requests without TensorFlow. `training` trains
# models and also serves plain Keras files. docs/deployment.md shows how to run both.

# The packages for serving, pinned with hashes, without their GPU accelerator and their tests.
FROM python:3.12-slim AS serving-packages
COPY requirements/serving.txt /requirements/
RUN --mount=type=cache,target=/root/.cache/pip \
    python -m pip install --prefix=/serving --require-hashes --only-binary=:all: \
      --root-user-action=ignore --no-warn-script-location -r /requirements/serving.txt \
 && find /serving -name libLiteRtWebGpuAccelerator.so -delete \
 && find /serving -type d -name tests -prune -exec rm -r {} +

# The other packages for training. TensorFlow's headers and its clang would be a fifth of them.
FROM serving-packages AS training-packages
ENV PYTHONPATH=/serving/lib/python3.12/site-packages
COPY requirements/training-image.txt /requirements/
RUN --mount=type=cache,target=/root/.cache/pip \
    python -m pip install --prefix=/training --require-hashes --only-binary=:all: \
      --root-user-action=ignore --no-warn-script-location -r /requirements/training-image.txt \
 && rm -r /training/lib/python3.12/site-packages/tensorflow/include \
      /training/lib/python3.12/site-packages/clang \
 && find /training -type d -name tests -prune -exec rm -r {} +

# The project's code, compiled here because the running container cannot write bytecode.
FROM python:3.12-slim AS code
WORKDIR /app
COPY service service
COPY training training
RUN python -m compileall -q --invalidation-mode=unchecked-hash service training \
 && mkdir /cache

FROM python:3.12-slim AS runtime
# Without pip, and with the standard library compiled, which the base image leaves to each start.
RUN rm -rf /usr/local/bin/pip* /usr/local/lib/python3.12/ensurepip \
      /usr/local/lib/python3.12/site-packages/pip* \
 && python -m compileall -q /usr/local/lib/python3.12
COPY --from=serving-packages /serving /usr/local
WORKDIR /app
COPY deploy/healthcheck.py deploy/
# Only /tmp, in memory, and the volumes can be written.
ENV HOME=/tmp \
    PYTHONDONTWRITEBYTECODE=1 \
    FASHION_HOST=0.0.0.0 \
    FASHION_PORT=8000
EXPOSE 8000
USER 10001:10001
ENTRYPOINT ["python", "-m"]
CMD ["service"]
# While the model is opened, for up to 120 s, failures do not count.
HEALTHCHECK --start-period=120s --start-interval=1s --interval=15s --timeout=3s --retries=3 \
  CMD ["python", "deploy/healthcheck.py"]
ARG VERSION=0.1.0
LABEL org.opencontainers.image.title="Fashion-MNIST Serving" \
      org.opencontainers.image.description="Classifies pictures of clothes over HTTP" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.base.name="docker.io/library/python:3.12-slim"

FROM runtime AS training
COPY --from=training-packages /training /usr/local
COPY --from=code --chown=10001:10001 /cache /cache
COPY --chown=10001:10001 models models
COPY --from=code /app/service service
COPY --from=code /app/training training

FROM runtime AS service
COPY --chown=10001:10001 models models
COPY --from=code /app/service service
