# Quoth on an NVIDIA GPU: Parakeet by NeMo, speakers by pyannote or the packaged diarizer.
# torch brings CUDA's libraries; the base adds what finds the driver of the machine.
# What the digests are and how to move them: docs/containers.md.
ARG NODE_IMAGE=node:24-bookworm-slim@sha256:6f7b03f7c2c8e2e784dcf9295400527b9b1270fd37b7e9a7285cf83b6951452d
ARG CUDA_IMAGE=nvidia/cuda:13.0.3-base-ubuntu24.04@sha256:7c7413a56200486f71f181cad9310f6fd31b6bb21816ade15fc9c1e1e927a5c1

FROM ${NODE_IMAGE} AS page
WORKDIR /src
COPY . .
RUN if [ -d frontend ]; then bash scripts/build_frontend.sh && test -f quoth/web/index.html; fi && mkdir -p quoth/web

FROM ${CUDA_IMAGE} AS build
# hadolint ignore=DL3008
RUN apt-get update && \
    apt-get install -y --no-install-recommends g++ python3 python3-dev python3-pip python3-venv && \
    rm -rf /var/lib/apt/lists/*
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_NO_COMPILE=1
WORKDIR /src
COPY requirements/nemo.lock requirements/
# One package is published as source alone: it is built with the locked setuptools and no other.
RUN python3 -m venv --without-pip /opt/quoth && \
    awk '/^[^ #]/ { wanted = /^setuptools==/ } wanted' requirements/nemo.lock >/tmp/tools.lock && \
    python3 -m pip --python /opt/quoth/bin/python install --require-hashes -r /tmp/tools.lock && \
    python3 -m pip --python /opt/quoth/bin/python install \
        --require-hashes --no-build-isolation \
        --only-binary :all: --no-binary antlr4-python3-runtime -r requirements/nemo.lock
COPY LICENSE README.md pyproject.toml ./
COPY weights weights
COPY quoth quoth
COPY --from=page /src/quoth/web quoth/web
RUN python3 -m pip --python /opt/quoth/bin/python install --no-deps --no-build-isolation ./weights . && \
    python3 -m pip --python /opt/quoth/bin/python check && \
    /opt/quoth/bin/python -m compileall -q --invalidation-mode unchecked-hash /opt/quoth/lib

FROM ${CUDA_IMAGE}
# hadolint ignore=DL3008
RUN apt-get update && \
    apt-get install -y --no-install-recommends python3 && \
    rm -rf /var/lib/apt/lists/*
RUN groupadd --gid 10001 quoth && \
    useradd --uid 10001 --gid 10001 --no-create-home --home-dir /data --shell /usr/sbin/nologin quoth && \
    install -d -o 10001 -g 10001 -m 0750 /data /data/models
COPY --from=build /opt/quoth /opt/quoth
# HOME is the one folder that programs may write to and nobody keeps.
ENV PATH=/opt/quoth/bin:$PATH HOME=/tmp PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    QUOTH_DATA=/data ENGINE=nemo ASR_PROVIDER=cuda FFMPEG=pyav HF_HUB_DISABLE_TELEMETRY=1 \
    PYTORCH_CUDA_ALLOC_CONF=expandable_segments:True PYANNOTE_METRICS_ENABLED=0 \
    NUMBA_CACHE_DIR=/tmp/numba MPLCONFIGDIR=/tmp/matplotlib \
    NVIDIA_VISIBLE_DEVICES=all NVIDIA_DRIVER_CAPABILITIES=compute,utility
USER 10001:10001
WORKDIR /data
VOLUME ["/data", "/data/models"]
EXPOSE 8000 8001
# No proxy is asked, a certificate of one's own is not checked: it is this very container.
HEALTHCHECK --interval=30s --timeout=6s --start-period=180s CMD ["python", "-c", "import http.client as h, os, ssl; s = os.environ.get('TLS_CERT') or os.environ.get('TLS', '') not in ('', '0', 'false'); c = h.HTTPSConnection('127.0.0.1', 8000, timeout=5, context=ssl._create_unverified_context()) if s else h.HTTPConnection('127.0.0.1', 8000, timeout=5); c.request('GET', '/health'); raise SystemExit(c.getresponse().status != 200)"]
ENTRYPOINT ["quoth"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8000"]
