/** A list of which only what changed is drawn: focus, pictures and open questions stay where they are. */

/**
 * @template T what is listed
 * @template {{row: HTMLElement}} R its elements
 */
export class Rows {
  #list;
  #make;
  #describe;
  /** @type {Map<string, {shown: R, item: T | null, language: string}>} */
  #rows = new Map();

  /**
   * @param {HTMLElement} list
   * @param {(item: T) => R} make
   * @param {(shown: R, item: T, language: string) => void} describe
   */
  constructor(list, make, describe) {
    this.#list = list;
    this.#make = make;
    this.#describe = describe;
  }

  /**
   * @param {readonly T[]} items
   * @param {(item: T) => string} key
   * @param {string} language
   */
  render(items, key, language) {
    const keys = new Set(items.map(key));
    for (const [name, { shown }] of this.#rows) {
      if (keys.has(name)) continue;
      shown.row.remove();
      this.#rows.delete(name);
    }
    let at = this.#list.firstElementChild;
    for (const item of items) {
      const { row } = this.#renderRow(item, key(item), language);
      if (row === at) at = at.nextElementSibling;
      else this.#list.insertBefore(row, at);
    }
  }

  /**
   * @param {T} item
   * @param {string} name
   * @param {string} language
   */
  #renderRow(item, name, language) {
    const known = this.#rows.get(name) ?? { shown: this.#make(item), item: null, language };
    this.#rows.set(name, known);
    if (known.item !== item || known.language !== language) this.#describe(known.shown, item, language);
    known.item = item;
    known.language = language;
    return known.shown;
  }
}
