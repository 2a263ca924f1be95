/** Finding and making elements, with their types. */

/**
 * The element of the template with this id; a missing one is a mistake in the template.
 * @template {HTMLElement} T
 * @param {string} id
 * @param {{new (): T, prototype: T}} type
 * @returns {T}
 */
export function byId(id, type) {
  const element = document.getElementById(id);
  if (!(element instanceof type)) throw new Error(`the template has no ${type.name} #${id}`);
  return element;
}

/**
 * The part of a copied template that the selector finds; a missing one is a mistake in the template.
 * @template {HTMLElement} T
 * @param {ParentNode} whole
 * @param {string} selector
 * @param {{new (): T, prototype: T}} type
 * @returns {T}
 */
export function part(whole, selector, type) {
  const element = whole.querySelector(selector);
  if (!(element instanceof type)) throw new Error(`the template has no ${type.name} ${selector}`);
  return element;
}

/**
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {string} className
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[T]}
 */
export function make(tag, className, ...children) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...children);
  return element;
}

/**
 * Set text only where it differs, so that a live region speaks of changes alone.
 * @param {Element} element
 * @param {string} text
 */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
