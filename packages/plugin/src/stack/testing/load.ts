import { Agent, get } from 'node:http';

/** Sends requests over kept connections, one after the other on each, until it is stopped. */
export function sendAlways(url: string, connections: number) {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  let answered = 0;
  const failed: string[] = [];
  let stopped = false;
  const send = () =>
    new Promise<void>((resolve) => {
      get(url, { agent }, (response) => {
        if (response.statusCode === 200) answered++;
        else failed.push(String(response.statusCode));
        response.resume().on('end', resolve);
      }).on('error', (error) => {
        failed.push(error.message);
        resolve();
      });
    });
  const workers = Array.from({ length: connections }, async () => {
    while (!stopped) await send();
  });
  return {
    async stop() {
      stopped = true;
      await Promise.all(workers);
      agent.destroy();
      return { answered, failed };
    },
  };
}
