// cloudflared and the loopback edge, which plays Cloudflare for it.
//
// Only works in its own network namespace, which tests/page/run.sh creates.

import { spawn } from 'node:child_process';
import fs from 'node:fs';
import https from 'node:https';
import path from 'node:path';
import readline from 'node:readline';
import { newFolder, target } from './program.mjs';

const cloudflared = process.env.SPOT_SERVE_TEST_CLOUDFLARED;
const isAlone = process.env.LOOPBACK_EDGE_IN_NAMESPACE === '1';

// Why the edge can't be used here; false if it can.
export const skip = !cloudflared || !isAlone ? 'there is no cloudflared, or no network namespace' : false;

// Starts an edge. `browserArgs` make a browser use it for every public name, over TLS; `variables`
// make the program use it.
export async function startEdge() {
  const edge = spawn(path.join(target, 'debug/loopback-edge'), ['--until-stdin-closes', '--public-tls', '127.0.0.1:0'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const line = await new Promise((resolve) => readline.createInterface(edge.stdout).once('line', resolve));
  const { api, args, public_tls: door } = JSON.parse(line);
  const config = newFolder('config');
  fs.mkdirSync(path.join(config, 'spot-serve'));
  const settings = `[tunnel]\ncloudflared = ${JSON.stringify(cloudflared)}\nservice = ${JSON.stringify(api)}\nargs = ${JSON.stringify(args)}\n`;
  fs.writeFileSync(path.join(config, 'spot-serve/config.toml'), settings);
  return {
    browserArgs: ['--ignore-certificate-errors', `--host-resolver-rules=MAP *.trycloudflare.com ${door}`],
    variables: { XDG_CONFIG_HOME: config },
    // A visitor's request to a link. Resolves to the answer, of which nothing is read yet.
    ask: (link, path, options = {}) => new Promise((resolve, reject) => {
      const { host, hostname } = new URL(link);
      const [address, port] = door.split(':');
      const { body, headers, ...others } = options;
      const request = https.request({
        host: address, port, servername: hostname, path, agent: false, rejectUnauthorized: false,
        headers: { host, ...headers }, ...others,
      }, resolve);
      request.on('error', reject);
      request.end(body);
    }),
    stop: () => edge.stdin.end(),
  };
}
