/** Who wants to be told of what. */
export class Listeners {
  #known = new Map();

  /** Call `listener` whenever `name` is told; the answer ends it. */
  on(name, listener) {
    const found = this.#known.get(name) ?? new Set();
    this.#known.set(name, found.add(listener));
    return () => found.delete(listener);
  }

  tell(name, detail) {
    for (const listener of [...this.#known.get(name) ?? []]) listener(detail);
  }
}
