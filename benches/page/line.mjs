// A line to a server that counts what passes, and can be as slow as a visitor's.

import net from 'node:net';

const PACKET = 1448;
// How much of a connection waits for the line before its sender has to, in bytes.
const WINDOW = 65_536;
// How late a timer may be and is still made up for, in milliseconds.
const LATE = 20;

/**
 * Starts a line to a port of 127.0.0.1. `down.bytes` and `up.bytes` are what has passed.
 * @param {number} port
 * @param {{ bitsPerSecond?: number, roundTrip?: number }} [speed]  of each way; in milliseconds
 */
export async function startLine(port, { bitsPerSecond = Infinity, roundTrip = 0 } = {}) {
  const down = new Way(bitsPerSecond, roundTrip / 2);
  const up = new Way(bitsPerSecond, roundTrip / 2);
  const server = net.createServer({ noDelay: true }, async (visitor) => {
    visitor.on('error', () => {});
    // It takes a round trip to open a connection.
    await new Promise((resolve) => setTimeout(resolve, roundTrip));
    const onward = net.connect({ port, host: '127.0.0.1', noDelay: true });
    onward.on('error', () => visitor.destroy());
    visitor.on('close', () => onward.destroy());
    up.carry(visitor, onward);
    down.carry(onward, visitor);
  });
  // The same port of another address, because a server may know its own.
  await new Promise((resolve, reject) => server.on('error', reject).listen(port, '::1', resolve));
  return { url: `http://[::1]:${port}/`, down, up, stop: () => server.close() };
}

// One way of the line. Connections share it packet by packet, as behind a router with fair queues.
class Way {
  bytes = 0;
  #millisecondsPerByte;
  #delay;
  #queues = new Set();
  #isBusy = false;
  // When the line is free again.
  #free = 0;

  constructor(bitsPerSecond, delay) {
    this.#millisecondsPerByte = 8000 / bitsPerSecond;
    this.#delay = delay;
  }

  carry(from, to) {
    const queue = { from, to, packets: [], bytes: 0 };
    this.#queues.add(queue);
    from.on('data', (data) => {
      for (let at = 0; at < data.length; at += PACKET) queue.packets.push(data.subarray(at, at + PACKET));
      queue.bytes += data.length;
      if (queue.bytes > WINDOW) from.pause();
      this.#run();
    });
    from.on('end', () => {
      queue.packets.push(null);
      this.#run();
    });
    // What a visitor no longer wants is not sent.
    to.on('close', () => this.#queues.delete(queue));
  }

  async #run() {
    if (this.#isBusy) return;
    this.#isBusy = true;
    for (let queue; (queue = this.#next()); ) {
      const packet = queue.packets.shift();
      const size = packet?.length ?? 0;
      const now = performance.now();
      this.#free = Math.max(this.#free, now - LATE) + size * this.#millisecondsPerByte;
      if (this.#free > now + 1) await new Promise((resolve) => setTimeout(resolve, this.#free - now));
      queue.bytes -= size;
      if (queue.bytes <= WINDOW / 2) queue.from.resume();
      if (this.#delay) setTimeout(() => this.#arrive(queue.to, packet), this.#delay);
      else this.#arrive(queue.to, packet);
    }
    this.#isBusy = false;
  }

  // The connection that has waited longest.
  #next() {
    for (const queue of this.#queues) {
      if (!queue.packets.length) continue;
      this.#queues.delete(queue);
      this.#queues.add(queue);
      return queue;
    }
    return null;
  }

  #arrive(to, packet) {
    if (to.destroyed) return;
    if (!packet) {
      to.end();
      return;
    }
    this.bytes += packet.length;
    to.write(packet);
  }
}
