/**
 * Clients that hang up while a request of theirs is under way: `node storm.mjs <port> <seconds>` prints how often.
 * Each gets one answer before it does so again. Without that, clients run ahead of an Envoy that is short of CPU, which
 * then closes the connection to the processor itself: it does when more than 1,000 resets wait to be written.
 */
import { connect } from 'node:net';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';

const clients = 100;
const get = 'GET /direct HTTP/1.1\r\nhost: storm\r\n\r\n';

const [port, seconds] = process.argv.slice(2).map(Number);
const end = Date.now() + Number(seconds) * 1_000;
let aborts = 0;

async function client() {
  while (Date.now() < end) {
    const socket = connect({ host: '127.0.0.1', port: Number(port) });
    await new Promise((resolve) => {
      socket.once('data', resolve).once('close', resolve);
      socket.on('error', () => undefined).write(get);
    });
    socket.write(get);
    await sleep(Math.random() * 3);
    socket.destroy();
    aborts++;
  }
}

await Promise.all(Array.from({ length: clients }, client));
console.log(aborts);
