// Events as servers send them.

/**
 * The events of a text in pieces, as [name, data].
 * @param {AsyncIterable<string>} pieces
 */
export async function* eventsOf(pieces) {
  let rest = '';
  for await (const piece of pieces) {
    const events = (rest + piece).split('\n\n');
    rest = events.pop();
    for (const event of events) {
      const [, name, data] = /^event:\x20(\w+)\ndata:\x20(.*)$/s.exec(event) ?? [];
      if (name) yield [name, JSON.parse(data)];
    }
  }
}
