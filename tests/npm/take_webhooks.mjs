// A customer's server that verifies webhooks with the npm package of the standard.
//
//   node take_webhooks.mjs SECONDS
//
// The stack's time is SECONDS ahead. Prints {port}, then for each request {taken} with its body, or
// {refused}. Each line of input is the list of secrets by which it verifies from then on, one after
// the other until one fits.

import http from "node:http";
import readline from "node:readline";
import { Webhook } from "standardwebhooks";

const real = Date.now.bind(Date);
Date.now = () => real() + Number(process.argv[2]) * 1000;
const tell = (line) => console.log(JSON.stringify(line));
let secrets = [];

function verify(body, headers) {
  const failures = [];
  for (const secret of secrets) {
    try {
      return { taken: new Webhook(secret).verify(body, headers), by: secret };
    } catch (error) {
      failures.push(error.message);
    }
  }
  return { refused: failures };
}

const server = http.createServer(async (request, answer) => {
  let body = "";
  for await (const part of request.setEncoding("utf8")) body += part;
  const changed = verify(body.replace("}", " }"), request.headers);
  tell({ ...verify(body, request.headers), changed });
  answer.writeHead(204).end();
});
server.listen(0, "127.0.0.1", () => tell({ port: server.address().port }));
for await (const line of readline.createInterface({ input: process.stdin })) secrets = JSON.parse(line);
server.close();
server.closeAllConnections();
