// What was copied, as text, so that another tab can read it: moddle elements with their type, references left out but
// for the message an event waits for.

/** A tree of copied elements as JSON. */
export function written(tree) {
  return JSON.stringify(tree, (key, value) => {
    if (!value?.$type) return value;
    const own = { ...value };
    if (value.$descriptor?.isGeneric) own.$uri = value.$descriptor.ns.uri;
    else if (value.messageRef) own.messageRef = value.messageRef;
    return own;
  });
}

/** A tree of copied elements from JSON, made of elements of `moddle`. */
export function read(text, moddle) {
  return JSON.parse(text, (key, value) => {
    if (typeof value?.$type !== 'string') return value;
    const { $type, $uri, ...own } = value;
    return $uri ? moddle.createAny($type, $uri, own) : moddle.create($type, own);
  });
}
