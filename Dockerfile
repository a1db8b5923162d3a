# The images of moose. `build` has the compiler and reads code; the last one is what runs: moose prod, and nothing that
# it does not need.
#
#   docker build --target build -t moose:build .
#   docker build -t moose .
#
# Behind a mirror, both with --build-arg NODE_IMAGE=mirror.example/node:22.22.0-bookworm-slim: a Debian with node, npm
# and the user node.

ARG NODE_IMAGE=node:22.22.0-bookworm-slim

FROM ${NODE_IMAGE} AS tool
WORKDIR /opt/moose
COPY package.json package-lock.json .npmrc ./
# What runs code, and bundles ours, needs a binary of its own, which is optional to npm like what stays out: chDB and
# Kafka's native client.
RUN npm ci --ignore-scripts --omit=optional && npm install --no-save --ignore-scripts --omit=optional \
  "@esbuild/$(node -p 'process.platform + "-" + process.arch')@$(node -p 'require("esbuild/package.json").version')"
COPY tsconfig.json ./
COPY src ./src
COPY runtime ./runtime
RUN npm run build && npm prune --ignore-scripts --omit=dev --omit=optional

FROM ${NODE_IMAGE} AS build
COPY --from=tool /opt/moose /opt/moose
RUN cd /opt/moose && npm install --no-save --ignore-scripts --omit=dev --omit=optional \
  "@esbuild/$(node -p 'process.platform + "-" + process.arch')@$(node -p 'require("esbuild/package.json").version')"
RUN ln -s /opt/moose/dist/runtime/cli/main.js /usr/local/bin/moose && chmod +x /opt/moose/dist/runtime/cli/main.js
WORKDIR /app

FROM ${NODE_IMAGE} AS lean
COPY --from=tool /opt/moose /opt/tool
# A server reads what moose build wrote; the compiler, what runs code and the sources stay behind.
RUN mkdir /opt/moose && cd /opt/tool && mv dist node_modules package.json /opt/moose/ \
  && cd /opt/moose/node_modules && rm -rf typescript esbuild @esbuild tsx .bin .package-lock.json \
  && find . -maxdepth 1 -type d -empty -delete && find ../dist -name "*.d.ts" -delete -o -name "*.map" -delete

FROM ${NODE_IMAGE}
COPY --from=lean /opt/moose /opt/moose
WORKDIR /app
USER node
ENV NODE_ENV=production \
    MOOSE_HTTP_SERVER_CONFIG__HOST=0.0.0.0 \
    MOOSE_HTTP_SERVER_CONFIG__PORT=4000
EXPOSE 4000
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.MOOSE_HTTP_SERVER_CONFIG__PORT}/livez`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# Without a shell in between: it gets the signals itself.
ENTRYPOINT ["node", "/opt/moose/dist/runtime/cli/main.js"]
CMD ["prod"]
