# hybridc in an image, with every extra: docker build -t hybridc .
# No test builds it; its commands were run outside of an image, with Python 3.13. The packages are those of
# requirements/dev.txt, with their hashes; --build-arg PYTHON=… names another base, or that of a mirror.
ARG PYTHON=docker.io/library/python:3.13-slim-bookworm

FROM ${PYTHON} AS wheelhouse
WORKDIR /src
COPY requirements requirements
RUN pip install --no-cache-dir --require-hashes --requirement requirements/build.txt --requirement requirements/runtime.txt
COPY . .
RUN pip wheel --no-cache-dir --no-deps --no-build-isolation --wheel-dir dist . \
  && python tools/wheelhouse.py dist/hybridc-*.whl

FROM ${PYTHON}
RUN --mount=type=bind,from=wheelhouse,source=/src/dist/wheelhouse,target=/wheelhouse \
  pip install --no-cache-dir --no-index --find-links /wheelhouse --require-hashes --requirement /wheelhouse/requirements.txt
USER 65534:65534
WORKDIR /work
ENTRYPOINT ["hybridc"]
CMD ["--help"]
