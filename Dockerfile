# One image for every service; the command says which: `apps/ingress/src/main.js`, `apps/scan/src/main.js` …
#
#   docker build -t pratique .
#
# The base is named by tag, so that a rebuild takes up its security fixes. For a build that gives the same bytes again, pin
# what the tag stands for today: --build-arg NODE_IMAGE=node:24-bookworm-slim@sha256:… (`docker buildx imagetools inspect`
# prints it), and --build-arg SOURCE_DATE_EPOCH=… with a builder that honours it. package-lock.json pins everything else.
#
# Behind a proxy that inspects TLS, put its certificate authority into extra-ca.pem beside this file: npm then trusts it
# while it builds. Nothing of it gets into the image.
ARG NODE_IMAGE=docker.io/library/node:24-bookworm-slim

FROM ${NODE_IMAGE} AS packages
WORKDIR /build
COPY package.json package-lock.json extra-ca.pem* ./
ENV NODE_EXTRA_CA_CERTS=/build/extra-ca.pem

FROM packages AS built
# No package may run a script of its own while it is installed.
RUN npm ci --ignore-scripts --omit=optional --no-audit --no-fund
COPY tsconfig*.json nest-cli.json ./
COPY tools tools
COPY libs libs
COPY apps apps
RUN npm run build

FROM packages AS production
RUN npm ci --ignore-scripts --omit=dev --omit=optional --no-audit --no-fund
# What is in the image, for whoever has to know whether an advisory concerns it. Without the moment and the random number
# that npm writes into it, the same packages give the same bytes.
# It is made of what is installed: made of the lock, npm leaves out whatever a development package wants too.
RUN npm pkg delete devDependencies optionalDependencies \
  && npm sbom --sbom-format=cyclonedx --sbom-type=application \
  | node -e 'const sbom = JSON.parse(require("node:fs").readFileSync(0, "utf8")); \
      delete sbom.serialNumber; delete sbom.metadata.timestamp; \
      sbom.components.push({ type: "application", name: "node", version: process.versions.node, purl: `pkg:generic/node@${process.versions.node}` }); \
      console.log(JSON.stringify(sbom))' > pratique.cdx.json
# What Node never loads: types, maps, builds for browsers and phones, and native parts of other systems.
RUN find node_modules -type f \( -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' -o -name '*.map' -o -name '*.md' \) -delete \
  && find node_modules -depth -type d \( -path '*/dist/browser' -o -path '*/dist/react-native' -o -path '*/dist/workerd' \) -exec rm -rf {} + \
  && find node_modules -depth -type d -path '*/prebuilds/*' ! -name 'linux-*' -exec rm -rf {} +

FROM ${NODE_IMAGE} AS root
# Node, the libraries that it is linked with, certificate authorities, a user: no shell and no package manager, so whoever
# breaks into a service finds nothing to go on with.
RUN set -eu; node=$(command -v node); mkdir -p /root-fs; cd /root-fs; \
  mkdir -p usr/local/bin etc/ssl/certs tmp var/lib/pratique usr/share/doc; chmod 1777 tmp; \
  cp "$(readlink -f "$node")" usr/local/bin/node; \
  ldd "$node" | grep -o '/[^ ]*' | while read -r library; do mkdir -p ".$(dirname "$library")"; cp -L "$library" ".$library"; done; \
  if [ -f /etc/ssl/certs/ca-certificates.crt ]; then cp /etc/ssl/certs/ca-certificates.crt etc/ssl/certs/; fi; \
  echo 'pratique:x:65532:65532:Pratique:/tmp:/sbin/nologin' > etc/passwd; \
  echo 'pratique:x:65532:' > etc/group; \
  cp /etc/os-release etc/os-release; \
  chown 65532:65532 var/lib/pratique

FROM scratch
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Pratique" \
  org.opencontainers.image.description="Event-driven clearance for container images: receive, scan, approve, copy by digest, record" \
  org.opencontainers.image.licenses="Apache-2.0" \
  org.opencontainers.image.version="${VERSION}" \
  org.opencontainers.image.revision="${REVISION}" \
  org.opencontainers.image.base.name="docker.io/library/node:24-bookworm-slim"
COPY --from=root /root-fs /
COPY --from=production /build/package.json /app/
COPY --from=production /build/pratique.cdx.json /usr/share/sbom/
COPY --from=production /build/node_modules /app/node_modules
COPY --from=built /build/dist /app/dist
ENV NODE_ENV=production \
  PATH=/usr/local/bin \
  PRATIQUE_CONFIG=/etc/pratique/pratique.yaml
USER 65532:65532
WORKDIR /app/dist
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:8080/health/ready').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# V8 then grows its young generation less, which saves a third of the memory of a service at rest, and trades a little speed.
ENTRYPOINT ["node", "--optimize-for-size", "--enable-source-maps"]
CMD ["apps/cli/src/main.js", "--help"]
