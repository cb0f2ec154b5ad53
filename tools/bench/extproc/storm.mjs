/** Clients that hang up while their request is under way: `node storm.mjs <port> <seconds>` prints how many did. */
import { connect } from 'node:net';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';

const [port, seconds] = process.argv.slice(2).map(Number);
const end = Date.now() + Number(seconds) * 1_000;
let aborts = 0;
while (Date.now() < end) {
  const sockets = Array.from({ length: 20 }, () => {
    const socket = connect({ host: '127.0.0.1', port: Number(port) });
    socket.on('error', () => undefined).write('GET /direct HTTP/1.1\r\nhost: storm\r\n\r\n');
    return socket;
  });
  await sleep(2);
  for (const socket of sockets) socket.destroy();
  aborts += sockets.length;
}
console.log(aborts);
