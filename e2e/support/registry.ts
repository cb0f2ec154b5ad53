import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * An npm registry on loopback that knows one package, the tarball under test; every other package comes from the
 * registry that npm is configured with (`uplink`).
 */
export async function startRegistry(
  tarball: string,
  manifest: { name: string; version: string },
  uplink: string,
): Promise<{ url: string; server: Server }> {
  const content = readFileSync(tarball);
  const { name, version } = manifest;
  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url ?? '/');
    if (path === `/${name}/-/package.tgz`) {
      response.setHeader('content-type', 'application/octet-stream').end(content);
    } else if (path === `/${name}`) {
      const dist = {
        tarball: `${url}/${name}/-/package.tgz`,
        integrity: `sha512-${createHash('sha512').update(content).digest('base64')}`,
      };
      response.setHeader('content-type', 'application/json').end(
        JSON.stringify({
          name,
          'dist-tags': { latest: version },
          versions: { [version]: { ...manifest, dist } },
        }),
      );
    } else {
      response.writeHead(302, { location: uplink.replace(/\/$/, '') + (request.url ?? '/') }).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, server };
}
