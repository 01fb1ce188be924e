# The image for those who have a container engine; packaging/image makes the same one without.
#   docker build --tag berth.dev/berth:0.1.0 .
ARG RUST_VERSION=1.95.0

FROM rust:${RUST_VERSION}-slim-bookworm AS build
WORKDIR /src
COPY . .
# packaging/binary holds the flags and the target, so that both ways build the same binary.
RUN install -m 0755 "$(packaging/binary)" /berth

FROM scratch
LABEL org.opencontainers.image.title="Berth" \
      org.opencontainers.image.description="Tells which AWS compute each Kubernetes workload really needs" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.source="https://berth.dev/berth"
COPY --from=build /berth /berth
# A number, so that runAsNonRoot can be checked: there is no /etc/passwd to look a name up in.
USER 65532:65532
EXPOSE 8443 8080
ENTRYPOINT ["/berth"]
