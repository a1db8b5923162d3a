import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type KafkaLogin, type KafkaTls, plainKafka } from "../../runtime/config/kafka-settings.js";
import { connectKafka, type Kafka } from "../../runtime/kafka/client.js";
import { createTopic, deleteTopic } from "../../runtime/kafka/execute.js";
import { inspectNamed, inspectTopics, topicEvidence, topicRanges } from "../../runtime/kafka/inspect.js";
import { loadNativeClient } from "../../runtime/kafka/records/native-client.js";
import { readLast } from "../../runtime/kafka/records/read-last.js";
import { describeWithKafka, type LiveKafka, startLiveKafka } from "../live/live-kafka.js";
import { testWithRecords } from "../live/live-records.js";
import { type Certificates, makeCertificates } from "./certificates.js";
import { produce } from "./records.js";
import { topicOf } from "./topics.js";

const applied = { state: "applied" };

describeWithKafka("a Kafka that asks who is there", () => {
  let folder: string;
  let files: Certificates;
  let live: LiveKafka;
  let ports: Readonly<Record<"sasl" | "tls" | "mutual" | "saslTls", number>>;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "moose-certificates-"));
    files = makeCertificates(folder);
    const [sasl, tls, mutual, saslTls] = await freePorts();
    ports = { sasl, tls, mutual, saslTls };
    live = await startLiveKafka({
      listeners: [
        { name: "SASL", protocol: "SASL_PLAINTEXT", port: sasl },
        { name: "TLS", protocol: "SSL", port: tls },
        { name: "MUTUAL", protocol: "SSL", port: mutual },
        { name: "SASLTLS", protocol: "SASL_SSL", port: saslTls },
      ],
      properties: {
        ...logins("sasl"),
        ...logins("sasltls"),
        "ssl.keystore.type": "PEM",
        "ssl.keystore.location": files.broker,
        "ssl.truststore.type": "PEM",
        "ssl.truststore.location": files.ca,
        "listener.name.mutual.ssl.client.auth": "required",
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users": "User:ANONYMOUS;User:admin;User:CN=client",
        "allow.everyone.if.no.acl.found": "false",
      },
      formatArguments: [
        "--add-scram=SCRAM-SHA-256=[name=admin,password=s256]",
        "--add-scram=SCRAM-SHA-512=[name=admin,password=s512]",
      ],
    });
  }, 120_000);

  afterAll(async () => {
    await live?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  function client(port: number, login?: KafkaLogin, tls?: Partial<KafkaTls>) {
    const files = tls && { ca: undefined, cert: undefined, key: undefined, ...tls };
    return connectKafka({ ...plainKafka(`127.0.0.1:${port}`), login, tls: files });
  }

  const admin = (mechanism: "PLAIN" | "SCRAM-SHA-256" | "SCRAM-SHA-512", password: string) =>
    ({ mechanism, username: "admin", password }) as const;

  type Way = readonly [
    string,
    keyof typeof ports,
    () => KafkaLogin | undefined,
    () => Partial<KafkaTls> | undefined,
  ];
  const ways: readonly Way[] = [
    ["PLAIN", "sasl", () => admin("PLAIN", "plain"), () => undefined],
    ["SCRAM-SHA-256", "sasl", () => admin("SCRAM-SHA-256", "s256"), () => undefined],
    ["SCRAM-SHA-512", "sasl", () => admin("SCRAM-SHA-512", "s512"), () => undefined],
    [
      "OAUTHBEARER with a token",
      "sasl",
      () => ({ mechanism: "OAUTHBEARER", token: unsignedToken("admin") }),
      () => undefined,
    ],
    [
      "mutual TLS",
      "mutual",
      () => undefined,
      () => ({ ca: files.ca, cert: files.clientCert, key: files.clientKey }),
    ],
    ["SCRAM-SHA-512 over TLS", "saslTls", () => admin("SCRAM-SHA-512", "s512"), () => ({ ca: files.ca })],
  ];

  test.each(ways)("topics are made, read and deleted with %s", async (_what, listener, login, tls) => {
    const kafka = client(ports[listener], login(), tls());
    const topic = topicOf();
    expect(await createTopic(kafka, topic)).toEqual(applied);
    expect((await inspectNamed(kafka, [topic.name])).topics).toHaveLength(1);
    expect(await topicEvidence(kafka, [topic.name])).toMatchObject([{ groups: [] }]);
    expect(await deleteTopic(kafka, { name: topic.name })).toEqual(applied);
    await kafka.close();
  });

  for (const [what, listener, login, tls] of ways)
    testWithRecords(`messages are read with ${what}`, async () => {
      const topic = await filledTopic();
      const kafka = client(ports[listener], login(), tls());
      expect(await valuesOf(kafka, topic)).toEqual(["one", "two"]);
      await kafka.close();
    });

  testWithRecords("messages are not read with a wrong password, and soon it is said so", async () => {
    const topic = await filledTopic();
    const right = client(live.local.port);
    const { ranges = [] } = (await topicRanges(right, topic)) ?? {};
    await right.close();
    const wrong = { ...plainKafka(`127.0.0.1:${ports.sasl}`), login: admin("PLAIN", "not-the-one") };
    const startMs = performance.now();
    const problem = readLast(loadNativeClient(), wrong, topic, ranges, { limit: 2 });
    await expect(problem).rejects.toMatchObject({ code: "AUTHENTICATION_FAILED" });
    await expect(problem).rejects.not.toThrow("not-the-one");
    expect(performance.now() - startMs).toBeLessThan(14_000);
  });

  async function filledTopic(): Promise<string> {
    const topic = topicOf();
    const owner = client(live.local.port);
    await createTopic(owner, topic);
    await owner.close();
    await produce(live.broker, topic.name, [{ value: "one" }, { value: "two" }]);
    return topic.name;
  }

  async function valuesOf(kafka: Kafka, topic: string): Promise<readonly string[]> {
    const { ranges = [] } = (await topicRanges(kafka, topic)) ?? {};
    const last = await readLast(loadNativeClient(), kafka.settings, topic, ranges, { limit: 5 });
    expect(last.unread).toEqual([]);
    return last.messages.map(({ value }) => String(value));
  }

  test("a token is asked for where an address for it is given", async () => {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(request.headers.authorization ?? "");
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify({ access_token: unsignedToken("admin"), token_type: "bearer" }));
    }).listen(0, "127.0.0.1");
    await expect.poll(() => server.listening).toBe(true);
    const tokenUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`;
    const kafka = client(ports.sasl, {
      mechanism: "OAUTHBEARER",
      tokenUrl,
      clientId: "id",
      clientSecret: "x",
    });
    expect(await inspectTopics(kafka)).toMatchObject({ brokers: 1 });
    expect(asked).toContain(`Basic ${Buffer.from("id:x").toString("base64")}`);
    await kafka.close();
    server.close();
  });

  test.each<readonly [string, KafkaLogin]>([
    ["PLAIN", { mechanism: "PLAIN", username: "admin", password: "not-the-one" }],
    ["SCRAM", { mechanism: "SCRAM-SHA-256", username: "admin", password: "not-the-one" }],
    ["PLAIN, of nobody", { mechanism: "PLAIN", username: "nobody", password: "not-the-one" }],
  ])("a wrong password is final, with %s, and is not shown", async (_what, login) => {
    const kafka = client(ports.sasl, login);
    const problem: unknown = await inspectTopics(kafka).catch((thrown: unknown) => thrown);
    expect(problem).toMatchObject({ code: "AUTHENTICATION_FAILED", kind: "refused" });
    expect(String(problem)).toMatch(/authentication failed/i);
    expect(String(problem)).not.toContain("not-the-one");
    expect(await createTopic(kafka, topicOf())).toMatchObject({
      code: "AUTHENTICATION_FAILED",
      passing: false,
    });
    await kafka.close();
  });

  test.each<readonly [string, keyof typeof ports, () => Partial<KafkaTls>]>([
    ["an authority that is not known", "tls", () => ({})],
    ["a client without a certificate", "mutual", () => ({ ca: files.ca })],
    ["a broker that speaks no TLS", "sasl", () => ({ ca: files.ca })],
  ])("%s is final", async (_what, listener, tls) => {
    const kafka = client(ports[listener], undefined, tls());
    await expect(inspectTopics(kafka)).rejects.toMatchObject({ code: "TLS_FAILED", kind: "refused" });
    await kafka.close();
  });

  test("a certificate file that is not there is told by its name", () => {
    const missing = join(folder, "not-there.pem");
    expect(() => client(ports.tls, undefined, { ca: missing })).toThrow(missing);
  });

  test("a file that is no certificate is told", async () => {
    const nonsense = join(folder, "nonsense.pem");
    writeFileSync(nonsense, "nonsense");
    const kafka = client(ports.tls, undefined, { ca: files.ca, cert: nonsense, key: nonsense });
    await expect(inspectTopics(kafka)).rejects.toMatchObject({ code: "TLS_FAILED", kind: "refused" });
    await kafka.close();
  });

  test("a user without rights sees no topic, and is told of each change that it may not make it", async () => {
    const owner = client(live.local.port);
    const topic = topicOf();
    await createTopic(owner, topic);
    const kafka = client(ports.sasl, { mechanism: "PLAIN", username: "guest", password: "guest" });
    expect((await inspectTopics(kafka)).topics).toEqual([]);
    expect(await createTopic(kafka, topicOf())).toMatchObject({
      state: "refused",
      code: expect.stringMatching(/AUTHORIZATION_FAILED$/),
      passing: false,
    });
    expect((await inspectNamed(owner, [topic.name])).topics).toHaveLength(1);
    await kafka.close();
    await owner.close();
  });
});

/** What a listener asks for. The tokens of OAUTHBEARER are unsigned ones, as Kafka takes them in tests. */
function logins(listener: string): Readonly<Record<string, string>> {
  const module = (name: string, options: string) =>
    `org.apache.kafka.common.security.${name} required ${options};`;
  const of = (mechanism: string, what: string) => `listener.name.${listener}.${mechanism}.${what}`;
  return {
    [`listener.name.${listener}.sasl.enabled.mechanisms`]: "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER",
    [of("plain", "sasl.jaas.config")]: module(
      "plain.PlainLoginModule",
      'user_admin="plain" user_guest="guest"',
    ),
    [of("scram-sha-256", "sasl.jaas.config")]: module("scram.ScramLoginModule", ""),
    [of("scram-sha-512", "sasl.jaas.config")]: module("scram.ScramLoginModule", ""),
    [of("oauthbearer", "sasl.jaas.config")]: module(
      "oauthbearer.OAuthBearerLoginModule",
      'unsecuredLoginStringClaim_sub="broker"',
    ),
    [of("oauthbearer", "sasl.server.callback.handler.class")]:
      "org.apache.kafka.common.security.oauthbearer.internals.unsecured.OAuthBearerUnsecuredValidatorCallbackHandler",
    [of("oauthbearer", "sasl.login.callback.handler.class")]:
      "org.apache.kafka.common.security.oauthbearer.internals.unsecured.OAuthBearerUnsecuredLoginCallbackHandler",
  };
}

function unsignedToken(subject: string): string {
  const nowS = Math.floor(Date.now() / 1_000);
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${part({ alg: "none" })}.${part({ sub: subject, iat: nowS - 5, exp: nowS + 3_600 })}.`;
}

async function freePorts(): Promise<[number, number, number, number]> {
  const one = () =>
    new Promise<number>((resolve) => {
      const server = createTcpServer().listen(0, "127.0.0.1", () => {
        const { port } = server.address() as AddressInfo;
        server.close(() => resolve(port));
      });
    });
  return [await one(), await one(), await one(), await one()];
}
