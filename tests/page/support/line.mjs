// A line to a server that sees each request, and can be cut at any byte.

import http from 'node:http';

// Starts one to the server at `url`. `rule` decides about each request `{ method, url, headers }`. It
// returns nothing to pass it on, or
//   { answer: { status, headers } }  to answer instead of the server,
//   { cutAfter: BYTES }              to cut the line after so many bytes of the body,
//   { loseAnswer: true }             to cut it instead of passing on the answer,
//   { until: PROMISE }               to pass it on later.
export async function startLine(url) {
  const line = { to: new URL(url), requests: [], rule: () => undefined, isDown: false };
  const waiting = [];
  // Resolves with the next request for which `test` is true.
  line.next = (test) => new Promise((resolve) => waiting.push({ test, resolve }));

  const server = http.createServer(async (request, response) => {
    const { method, headers } = request;
    const seen = { method, url: request.url, headers, sent: 0 };
    line.requests.push(seen);
    for (const each of waiting.filter(({ test }) => test(seen))) {
      waiting.splice(waiting.indexOf(each), 1);
      each.resolve(seen);
    }
    if (line.isDown) return request.socket.destroy();
    const { answer, cutAfter = Infinity, loseAnswer, until } = line.rule(seen) ?? {};
    await until;
    if (request.socket.destroyed) return undefined;
    if (answer) {
      request.resume();
      request.on('end', () => response.writeHead(answer.status, answer.headers).end());
      return undefined;
    }
    const origin = headers.origin && { origin: line.to.origin };
    const onward = http.request(line.to, {
      method, path: request.url, headers: { ...headers, host: line.to.host, ...origin }, agent: false,
    });
    const cut = () => {
      onward.destroy();
      request.socket.destroy();
    };
    onward.on('error', cut);
    request.on('error', cut);
    response.on('close', () => onward.destroy());
    onward.on('response', (from) => {
      if (loseAnswer) {
        from.resume();
        from.on('end', cut);
        return;
      }
      response.writeHead(from.statusCode, from.headers);
      from.on('error', cut);
      from.pipe(response);
    });
    request.on('data', (data) => {
      const left = cutAfter - seen.sent;
      seen.sent += Math.min(data.length, left);
      const isOpen = onward.write(data.subarray(0, left));
      if (data.length >= left) {
        // What was sent arrives first.
        onward.end(() => {});
        request.pause();
        onward.socket?.end();
        request.socket.destroy();
      } else if (!isOpen) {
        request.pause();
        onward.once('drain', () => request.resume());
      }
    });
    request.on('end', () => onward.end());
    return undefined;
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  line.url = `http://127.0.0.1:${server.address().port}/`;
  line.stop = () => {
    server.closeAllConnections();
    server.close();
  };
  // How many bytes of bodies have passed.
  line.sent = () => line.requests.reduce((sum, { sent }) => sum + sent, 0);
  return line;
}
