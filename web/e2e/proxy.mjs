import { createServer, request } from "node:http";

// A reverse proxy as a process of its own: node proxy.mjs PORT TARGET PATH [strip]. Below PATH it leads to TARGET, with
// that path or without it; anything else is not found. It passes the Host header on, and upgrades.

const [port, target, path, strip] = process.argv.slice(2);
const to = new URL(target);

function forwarded(incoming) {
  if (incoming.url !== path && !incoming.url.startsWith(`${path}/`) && !incoming.url.startsWith(`${path}?`)) return;
  const rest = strip ? incoming.url.slice(path.length) || "/" : incoming.url;
  return request({ host: to.hostname, port: to.port, method: incoming.method, path: rest, headers: incoming.headers });
}

const server = createServer((incoming, outgoing) => {
  if (strip && incoming.url === path) {
    outgoing.writeHead(308, { Location: `${path}/` }).end();
    return;
  }
  const onward = forwarded(incoming);
  if (!onward) {
    outgoing.writeHead(404).end("outside of the path");
    return;
  }
  onward.on("response", (answer) => {
    outgoing.writeHead(answer.statusCode, answer.headers);
    answer.pipe(outgoing);
  });
  onward.on("error", () => outgoing.destroy());
  outgoing.on("close", () => onward.destroy());
  incoming.pipe(onward);
});

server.on("upgrade", (incoming, socket, head) => {
  const onward = forwarded(incoming);
  if (!onward) {
    socket.destroy();
    return;
  }
  onward.on("upgrade", (answer, other, otherHead) => {
    const headers = Object.entries(answer.headers).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.write(`HTTP/1.1 101 Switching Protocols\r\n${headers.join("")}\r\n`);
    socket.write(otherHead);
    other.write(head);
    other.pipe(socket).pipe(other);
    other.on("error", () => socket.destroy());
    socket.on("error", () => other.destroy());
  });
  onward.on("response", (answer) => socket.end(`HTTP/1.1 ${answer.statusCode} Refused\r\n\r\n`));
  onward.on("error", () => socket.destroy());
  onward.end();
});

server.listen(Number(port), "127.0.0.1", () => console.log(`ready at ${server.address().port}`));
