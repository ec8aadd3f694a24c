// Sends the messages given as a JSON list on stdin with node-hl7-client; prints each acknowledgement as a JSON line.
import { Client, Message } from "node-hl7-client";
import { readFileSync } from "node:fs";

const [host, port] = process.argv.slice(2);
const messages = JSON.parse(readFileSync(0, "utf-8"));
const client = new Client({ host });
let answered;
const connection = client.createConnection({ port: Number(port), waitAck: true }, async (response) => {
  console.log(JSON.stringify(response.getMessage().toString()));
  answered();
});
connection.on("error", (error) => {
  console.error(String(error));
  process.exit(2);
});
for (const text of messages) {
  const answer = new Promise((resolve) => (answered = resolve));
  await connection.sendMessage(new Message({ text }));
  await answer;
}
await connection.close();
process.exit(0);
