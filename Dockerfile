# A sketch of the production image: no embedded engine in it. The server command comes with `moose prod`.
FROM node:22-slim AS build
WORKDIR /moose
COPY package.json package-lock.json .npmrc tsconfig.json ./
COPY src src
COPY runtime runtime
RUN npm ci --omit=optional && npm prune --omit=dev --omit=optional

FROM node:22-slim
ENV NODE_ENV=production
WORKDIR /moose
COPY --from=build /moose/package.json ./
COPY --from=build /moose/dist dist
COPY --from=build /moose/node_modules node_modules
USER 10001
WORKDIR /app
ENTRYPOINT ["node", "/moose/dist/runtime/cli/main.js"]
CMD ["--help"]
