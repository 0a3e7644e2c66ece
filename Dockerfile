# The whole hotline in one image: Asterisk and the daemon, each restarted alone by runsvdir, as an unprivileged user.
#
#   docker build -t hotlined .
#   docker run --network host -v hotlined:/var/lib/hotlined -e HOTLINE_BIND=192.0.2.5 hotlined
#
# The HOTLINE_* variables set the defaults of a new home only, see scripts/up. Host network: SIP and thousands of audio ports
# through address translation is asking for calls without sound. scripts/image-test builds it and takes a call on it.

FROM debian:forky-slim AS build
# For mirrors whose lists are past their date; signatures are checked all the same.
ARG APT_OPTIONS=""
RUN apt-get $APT_OPTIONS update \
 && DEBIAN_FRONTEND=noninteractive apt-get $APT_OPTIONS install -y --no-install-recommends ca-certificates nodejs npm
WORKDIR /build
COPY package.json package-lock.json ./
# A secret `ca` may hold the certificates of a proxy between here and the npm registry.
# No install scripts: the one native module brings its binaries along.
RUN --mount=type=secret,id=ca NODE_EXTRA_CA_CERTS=/run/secrets/ca npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ./
COPY src src
COPY scripts/man.mjs scripts/man.mjs
COPY docs/help docs/help
RUN npm run build
# What only development needs stays here.
RUN npm prune --omit=dev --ignore-scripts --no-audit --no-fund --offline

FROM debian:forky-slim
ARG APT_OPTIONS=""
COPY scripts/packages /opt/hotlined/scripts/packages
RUN apt-get $APT_OPTIONS update \
 && sed -e 's/#.*//' /opt/hotlined/scripts/packages/* \
  | DEBIAN_FRONTEND=noninteractive xargs apt-get $APT_OPTIONS install -y --no-install-recommends nodejs \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin hotline \
 && install -d -o hotline -g hotline -m 750 /var/lib/hotlined
WORKDIR /opt/hotlined
COPY package.json hotline ./
COPY scripts scripts
COPY asterisk-config asterisk-config
COPY docs/help docs/help
COPY --from=build /build/node_modules node_modules
COPY --from=build /build/dist dist
# Debian's Asterisk is used as it is; this converts the hold music.
RUN ln -s "$(HOTLINE_CACHE=/usr/lib/hotlined scripts/asterisk-rootfs)" /usr/lib/hotlined/asterisk \
 && ln -s /opt/hotlined/hotline /usr/local/bin/hotline
ENV HOTLINE_HOME=/var/lib/hotlined HOTLINE_ASTERISK=/usr/lib/hotlined/asterisk
USER hotline
VOLUME /var/lib/hotlined
# SIP, admin interface, audio
EXPOSE 5060/udp 5060/tcp 5061/tcp 8080/tcp 10000-20000/udp
# On SIGHUP runsvdir stops the services; on SIGTERM it would only leave them.
STOPSIGNAL SIGHUP
# Unhealthy while calls cannot be taken. Nothing restarts the container for it: calls in progress would end.
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s CMD ["scripts/healthcheck"]
CMD ["scripts/container"]
