// Sends events with the unmodified posthog-node: node send_with_node.mjs URL TOKEN COUNT; prints their uuids, one per line.
import { randomUUID } from "node:crypto";
import { PostHog } from "posthog-node";

const [url, token, count] = process.argv.slice(2);
const client = new PostHog(token, { host: url, flushAt: 100, maxQueueSize: 100_000 });
client.on("error", (error) => console.error(error));
for (let number = 0; number < Number(count); number += 1) {
  const uuid = randomUUID();
  console.log(uuid);
  client.capture({ distinctId: `visitor ${number % 1000}`, event: "sent by node", uuid, properties: { number } });
}
await client.shutdown(110_000);
