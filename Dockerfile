# docker build -t normviz .
# Another base image, for a mirror or a scanned copy: --build-arg BASE_IMAGE=...
ARG BASE_IMAGE=python:3.11-slim-bookworm
FROM ${BASE_IMAGE}

# PyTorch's CPU wheel index, or a mirror of it. Used for torch alone and without its dependencies: every further
# package would be looked up there too. Empty: torch comes from the default index, with CUDA on x86-64.
ARG TORCH_INDEX_URL=

ENV PATH=/opt/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1

# requirements-ray.txt: with Ray, for the front end and the nodes of a cluster.
ARG REQUIREMENTS=requirements.txt

# The packages first: this layer stays as long as they do. pip compiles them to bytecode.
COPY requirements.txt requirements-ray.txt /tmp/
RUN python3 -m venv /opt/venv \
 && if [ -n "$TORCH_INDEX_URL" ]; then \
      pip install --no-cache-dir --no-deps --index-url "$TORCH_INDEX_URL" \
        "$(sed -n 's/^\(torch==[^ #]*\).*/\1/p' /tmp/requirements.txt)"; \
    fi \
 && pip install --no-cache-dir -r "/tmp/$REQUIREMENTS" \
 && rm /tmp/requirements*.txt

WORKDIR /app
COPY .streamlit .streamlit
COPY app.py ./
COPY pages pages
COPY normviz normviz
# A volume for NORMVIZ_STORE takes its owner from this folder.
RUN python -m compileall -q app.py pages normviz \
 && mkdir -p /var/lib/normviz \
 && chown 10001:10001 /var/lib/normviz

# One thread a worker process: the pool has a process for every core. HOME is the one writable place.
ENV HOME=/tmp \
    NORMVIZ_DOWNLOADS=0 \
    OMP_NUM_THREADS=1 \
    OPENBLAS_NUM_THREADS=1 \
    PYTHONPATH=/app \
    STREAMLIT_SERVER_ADDRESS=0.0.0.0 \
    STREAMLIT_SERVER_PORT=8501

USER 10001:10001
EXPOSE 8501
# http.client, and not urllib: that one would ask a configured proxy for the way to 127.0.0.1.
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 \
  CMD ["python", "-c", "import http.client, os, sys; e = os.environ.get; b = e('STREAMLIT_SERVER_BASE_URL_PATH', '').strip('/'); c = http.client.HTTPConnection('127.0.0.1', int(e('STREAMLIT_SERVER_PORT', '8501')), timeout=4); c.request('GET', (b and '/' + b) + '/_stcore/health'); sys.exit(c.getresponse().status != 200)"]
CMD ["streamlit", "run", "app.py"]
